"""What a risk enters and leaves, without a store."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.pipelines.alerts.judging import NOTHING, Risk, State, judge
from tenure.pipelines.settings.alerts import Alerts
from tenure.pipelines.settings.study import Bands

DAY = dt.date(2024, 1, 1)
BANDS = Bands()
MARGIN = Alerts().margin
PROBABILITY = st.floats(0.0, 1.0)


def entered(alerts: Alerts, risks: list[float], state: State = NOTHING) -> list[str]:
    """The kinds that were entered by risks of one day after the other, in their order."""
    past: dict[str, float] = {}
    found = []
    for place, risk in enumerate(risks):
        day = DAY + dt.timedelta(days=place)
        state, kinds = judge(Risk(risk, day, past), state, alerts, BANDS)
        found += [one.kind for one in kinds]
        past[day.isoformat()] = risk
    return found


@given(st.lists(st.floats(BANDS.high - MARGIN, BANDS.critical, exclude_max=True)))
def test_a_risk_that_wanders_within_the_margin_of_a_limit_enters_once(wandering: list[float]) -> None:
    assert entered(Alerts(kinds=["level"]), [0.1, BANDS.high, *wandering, BANDS.high]) == ["level"]


@given(st.lists(PROBABILITY, max_size=40))
def test_a_band_is_entered_no_more_often_than_it_was_left_and_once_more(risks: list[float]) -> None:
    alerts = Alerts(kinds=["level"], bands=["high"])
    left = sum(before >= BANDS.high - MARGIN > after for before, after in pairwise(risks))
    assert len(entered(alerts, risks)) <= left + 1


@given(st.lists(PROBABILITY, max_size=12), PROBABILITY)
def test_a_risk_that_stays_enters_nothing(risks: list[float], last: float) -> None:
    alerts = Alerts()
    assert len(entered(alerts, [*risks, last, last])) == len(entered(alerts, [*risks, last]))


@given(st.lists(PROBABILITY, min_size=1, max_size=12))
def test_without_kinds_nothing_is_entered(risks: list[float]) -> None:
    assert entered(Alerts(kinds=[]), risks) == []


@pytest.mark.parametrize(
    ("risks", "kinds"),
    [
        ([0.01, 0.16], ["drop"]),
        ([0.01, 0.15], []),  # 14 points
        ([0.01] * 8 + [0.05, 0.10, 0.15, 0.2], ["baseline", "drop"]),
        ([0.01] * 7 + [0.07], []),  # too few scores of their own
        ([0.01] * 8 + [0.07], ["baseline"]),
        ([0.01, 0.2, 0.2, 0.17, 0.2, 0.2], ["drop"]),  # one rise
        ([0.01, 0.2, 0.01, 0.2], ["drop", "drop"]),
    ],
)
def test_a_rise_within_a_week_and_a_score_unlike_ones_own(risks: list[float], kinds: list[str]) -> None:
    assert entered(Alerts(bands=["critical"]), risks) == kinds
