"""Answers kept for the units of a bucket: values by print, to be looked up and added to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.cache.block import Block
from tenure.pipelines.examples.roster import Prints


@dataclass(frozen=True)
class Answers:
    """`values` has a row a column and a place a unit; `prints` rise. `about` describes the columns."""

    prints: Prints
    values: NDArray[Any]
    about: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, prints: Prints, values: NDArray[Any], about: list[Any]) -> Answers:
        """Answers in any order of units."""
        order = np.argsort(prints, kind="stable")
        return cls(prints[order], values[:, order], about)

    def find(self, prints: Prints) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The places of some units, and which of them are there at all.

        >>> Answers(np.array([2, 5]), np.array([[0.2, 0.5]])).find(np.array([5, 4]))[1].tolist()
        [True, False]
        """
        if not len(self.prints):
            return np.zeros(len(prints), dtype=np.int64), np.zeros(len(prints), dtype=bool)
        places = np.minimum(np.searchsorted(self.prints, prints), len(self.prints) - 1)
        return places, self.prints[places] == prints

    def at(self, prints: Prints) -> NDArray[Any]:
        """The values of units that are there."""
        return self.values[:, self.find(prints)[0]]

    def with_fresh(self, fresh: Answers, current: Prints) -> Answers:
        """These answers as far as their units are `current`, replaced and completed by fresh ones."""
        stay = np.isin(self.prints, current) & ~np.isin(self.prints, fresh.prints)
        prints = np.concatenate([self.prints[stay], fresh.prints])
        return Answers.of(prints, np.concatenate([self.values[:, stay], fresh.values], axis=1), fresh.about)

    def block(self) -> Block:
        """The answers as they are kept; words as codes."""
        if self.values.dtype != object:
            return Block({"prints": self.prints, "values": self.values}, {"about": self.about})
        words, codes = np.unique(self.values.astype(str), return_inverse=True)
        held: dict[str, NDArray[Any]] = {
            "prints": self.prints,
            "values": codes.reshape(self.values.shape).astype(np.int8),
        }
        return Block(held, {"about": self.about, "words": words.tolist()})

    @classmethod
    def read(cls, block: Block | None) -> Answers | None:
        """The answers that were kept."""
        if block is None:
            return None
        values, words = block.arrays["values"], block.about.get("words")
        if words is not None:
            values = np.array([*words, None], dtype=object)[values]
        return cls(block.arrays["prints"], values, block.about["about"])
