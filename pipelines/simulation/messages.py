"""What customers and agents write in four languages, in words of our own; it sounds as things stand."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import Any

import numpy as np

from tenure.pipelines.simulation.draws import Floats, Ints, Mask
from tenure.pipelines.simulation.people import LANGUAGES

MOODS = ("good", "middling", "bad")
MANNERS = ("kind", "sorry")


@dataclass(frozen=True)
class Words:
    """All texts there are, and where in them those of a language and a mood begin, and how many they are.

    `theirs` has rows by language, columns by mood; `ours` has language, manner and first name.
    """

    texts: tuple[str, ...]
    theirs: Ints
    moods: Ints
    ours: Ints
    manners: int
    first_names: tuple[tuple[str, ...], ...]
    last_names: tuple[tuple[str, ...], ...]

    def of_customers(self, language: Ints, mood: Ints, chance: Floats) -> Ints:
        """A text for each customer's message, chosen by a number in [0, 1)."""
        many = self.moods[language, mood]
        return self.theirs[language, mood] + np.floor(chance * many).astype(np.int64)

    def of_agents(self, language: Ints, name: Ints, sorry: Mask, chance: Floats) -> Ints:
        """A text for each of our messages to a customer with this first name."""
        return self.ours[language, sorry.astype(np.int64), name] + np.floor(chance * self.manners).astype(np.int64)


@lru_cache(maxsize=1)
def words() -> Words:
    """The words that come with Tenure.

    >>> words().texts[0]
    'Hello, could you tell me how to add a second user to our account? Thank you!'
    """
    held = [_language(name) for name in LANGUAGES]
    texts: list[str] = []
    theirs, moods = (np.zeros((len(held), len(MOODS)), dtype=np.int64) for _ in range(2))
    names = len(held[0]["first_names"])
    ours = np.zeros((len(held), len(MANNERS), names), dtype=np.int64)
    for row, content in enumerate(held):
        for column, mood in enumerate(MOODS):
            parts = content[mood]
            made = [" ".join(three) for three in product(parts["openings"], parts["bodies"], parts["closings"])]
            theirs[row, column], moods[row, column] = len(texts), len(made)
            texts += made
        for column, manner in enumerate(MANNERS):
            for place, name in enumerate(content["first_names"]):
                ours[row, column, place] = len(texts)
                texts += [said.format(name=name) for said in content["ours"][manner]]
    return Words(
        texts=tuple(texts),
        theirs=theirs,
        moods=moods,
        ours=ours,
        manners=len(held[0]["ours"]["kind"]),
        first_names=tuple(tuple(content["first_names"]) for content in held),
        last_names=tuple(tuple(content["last_names"]) for content in held),
    )


def _language(name: str) -> dict[str, Any]:
    file = files("tenure.pipelines.simulation") / "languages" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
