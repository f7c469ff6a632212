"""Which states a risk enters and leaves: a band, a rise within a week, a score unlike the customer's own."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tenure.pipelines.settings.alerts import Alerts, Kind
from tenure.pipelines.settings.study import Bands

WEEK = 7
"""Days within which a rise counts."""

OWN_DAYS = 84
"""Days of a customer's own scores with which a new one is compared."""

SPREAD = 1.4826
"""Times the median absolute deviation is the standard deviation, where values are normal (Iglewicz & Hoaglin 1993)."""


class State(NamedTuple):
    """What a customer is in by now, and the day on which people were last told, by kind."""

    band: str | None = None
    risen: bool = False
    unusual: bool = False
    level_on: str | None = None
    drop_on: str | None = None
    baseline_on: str | None = None


NOTHING = State()


@dataclass(frozen=True)
class Risk:
    """A customer's risk as it is now, None where there is none, and what was served of it before.

    `past` are the probabilities before, by the midnight they were as of, all by the model that scores now.
    """

    probability: float | None
    as_of: dt.date
    past: Mapping[str, float]

    @property
    def last(self) -> float | None:
        """The risk that was served last before this one."""
        return self.past[max(self.past)] if self.past else None

    def since(self, days: int) -> list[float]:
        """The probabilities of so many days before."""
        first, last = (self.as_of - dt.timedelta(days=days)).isoformat(), self.as_of.isoformat()
        return [value for day, value in self.past.items() if first <= day < last]


class Entered(NamedTuple):
    """A state that was entered, and the risk with which the present one was compared."""

    kind: Kind
    before: float | None


def judge(risk: Risk, state: State, alerts: Alerts, bands: Bands) -> tuple[State, list[Entered]]:
    """The state after a risk, and what was entered by it.

    >>> bands, alerts = Bands(high=0.25), Alerts(kinds=["level"], bands=["high"], margin=0.02)
    >>> state, entered = judge(Risk(0.3, dt.date(2024, 1, 2), {}), NOTHING, alerts, bands)
    >>> state.band, [one.kind for one in entered]
    ('high', ['level'])
    >>> judge(Risk(0.24, dt.date(2024, 1, 3), {}), state, alerts, bands) == (state, [])  # not yet left
    True
    """
    limits = limits_of(alerts, bands)
    band = settled(state.band, risk.probability, limits, alerts.margin)
    found = [Entered("level", None)] if band is not None and _above(band, state.band, limits) else []
    risen, low = _risen(risk, state.risen, alerts)
    unusual, usual = _unusual(risk, state.unusual, alerts)
    if risen and not state.risen:
        found.append(Entered("drop", low))
    if unusual and not state.unusual:
        found.append(Entered("baseline", usual))
    after = state._replace(band=band, risen=risen, unusual=unusual)
    return after, [one for one in found if one.kind in alerts.kinds]


def limits_of(alerts: Alerts, bands: Bands) -> dict[str, float]:
    """The lower limits of the bands of which people are told, rising."""
    return {name: getattr(bands, name) for name in ("medium", "high", "critical") if name in alerts.bands}


def settled(before: str | None, probability: float | None, limits: Mapping[str, float], margin: float) -> str | None:
    """The band somebody is in: entered at its limit, left only when the risk is `margin` below that.

    >>> limits = {"high": 0.25, "critical": 0.5}
    >>> [settled(band, p, limits, 0.02) for band, p in ((None, 0.49), ("critical", 0.49), ("critical", 0.24))]
    ['high', 'critical', 'high']
    """
    if probability is None:
        return None
    reached = None
    for name, limit in limits.items():
        held = before is not None and before in limits and limit <= limits[before]
        if probability >= (limit - margin if held else limit):
            reached = name
    return reached


def worth_a_look(alerts: Alerts) -> float | None:
    """The least rise within a week by which anybody can have entered `drop` or `baseline`; None without either."""
    wanted = {"drop": alerts.rise, "baseline": alerts.least_rise}
    return min((rise for kind, rise in wanted.items() if kind in alerts.kinds), default=None)


def _above(band: str, before: str | None, limits: Mapping[str, float]) -> bool:
    return before is None or limits[band] > limits.get(before, 0.0)


def _risen(risk: Risk, before: bool, alerts: Alerts) -> tuple[bool, float | None]:
    rise, low = _rise(risk)
    return rise is not None and rise >= alerts.rise - (alerts.margin if before else 0.0), low


def _rise(risk: Risk) -> tuple[float | None, float | None]:
    """By how much the risk is above its lowest within a week, and that."""
    week = risk.since(WEEK)
    return (risk.probability - min(week), min(week)) if risk.probability is not None and week else (None, None)


def _unusual(risk: Risk, before: bool, alerts: Alerts) -> tuple[bool, float | None]:
    own = risk.since(OWN_DAYS)
    if risk.probability is None or len(own) < alerts.least_scores:
        return False, None
    usual, spread = _usual(own)
    limit = usual + max(alerts.unusual * spread, alerts.least_rise)
    if before:
        return risk.probability >= limit - alerts.margin, usual
    rise, _ = _rise(risk)
    higher = risk.last is not None and risk.probability > risk.last  # a history that just became long enough is no news
    return risk.probability >= limit and (rise or 0.0) >= alerts.least_rise and higher, usual


def _usual(own: Sequence[float]) -> tuple[float, float]:
    """The median of some scores and their spread."""
    middle = statistics.median(own)
    return middle, SPREAD * statistics.median(abs(one - middle) for one in own)
