"""How many customers have which risk, as a small picture with the line at which the list is cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    """The bars, those of the chosen in front of them, and where the cut is (None where risk does not cut the list)."""

    bars: list[Bar]
    cut: float | None
    front: list[Bar]
    width: int = WIDTH
    height: int = HEIGHT


def histogram(counts: Sequence[int], cut: float | None, *, chosen: Sequence[int] = ()) -> Histogram:
    """Bars as high as the square root of their number, so that few people at high risk can still be seen.

    Whoever has at least the risk `cut` is marked, or `chosen`, which counts them bar by bar.

    >>> found = histogram([100, 0, 25, 1], 0.6)
    >>> [round(bar.height) for bar in found.bars], found.cut
    ([110, 0, 55, 11], 384.0)
    >>> [round(bar.height) for bar in histogram([100, 0, 25, 1], None, chosen=[0, 0, 4, 1]).front]
    [0, 0, 22, 11]
    """
    most = math.sqrt(max(counts, default=0)) or 1.0
    bars, limit = _bars(counts, most, "with"), math.inf if cut is None else 100 * cut
    marked = [replace(bar, chosen=100 * (place + 1) / len(counts) > limit) for place, bar in enumerate(bars)]
    front = [replace(bar, chosen=True) for bar in _bars(chosen, most, "of them with")]
    return Histogram(marked, None if cut is None else cut * WIDTH, front)


def _bars(counts: Sequence[int], most: float, of: str) -> list[Bar]:
    step, bars = WIDTH / max(len(counts), 1), []
    for place, count in enumerate(counts):
        height = (HEIGHT - 10) * math.sqrt(count) / most
        low, high = 100 * place / len(counts), 100 * (place + 1) / len(counts)
        said = f"{count:,} {of} {low:g} to {high:g} of 100"
        bars.append(Bar(place * step, HEIGHT - height, step * 0.85, height, said, False))
    return bars
