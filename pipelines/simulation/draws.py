"""Random numbers that hang on nothing but the seed, their purpose and the week: the same whatever was done."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Draws:
    """A number for each of `size` customers, for each purpose and week.

    Everybody draws in every week, also those who have left, so that a contact of one customer moves nobody's numbers:
    these are the common random numbers by which courses of events with and without contacts are compared.

    >>> a, b = Draws(7, 3), Draws(7, 3)
    >>> bool((a.uniform("case", 2) == b.uniform("case", 2)).all())
    True
    >>> bool((a.uniform("case", 2) == a.uniform("case", 3)).any())
    False
    """

    seed: int
    size: int
    course: int = 0
    """0 for what happens; other numbers are futures that might happen as well."""

    def of(self, purpose: str, week: int = 0) -> np.random.Generator:
        """The generator for a purpose and a week."""
        key = [self.seed, self.course, zlib.crc32(purpose.encode()), week]
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(key)))

    def uniform(self, purpose: str, week: int = 0) -> Floats:
        """Numbers in [0, 1)."""
        return self.of(purpose, week).random(self.size)

    def normal(self, purpose: str, week: int = 0) -> Floats:
        """Numbers with mean 0 and standard deviation 1."""
        return self.of(purpose, week).standard_normal(self.size)

    def chosen(self, purpose: str, weights: tuple[float, ...], week: int = 0) -> Ints:
        """Places in a table of weights, each as often as its weight says."""
        edges = np.cumsum(weights) / sum(weights)
        return np.minimum(np.searchsorted(edges, self.uniform(purpose, week), side="right"), len(weights) - 1)
