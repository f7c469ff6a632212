"""Figures with their intervals below each other, as a small picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH, LEFT, RIGHT, ROW = 640, 150, 20, 22
MOST_LETTERS = 22


class Figure(NamedTuple):
    """What is drawn of one row: its name, its figure and interval, and what it says."""

    name: str
    value: float
    low: float
    high: float
    said: str


class Line(NamedTuple):
    """A row in the picture's own units."""

    name: str
    y: float
    low: float
    value: float
    high: float
    said: str


@dataclass(frozen=True)
class Forest:
    """The rows, where 0 lies, and the ticks of the axis with their labels."""

    lines: list[Line]
    zero: float
    ticks: list[tuple[float, str]]
    height: int
    width: int = WIDTH
    left: int = LEFT


def forest(figures: Sequence[Figure]) -> Forest | None:
    """The picture of some figures, 0 always within; None where there are none.

    >>> found = forest([Figure("call", 5.0, -5.0, 15.0, "5 of 100")])
    >>> [(tick, label) for tick, label in found.ticks], found.lines[0].value == found.ticks[2][0]
    ([(150.0, '-5'), (267.5, '0'), (385.0, '5'), (502.5, '10'), (620.0, '15')], True)
    """
    if not figures:
        return None
    low = min(0.0, *(one.low for one in figures))
    high = max(0.0, *(one.high for one in figures))
    step = _step(high - low)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    scale = (WIDTH - LEFT - RIGHT) / (max(last - first, 1) * step)

    def place(value: float) -> float:
        return LEFT + (value - first * step) * scale

    lines = [
        Line(_short(one.name), ROW * (n + 0.5), place(one.low), place(one.value), place(one.high), one.said)
        for n, one in enumerate(figures)
    ]
    ticks = [(place(n * step), f"{n * step:g}") for n in range(first, last + 1)]
    return Forest(lines, place(0.0), ticks, ROW * len(figures))


def _step(span: float) -> float:
    """A round distance between at most seven ticks.

    >>> _step(20.0), _step(0.7), _step(0.0)
    (5.0, 0.2, 1.0)
    """
    if span <= 0:
        return 1.0
    unit = float(10.0 ** math.floor(math.log10(span)))
    return next(round(unit * part, 12) for part in (0.2, 0.5, 1.0, 2.0) if span / (unit * part) <= 5)


def _short(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}\u2026"
