"""Example tables of a small shop: what is known when."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from histories import DAY, same_bits
from till import EARLY, LATE, OUTAGE, shop, till

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.work import describe_history
from tenure.pipelines.scoring.live import history_of
from tenure.pipelines.scoring.question import Question


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return shop(tmp_path_factory.mktemp("shops") / "shop", till())


@pytest.fixture(scope="module")
def examples(study: Study) -> Examples:
    cutoffs = {EARLY - 21 * DAY, EARLY, LATE - 7 * DAY, LATE, dt.date(2024, 6, 28)}
    return build_examples(study, cutoffs, knowledge={EARLY, LATE}, processes=1)


def test_a_kind_has_no_columns_before_it_was_common(examples: Examples) -> None:
    early, late = ({f.name for f in examples.features(day)} for day in (EARLY, LATE))
    assert not any(name.startswith(("refund", "any")) for name in early)
    assert {"refund_count_28d", "any_count_28d", "purchase_days_since_last"} <= late
    assert "refund_count_28d" not in examples.at(EARLY, EARLY).columns
    assert examples.at(EARLY, LATE)["refund_count_28d"].tolist() == [0.0] * 6


def test_training_takes_only_cutoffs_whose_label_had_come_to_pass(examples: Examples) -> None:
    found = examples.training(EARLY)
    assert set(found["as_of"].dt.date) == {EARLY - 21 * DAY}
    assert (examples.training(LATE)["label_end"] <= pd.Timestamp(LATE)).all()
    assert set(examples.training(LATE)["as_of"].dt.date) == {EARLY - 21 * DAY, EARLY, LATE - 7 * DAY}


def test_a_cutoff_whose_horizon_passes_the_watermark_has_features_and_no_label(examples: Examples) -> None:
    found = examples.at(dt.date(2024, 6, 28), LATE)
    assert len(found) == 6
    assert found["label"].isna().all()


def test_an_example_is_the_same_alone_and_live(study: Study, examples: Examples) -> None:
    question = Question.of(study, examples.fitted[LATE])
    history = history_of(question, [row for row in till().to_dict("records") if row["customer_id"] == "c3"])
    task = replace(question.task(LATE, lake=Path(), modules=Path()), everybody=False)
    live = describe_history(task, history).frame.set_index("unit_id")
    batch = examples.at(LATE, LATE).set_index("unit_id")
    names = [f.name for f in examples.features(LATE)]
    same_bits(live[names], batch[names])


def test_what_the_model_of_a_date_uses_live_computes(tmp_path: Path) -> None:
    """A first origin with too few customers for any kind must not leave columns to the later one."""
    study = shop(tmp_path / "young", till().query("kind == 'purchase'"))
    young = dt.date(2024, 1, 1)
    examples = build_examples(study, {LATE}, knowledge={young, LATE}, processes=1)
    question = Question.of(study, examples.fitted[LATE])
    live = history_of(question, till().query("kind == 'purchase'").to_dict("records"))
    found = describe_history(question.task(LATE, lake=Path(), modules=Path()), live).frame
    assert {f.name for f in examples.features(LATE)} <= set(found.columns)


def test_a_late_feed_changes_no_feature_of_its_day_and_no_label_once_known(tmp_path: Path, study: Study) -> None:
    """Two weeks of purchases arrive two hours after the origin that ends them."""
    origin = OUTAGE[1]
    arrival = dt.datetime.combine(origin, dt.time(2), dt.UTC)
    late, never = shop(tmp_path / "late", till(delivered=arrival)), shop(tmp_path / "never", till(without=True))
    inside = OUTAGE[0]  # its horizon lies in the outage
    tables = {
        name: build_examples(s, {inside, origin}, knowledge={origin, LATE}, processes=1)
        for name, s in (("late", late), ("never", never), ("prompt", study))
    }
    at = {name: found.at(origin, origin).set_index("unit_id") for name, found in tables.items()}
    names = [f.name for f in tables["late"].features(origin)]
    same_bits(at["late"][names], at["never"][names])
    assert (at["prompt"]["purchase_days_since_last"] < at["late"]["purchase_days_since_last"]).any()

    learned = {n: t.training(LATE).set_index(["unit_id", "as_of"])["label"] for n, t in tables.items()}
    pd.testing.assert_series_equal(learned["late"], learned["prompt"].reindex(learned["late"].index))
    early = tables["late"].training(origin)["label"]
    assert early.tolist() == [1.0] * 6  # by the origin nothing of the outage was known
    assert learned["late"].xs(pd.Timestamp(inside), level="as_of").mean() < 1
