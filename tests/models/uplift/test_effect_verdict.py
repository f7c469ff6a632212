from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tenure.models.bootstrap import Interval
from tenure.models.uplift.effect import FittedEffect
from tenure.models.uplift.measures import EffectMeasures, measure_effect
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.study import study_effect
from tenure.models.uplift.trial import Trial
from tenure.models.uplift.verdict import judge_effect, people_needed

Invented = Callable[..., tuple[Trial, np.ndarray]]


@pytest.fixture(scope="module")
def measures(fitted: FittedEffect) -> EffectMeasures:
    return measure_effect(fitted.proof, capacity=0.2, replicates=100, seed=1)


def test_where_people_can_be_told_apart_uplift_is_to_be_used(measures: EffectMeasures) -> None:
    found = judge_effect(measures)
    assert found.name == "use uplift"
    assert "among the first 20% by estimated effect (one kept by" in found.sentence


def test_an_effect_alike_for_all_leaves_nothing_to_target(world: Invented, settings: EffectSettings) -> None:
    found = study_effect(world(alike=0.7)[0], capacity=0.2, settings=settings, replicates=100)
    assert found.verdict.name == "use risk x value"
    assert "nobody can be told apart" in found.verdict.sentence
    assert found.model is not None and found.measures is not None


@pytest.mark.parametrize("seed", range(3))
def test_no_effect_cannot_be_shown(world: Invented, settings: EffectSettings, seed: int) -> None:
    found = study_effect(world(seed=seed)[0], capacity=0.2, settings=settings, replicates=100)
    assert found.verdict.name == "cannot show an effect"
    assert "people are needed" in found.verdict.sentence


def test_few_who_left_are_not_enough_data(world: Invented) -> None:
    found = study_effect(world(people=200, chance=0.9)[0], capacity=0.2)
    assert found.verdict.name == "not enough data"
    assert "needed are at least 50" in found.verdict.sentence
    assert found.model is None


def test_a_known_risk_is_the_ranking_to_beat(measures: EffectMeasures) -> None:
    no_better = replace(measures, average=Interval(0.03, 0.01, 0.05), over_risk=Interval(0.001, -0.001, 0.003))
    found = judge_effect(no_better)
    assert found.name == "use risk x value"
    assert "the first 20% by effect times value earn no more than by risk times value" in found.sentence


def test_contacts_that_drive_away_are_called_so(measures: EffectMeasures) -> None:
    harmful = replace(
        measures, average=Interval(-0.02, -0.03, -0.01), over_nothing_strict=Interval(-0.001, -0.01, 0.01)
    )
    found = judge_effect(harmful)
    assert found.name == "cannot show an effect"
    assert "they drive away" in found.sentence


def test_a_mean_of_zero_may_hide_people_worth_contacting(measures: EffectMeasures) -> None:
    assert judge_effect(replace(measures, average=Interval(0.0, -0.02, 0.02))).name == "use uplift"


def test_estimates_too_far_apart_are_not_used(measures: EffectMeasures) -> None:
    apart = judge_effect(replace(measures, average=Interval(0.03, 0.01, 0.05), slope=Interval(0.3, 0.1, 0.6)))
    assert apart.name == "use risk x value"
    assert "not of the right size (slope 0.30, 0.10 to 0.60)" in apart.sentence


def test_a_ranking_that_is_no_better_at_the_capacity_is_not_used(measures: EffectMeasures) -> None:
    found = judge_effect(
        replace(measures, average=Interval(0.03, 0.01, 0.05), over_random=Interval(0.001, -0.001, 0.003))
    )
    assert found.name == "use risk x value"
    assert "no more than as many at random beyond noise" in found.sentence


def test_the_number_of_people_needed_by_hand(measures: EffectMeasures) -> None:
    given = replace(measures, rate=Interval(0.1, 0.09, 0.11), score_spread=0.6)
    assert people_needed(given) == 28_224  # (2.8 * 0.6 / 0.01) ** 2 = 168 ** 2
