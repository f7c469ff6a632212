"""Sums over groups of units: what a family may know of others, exact and without an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class GroupSums:
    """Whole-number sums by group; `groups` are sorted words, every measure has one number a group.

    Sums of whole numbers do not depend on order or on how the units were spread over machines, and a
    unit's own part can be taken out again without a trace.
    """

    groups: tuple[str, ...] = ()
    measures: Mapping[str, Ints] = field(default_factory=dict)

    @classmethod
    def of(cls, groups: Sequence[str | None] | NDArray[np.object_], **measures: Ints) -> GroupSums:
        """Add up rows by their group; rows without a group are left out.

        >>> GroupSums.of(["b", None, "b"], people=np.array([1, 1, 1])).measures["people"].tolist()
        [2]
        """
        named = np.array([group is not None for group in groups], dtype=bool)
        words, place = np.unique(np.asarray(groups, dtype=object)[named].astype(str), return_inverse=True)
        sums = {}
        for name, values in measures.items():
            sums[name] = np.zeros(len(words), dtype=np.int64)
            np.add.at(sums[name], place, np.asarray(values, dtype=np.int64)[named])
        return cls(tuple(words.tolist()), sums)

    @classmethod
    def coded(cls, codes: Ints, words: Sequence[str], **measures: Ints) -> GroupSums:
        """Add up rows by the code of their group in the sorted `words`; rows with code -1 are left out.

        >>> GroupSums.coded(np.array([1, -1, 1]), ["a", "b"], people=np.array([1, 1, 1])).to_json()
        {'groups': ['b'], 'measures': {'people': [2]}}
        """
        held = np.flatnonzero(codes >= 0)
        there = np.flatnonzero(np.bincount(codes[held], minlength=len(words)))
        sums = {}
        for name, values in measures.items():
            total = np.zeros(len(words), dtype=np.int64)
            np.add.at(total, codes[held], values[held])
            sums[name] = total[there]
        return cls(tuple(words[place] for place in there.tolist()), sums)

    @classmethod
    def total(cls, parts: Iterable[GroupSums]) -> GroupSums:
        """The sums of several parts together."""
        held = [part for part in parts if part.groups]
        if len(held) < 2:
            return held[0] if held else cls()
        names = sorted({name for part in held for name in part.measures})
        groups = np.array([group for part in held for group in part.groups], dtype=object)
        measures = {
            name: np.concatenate([part.measures.get(name, np.zeros(len(part.groups), np.int64)) for part in held])
            for name in names
        }
        return cls.of(groups, **measures)

    def at(self, groups: Sequence[str | None] | NDArray[np.object_], measure: str) -> Ints:
        """The sum of a measure for each wanted group, 0 for a group nobody is in.

        >>> GroupSums.of(["a", "a"], people=np.array([1, 1])).at(["a", "z", None], "people").tolist()
        [2, 0, 0]
        """
        if not self.groups or measure not in self.measures:
            return np.zeros(len(groups), dtype=np.int64)
        place = {group: number for number, group in enumerate(self.groups)}
        found = np.array([place.get(group, -1) if group is not None else -1 for group in groups], dtype=np.int64)
        return np.where(found < 0, 0, self.measures[measure][found])

    def to_json(self) -> dict[str, Any]:
        """The sums as plain data."""
        return {"groups": list(self.groups), "measures": {k: v.tolist() for k, v in self.measures.items()}}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> GroupSums:
        """Read sums back."""
        measures = {name: np.array(values, dtype=np.int64) for name, values in held["measures"].items()}
        return cls(tuple(held["groups"]), measures)


Tables = Mapping[str, Mapping[str, GroupSums]]
"""Context tables of one `as_of`: by family, then by the name the family gave them."""


def add_tables(parts: Iterable[Tables]) -> Tables:
    """The context tables of several buckets as one."""
    held = list(parts)
    names = sorted({(family, name) for part in held for family, tables in part.items() for name in tables})
    found: dict[str, dict[str, GroupSums]] = {}
    for family, name in names:
        sums = [part[family][name] for part in held if name in part.get(family, {})]
        found.setdefault(family, {})[name] = GroupSums.total(sums)
    return found


def tables_to_json(tables: Tables) -> dict[str, Any]:
    """Context tables as plain data."""
    return {f: {name: sums.to_json() for name, sums in found.items()} for f, found in tables.items()}


def tables_from_json(held: Mapping[str, Any]) -> Tables:
    """Read context tables back."""
    return {f: {name: GroupSums.from_json(sums) for name, sums in found.items()} for f, found in held.items()}
