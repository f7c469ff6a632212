"""The score over time as a small picture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tenure.pipelines.settings.study import Bands
from tenure.pipelines.store.past import Past

WIDTH, HEIGHT = 640, 160
LEFT = 30


@dataclass(frozen=True)
class Point:
    """A score, in the picture's own units, and what it says."""

    x: float
    y: float
    said: str
    band: str


@dataclass(frozen=True)
class Course:
    """The points and the line through them, the limits of the bands, and the first and last day."""

    points: list[Point]
    path: str
    limits: list[tuple[str, float]]
    first: str
    last: str
    models: list[float]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def course(past: Sequence[Past], bands: Bands) -> Course | None:
    """The picture of a unit's scores; None with fewer than two. `models` are where another model took over."""
    if len(past) < 2:
        return None
    days = [dt.date.fromisoformat(one.as_of).toordinal() for one in past]
    span = max(days[-1] - days[0], 1)
    xs = [LEFT + (WIDTH - LEFT - 10) * (day - days[0]) / span for day in days]
    points = [
        Point(x, _height(one.probability), f"{one.as_of}: {100 * one.probability:.0f} of 100", one.band)
        for x, one in zip(xs, past, strict=True)
    ]
    path = "M" + " L".join(f"{point.x:.1f} {point.y:.1f}" for point in points)
    limits = [(name, _height(getattr(bands, name))) for name in ("medium", "high", "critical")]
    models = [
        (xs[n] + xs[n - 1]) / 2 for n in range(1, len(past)) if past[n].model_version != past[n - 1].model_version
    ]
    return Course(points, path, limits, past[0].as_of, past[-1].as_of, models)


def _height(probability: float) -> float:
    """
    >>> _height(0.0), _height(1.0)
    (160.0, 0.0)
    """
    return HEIGHT * (1.0 - probability)
