"""Features, labels and scores made by a cluster are those of one machine, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from cluster import OnSpark
from shop import DEVELOPMENT, LAST, ORIGINS

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.proof.positives import positives
from tenure.pipelines.registry import Registry, model_name
from tenure.pipelines.scoring.model import open_model
from tenure.pipelines.scoring.score import score


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal to the last bit, types and order included."""
    pd.testing.assert_frame_equal(found, expected, check_exact=True, check_index_type=True, check_freq=False)


def elsewhere(study: Study, on_spark: OnSpark) -> Study:
    return replace(study, project=on_spark(study.project))


def test_features_and_labels_are_the_same(shop: Study, on_spark: OnSpark) -> None:
    days = {DEVELOPMENT, *ORIGINS}
    here = build_examples(shop, days, knowledge=days, everybody=True, processes=1)
    there = build_examples(elsewhere(shop, on_spark), days, knowledge=days, everybody=True)
    same(there.frame, here.frame)
    assert there.fitted == here.fitted
    assert [c.feature for c in there.columns] == [c.feature for c in here.columns]
    assert here.frame["label"].notna().any()


def test_positives_are_the_same(shop: Study, on_spark: OnSpark) -> None:
    assert positives(elsewhere(shop, on_spark), ORIGINS) == positives(shop, ORIGINS)


def test_scores_and_reasons_are_the_same(
    trained: Path, in_buckets: Callable[[Path], Study], on_spark: OnSpark, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenure.pipelines.scoring.score.EXPLAINED", 50)
    study = in_buckets(trained)
    registered = Registry(study.project.data).with_alias(model_name(study.project.name, study.name))
    model = open_model(registered.directory)
    here = score(study, model, LAST, processes=1)
    there = score(elsewhere(study, on_spark), model, LAST)
    same(there.drop(columns="reasons"), here.drop(columns="reasons"))
    assert there["reasons"].tolist() == here["reasons"].tolist()
    assert here["reasons"].notna().sum() == 50


def test_nothing_is_left_beside_the_lake(shop: Study, on_spark: OnSpark) -> None:
    positives(elsewhere(shop, on_spark), ORIGINS[:1])
    assert list((shop.project.data / "spark").glob("work-*")) == []
