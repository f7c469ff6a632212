"""How many scores have which risk: the bars of a set's histogram, and those of the contacts that are chosen of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sqlalchemy import ColumnElement, Connection, select

from tenure.pipelines.store.tables import scores

STEPS = 40
"""Bars of the histogram of probabilities, of equal width from 0 to 1."""


def in_steps(risks: ArrayLike) -> list[int]:
    """How many of some probabilities are in each step.

    >>> in_steps([0.01, 0.02, 0.99])[:2], in_steps([0.01, 0.02, 0.99])[-1]
    ([2, 0], 1)
    """
    return [int(count) for count in np.histogram(risks, bins=STEPS, range=(0.0, 1.0))[0]]


def steps_of(connection: Connection, chosen: ColumnElement[bool]) -> list[int]:
    """How many of the scores that a condition chooses are in each step."""
    return in_steps(np.array(connection.scalars(select(scores.c.probability).where(chosen)).all(), dtype=np.float64))
