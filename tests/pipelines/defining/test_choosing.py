"""The rule by which a definition is recommended, and what it says."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Any

from definitions import MONDAY, outcome, plan

from tenure.models.bootstrap import Interval
from tenure.pipelines.defining.choosing import Choice, choose
from tenure.pipelines.defining.judgement import CHANCE, FEW, STALE, UNTESTED, Judgement, Limits
from tenure.pipelines.defining.plan import Definition


def around(value: float, reach: float = 0.02) -> Interval:
    return Interval(value, value - reach, value + reach)


def judged(horizon: int, window: int | None, false: float, auc: float = 0.8, **changes: Any) -> Judgement:
    usual = Judgement(
        Definition(horizon, window), eligible=900, lost=300, people=250, base_rate=1 / 3, followed=300,
        returned=int(300 * false), false_churn=around(false), already_lost=0.0, noticed=40, mean_delay=horizon + 4,
        median_delay=horizon + 4, missed=0.0, roc_auc=around(auc), recency_roc_auc=around(0.6),
        average_precision=around(0.5),
    )  # fmt: skip
    one = replace(usual, **changes)
    return replace(one, against=Limits().against(one))


def chosen(*some: Judgement) -> Choice:
    return choose(some, Limits(), plan(outcome(), judged=(MONDAY, MONDAY + dt.timedelta(7))))


def test_the_shortest_horizon_that_keeps_the_limit_is_recommended() -> None:
    found = chosen(judged(28, 28, 0.7), judged(56, 28, 0.45), judged(91, 28, 0.2))
    assert (found.definition, found.good) == (Definition(56, 28), True)
    assert found.sentence == (
        "Recommended: no purchase in 56 days, asked of those active in the 28 days before. It is the shortest horizon "
        "at which at most 50 of 100 called lost come back: 45 of 100 (43 to 47) do within 56 days, and a real loss is "
        "noticed 60 days after the last activity on average. 28 days would notice it 28 days sooner, but 70 of 100 "
        "would come back."
    )


def test_of_its_windows_the_one_seldom_wrong_is_taken_and_beyond_noise_the_most_predictable() -> None:
    clear = chosen(judged(56, 28, 0.45, auc=0.9), judged(56, 56, 0.30))
    assert clear.definition == Definition(56, 56)
    noise = chosen(judged(56, 28, 0.31, auc=0.9), judged(56, 56, 0.30))
    assert noise.definition == Definition(56, 28)


def test_where_most_come_back_at_every_horizon_it_says_so_and_names_the_least_wrong() -> None:
    found = chosen(judged(28, 28, 0.9), judged(56, 28, 0.7))
    assert (found.definition, found.good) == (Definition(56, 28), False)
    assert found.sentence.startswith("None of the definitions compared is good: at every one that can be judged more")
    assert "Read it as a pause" in found.sentence


def test_a_definition_that_cannot_be_trusted_is_not_even_the_least_wrong() -> None:
    blind = judged(28, 28, 0.2, auc=0.5, recency_roc_auc=around(0.5))
    few, stale = judged(56, 28, 0.2, people=99), judged(14, 91, 0.2, already_lost=0.5)
    assert [one.against for one in (blind, few, stale)] == [(CHANCE,), (FEW,), (STALE,)]
    found = chosen(blind, few, stale)
    assert (found.definition, found.good) == (None, False)
    assert "asked too late, not predictable, too few lost" in found.sentence


def test_what_nobody_knows_speaks_against_a_definition() -> None:
    unknown = Interval(math.nan, math.nan, math.nan)
    found = judged(28, 28, 0.2, people=0, false_churn=unknown, roc_auc=unknown, recency_roc_auc=unknown)
    assert found.against == (FEW, UNTESTED)


def test_without_a_real_loss_the_delay_is_said_to_be_unknown() -> None:
    found = chosen(judged(28, None, 0.2, noticed=0, mean_delay=math.nan))
    assert "asked of everybody eligible" in found.sentence
    assert "how late a real loss is noticed cannot be told" in found.sentence
