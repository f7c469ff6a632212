from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tenure.models.feature import ColumnsDiffer, Feature
from tenure.models.fit import fit_race
from tenure.models.metrics import measure
from tenure.models.race import MODELS, Race, recency_alone
from tenure.models.settings import RaceSettings
from tenure.models.training_rows import ExamplesRefused, TooFewExamples

Features = tuple[Feature, ...]
World = Callable[..., pd.DataFrame]


def test_every_model_gives_calibrated_probabilities(race: Race, later: pd.DataFrame) -> None:
    found = race.predict(later)
    assert tuple(found.columns) == MODELS
    assert ((found > 0.0) & (found < 1.0)).all(axis=None)
    for name in MODELS:
        assert measure(later["label"], found[name], capacity=50)["calibration_error"] < 0.04


def test_what_is_known_to_matter_is_found(race: Race, later: pd.DataFrame) -> None:
    found = {
        name: measure(later["label"], values, capacity=50)["roc_auc"] for name, values in race.predict(later).items()
    }
    assert found["risk"] > found["recency"] + 0.05


def test_one_row_alone_equals_the_row_in_the_batch(race: Race, later: pd.DataFrame) -> None:
    alone = pd.concat([race.predict(later.iloc[[row]]) for row in range(100)])
    assert alone.equals(race.predict(later).iloc[:100])


def test_the_order_of_rows_changes_no_probability(race: Race, later: pd.DataFrame) -> None:
    turned = race.predict(later.iloc[::-1])
    assert turned.iloc[::-1].equals(race.predict(later))


def test_permuted_features_are_refused(race: Race, later: pd.DataFrame) -> None:
    with pytest.raises(ColumnsDiffer, match="not in the order of the model"):
        race.predict(later[later.columns[::-1]])


def test_all_missing_and_constant_features_are_no_obstacle(
    examples: pd.DataFrame, features: Features, settings: RaceSettings
) -> None:
    poor = examples.assign(days_since_last=np.nan, visits_count_28d=3.0)
    found = fit_race(poor, features=features, settings=settings).predict(poor)
    assert found.notna().all(axis=None)
    assert found["recency"].nunique() == 1


def test_without_a_recency_feature_the_baseline_is_the_base_rate(
    examples: pd.DataFrame, features: Features, settings: RaceSettings
) -> None:
    found = fit_race(examples, features=features, settings=replace(settings, recency=None)).predict(examples)
    assert found["recency"].iloc[0] == pytest.approx(examples["label"].mean(), abs=0.05)


def test_a_weight_of_two_counts_like_two_rows(world: World, features: Features, settings: RaceSettings) -> None:
    once = world(recency=0.8, visits=0.6, persons=200)
    twice = pd.concat([once, once], ignore_index=True)
    weighted = fit_race(once.assign(weight=2.0), features=features, settings=settings)
    assert weighted.logistic.weights == pytest.approx(
        fit_race(twice, features=features, settings=settings).logistic.weights, abs=0.05
    )


def test_recent_cutoffs_weigh_more_with_a_half_life(
    examples: pd.DataFrame, features: Features, settings: RaceSettings
) -> None:
    old = examples["as_of"] < "2024-04-01"
    drifted = examples.assign(label=np.where(old, 1.0 - examples["label"], examples["label"]))
    short = replace(settings, half_life_days=14.0)
    weights = [
        fit_race(drifted, features=features, settings=chosen).logistic.weights[1] for chosen in (settings, short)
    ]
    assert weights[1] < weights[0]


def test_no_positives_are_too_few_examples(examples: pd.DataFrame, features: Features, settings: RaceSettings) -> None:
    with pytest.raises(TooFewExamples, match="at least 10 positives to learn from, found 0"):
        fit_race(examples.assign(label=0.0), features=features, settings=settings)


def test_one_customer_only_is_too_few_examples(
    examples: pd.DataFrame, features: Features, settings: RaceSettings
) -> None:
    with pytest.raises(TooFewExamples, match="persons to learn from, found 1"):
        fit_race(examples.assign(customer_id="a"), features=features, settings=settings)


def test_an_unknown_label_is_refused(examples: pd.DataFrame, features: Features, settings: RaceSettings) -> None:
    unknown = examples.assign(label=examples["label"].where(examples.index > 0))
    with pytest.raises(ExamplesRefused, match=r"found 1 others \(customers c0000\)"):
        fit_race(unknown, features=features, settings=settings)


def test_recency_alone_makes_days_since_last_the_risk(race: Race, later: pd.DataFrame) -> None:
    found = recency_alone(race).predict(later)
    assert found["risk"].tolist() == found["recency"].tolist()
    assert found["logistic"].equals(race.predict(later)["logistic"])
