"""Whom the model has seen many of: settled customers, new ones, and those with a category it does not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.models.odds import Floats

GROUPS = ("settled", "new", "unknown_category")

NEWEST = 0.1
"""New is who was known for less long than nine of ten of the rows learnt from."""


@dataclass(frozen=True)
class Likeness:
    """In which group a row is.

    `age` is the column of days since the first interaction (None: nobody is new), new those known for fewer than
    `new_days`, and who has no first interaction. `categories` are the columns of 0 and 1 of each category; who has one,
    and none of those, has an unknown one.
    """

    age: int | None = None
    new_days: float = 0.0
    categories: tuple[tuple[int, ...], ...] = ()

    def group(self, matrix: Floats) -> NDArray[np.int64]:
        """The place in `GROUPS` of every row; an unknown category counts before being new."""
        group = np.zeros(len(matrix), dtype=np.int64)
        if self.age is not None:
            group[~(matrix[:, self.age] >= self.new_days)] = 1
        for columns in self.categories:
            group[(matrix[:, columns] == 0.0).all(axis=1)] = 2
        return group


def learn_likeness(
    matrix: Floats, *, names: Sequence[str], age: str | None, categories: Sequence[Sequence[str]]
) -> Likeness:
    """Find columns by name, leaving out names that are not there, and from what age on a customer is not new."""
    places = {name: place for place, name in enumerate(names)}
    known = tuple(tuple(places[name] for name in one if name in places) for one in categories)
    column = places.get(age) if age is not None else None
    if column is None or np.isnan(matrix[:, column]).all():
        return Likeness(None, 0.0, tuple(filter(None, known)))
    return Likeness(column, float(np.nanquantile(matrix[:, column], NEWEST)), tuple(filter(None, known)))
