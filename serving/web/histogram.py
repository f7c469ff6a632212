"""How many customers have which risk, as a small picture with the line at which the list is cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 120


@dataclass(frozen=True)
class Bar:
    """One bar, in the picture's own units, and what it says."""

    x: float
    y: float
    width: float
    height: float
    said: str
    chosen: bool


@dataclass(frozen=True)
class Histogram:
    """The bars, and where the cut is (None where nobody is on the list)."""

    bars: list[Bar]
    cut: float | None
    width: int = WIDTH
    height: int = HEIGHT


def histogram(counts: Sequence[int], cut: float | None) -> Histogram:
    """Bars as high as the square root of their number, so that few people at high risk can still be seen.

    >>> found = histogram([100, 0, 25, 1], 0.6)
    >>> [round(bar.height) for bar in found.bars], found.cut
    ([110, 0, 55, 11], 384.0)
    """
    step = WIDTH / max(len(counts), 1)
    most = math.sqrt(max(counts, default=0)) or 1.0
    bars = []
    for place, count in enumerate(counts):
        height = (HEIGHT - 10) * math.sqrt(count) / most
        low, high = 100 * place / len(counts), 100 * (place + 1) / len(counts)
        said = f"{count:,} with {low:g} to {high:g} of 100"
        chosen = cut is not None and high / 100 > cut
        bars.append(Bar(place * step, HEIGHT - height, step * 0.85, height, said, chosen))
    return Histogram(bars, None if cut is None else cut * WIDTH)
