"""Features, labels and scores made by a cluster are those of one machine, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cluster import Import, OnSpark, elsewhere
from everything import CUTOFFS
from shop import LAST, ORIGINS

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.features.family import BUILT_IN
from tenure.pipelines.proof.positives import positives
from tenure.pipelines.registry import Registry, model_name
from tenure.pipelines.scoring.model import open_model
from tenure.pipelines.scoring.score import score
from tenure.pipelines.settings.project import Project


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal to the last bit, types and order included."""
    pd.testing.assert_frame_equal(found, expected, check_exact=True, check_index_type=True, check_freq=False)


def test_all_families_give_the_same(everything: Project, on_spark: OnSpark, imported: Import) -> None:
    features = everything.features.model_copy(update={"families": tuple(BUILT_IN)})
    everything = everything.model_copy(update={"features": features})
    study, days = Study.of(everything, imported(everything)), set(CUTOFFS)
    here = build_examples(study, days, knowledge=days, everybody=True, processes=1)
    there = build_examples(elsewhere(study, on_spark), days, knowledge=days, everybody=True)
    same(there.frame, here.frame)
    for day in days:
        assert there.fitted[day].keys == here.fitted[day].keys
        np.testing.assert_equal(there.fitted[day].learnt, here.fitted[day].learnt)
    assert [column.feature for column in there.columns] == [column.feature for column in here.columns]
    assert set(here.fitted[max(days)].learnt) == {"repeat_buying", "voice"}
    telling = {c.family for c in here.columns if here.frame[c.stored].nunique() > 1}
    assert telling == set(BUILT_IN)
    assert here.frame["label"].notna().any()


def test_positives_are_the_same(shop: Study, on_spark: OnSpark) -> None:
    assert positives(elsewhere(shop, on_spark), ORIGINS) == positives(shop, ORIGINS)


def test_scores_and_reasons_are_the_same(shop: Study, on_spark: OnSpark, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenure.pipelines.scoring.score.EXPLAINED", 50)
    registered = Registry(shop.project.data).with_alias(model_name(shop.project.name, shop.name))
    model = open_model(registered.directory)
    rules = {"exclusions": {"staff": "region = 'r2' or days_known < 100"}}
    shop = replace(shop, project=shop.project.model_copy(update=rules))
    here = score(shop, model, LAST, processes=1)
    there = score(elsewhere(shop, on_spark), model, LAST)
    assert here["barred"].notna().sum() > 100
    same(there.drop(columns="reasons"), here.drop(columns="reasons"))
    assert there["reasons"].tolist() == here["reasons"].tolist()
    assert here["reasons"].notna().sum() == 50
