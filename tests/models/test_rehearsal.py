from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tenure.models.rehearsal import plan_rehearsal


def test_the_later_slice_starts_when_the_fitted_labels_have_ended(examples: pd.DataFrame) -> None:
    plan = plan_rehearsal(examples, share=0.3, positives=20, folds=4, seed=1)
    ((before, later),) = plan
    assert plan.method == "later"
    assert examples.loc[before, "label_end"].max() <= examples.loc[later, "as_of"].min()
    assert later.mean() >= 0.3


def test_overlapping_label_windows_are_left_out_of_both(examples: pd.DataFrame) -> None:
    longer = examples.assign(label_end=examples["as_of"] + pd.Timedelta(days=56))
    ((before, later),) = plan_rehearsal(longer, share=0.1, positives=20, folds=4, seed=1)
    assert longer.loc[~before & ~later, "as_of"].nunique() == 1


def test_a_short_history_is_dealt_out_by_person(world: Callable[..., pd.DataFrame]) -> None:
    examples = world(recency=0.8, visits=0.6, cutoffs=2).assign(label_end=pd.Timestamp("2025-01-01"))
    plan = plan_rehearsal(examples, share=0.2, positives=20, folds=4, seed=1)
    assert plan.method == "persons"
    assert plan.judged.all()
    for before, later in plan:
        assert not set(examples.loc[before, "customer_id"]) & set(examples.loc[later, "customer_id"])


def test_too_few_later_positives_are_dealt_out_by_person(examples: pd.DataFrame) -> None:
    rare = examples.assign(label=np.where(np.arange(len(examples)) % 300 == 0, 1.0, 0.0))
    assert plan_rehearsal(rare, share=0.2, positives=20, folds=4, seed=1).method == "persons"
