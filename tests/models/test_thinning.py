from __future__ import annotations

import pandas as pd
import pytest

from tenure.models.thinning import thin


def test_every_positive_stays_and_negatives_weigh_what_they_stand_for(examples: pd.DataFrame) -> None:
    rare = examples.assign(label=examples["label"].where(examples.index % 5 == 0, 0.0))
    fewer = thin(rare, most_rows=1_000, seed=1)
    assert fewer["label"].sum() == rare["label"].sum()
    assert len(fewer) == pytest.approx(1_000, rel=0.1)
    assert fewer["weight"].sum() == pytest.approx(len(rare), rel=0.1)


def test_negatives_stay_or_go_by_person(examples: pd.DataFrame) -> None:
    fewer = thin(examples, most_rows=1_500, seed=1)
    negatives = examples[examples["label"] == 0].groupby("customer_id").size()
    kept = fewer[fewer["label"] == 0].groupby("customer_id").size()
    assert kept.equals(negatives[kept.index])


def test_given_weights_are_multiplied(examples: pd.DataFrame) -> None:
    fewer = thin(examples.assign(weight=2.0), most_rows=1_500, seed=1)
    assert (fewer.loc[fewer["label"] == 1, "weight"] == 2.0).all()
    assert (fewer.loc[fewer["label"] == 0, "weight"] > 2.0).all()
