"""Findings about shape, drift and quality, and the events that are named as causes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from feeds import feed, imported

from tenure.models.reference import SCORES, STEPS, Reference
from tenure.pipelines.monitor.age import age_finding
from tenure.pipelines.monitor.causes import with_events
from tenure.pipelines.monitor.drift import drift_findings
from tenure.pipelines.monitor.finding import Finding, worst
from tenure.pipelines.monitor.quality import quality_findings
from tenure.pipelines.monitor.shape import shape_findings, shape_of
from tenure.pipelines.settings.monitor import Monitor
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.kept_scores import KeptSet
from tenure.pipelines.store.noted_events import NotedEvent

LIMITS = Monitor()
REFERENCE = Reference(
    edges={"silence": [10.0], "visits": [1.0], SCORES: STEPS},
    counts={"silence": [500, 500, 0], "visits": [500, 500, 0], SCORES: [25] * 40 + [0]},
    usual={"silence": 0.05, "visits": 0.05, SCORES: 0.05},
    importance={"silence": 0.9, "visits": 0.001},
    months={"2023-06": {"silence": [100, 900, 0], "visits": [500, 500, 0], SCORES: [25] * 40 + [0]}},
)


def kept(day: str = "2024-03-01", **changes: Any) -> KeptSet:
    """A published set like the training, with some figures changed."""
    figures: dict[str, Any] = {
        "units": 1000, "scored": 1000, "mean": 0.5, "bands": {}, "histogram": [25] * 40,
        "features": {"silence": [500, 500, 0], "visits": [500, 500, 0]},
    }  # fmt: skip
    quality = changes.pop("quality", None)
    return KeptSet("lapse", day, "shop-lapse/1", 1.0, figures | changes, quality)


def levels(found: list[Finding]) -> dict[str, str]:
    return {one.subject if one.check == "feature" else one.check: one.level for one in found}


@pytest.mark.parametrize(("learned", "level"), [("2024-05-01", "ok"), ("2024-02-01", "watch"), ("2023-06-01", "alarm")])
def test_a_model_that_learned_nothing_for_long_is_told(learned: str, level: str) -> None:
    day = dt.date(2024, 6, 1)
    found = age_finding("lapse", "shop-lapse/1", dt.date.fromisoformat(learned), as_of=day, limits=LIMITS)
    assert (found.level, found.value) == (level, float((day - dt.date.fromisoformat(learned)).days))
    assert ("tenure retrain" in (found.cause or "")) is (level != "ok")


def test_a_set_like_the_training_is_as_it_should_be() -> None:
    assert worst(drift_findings([kept("2024-02-01"), kept()], REFERENCE, LIMITS)) == "ok"


def test_a_feature_that_matters_alarms_and_one_that_does_not_is_watched() -> None:
    drifted = kept(features={"silence": [100, 900, 0], "visits": [100, 900, 0]})
    found = drift_findings([drifted], REFERENCE, LIMITS)
    assert levels(found)["lapse: silence"] == "alarm" and levels(found)["lapse: visits"] == "watch"
    told = next(one for one in found if one.subject == "lapse: silence")
    assert "90% of what the model says hangs on it; values are higher" in told.sentence


def test_the_season_is_named_where_a_year_ago_looked_alike() -> None:
    drifted = kept("2024-06-01", features={"silence": [100, 900, 0], "visits": [500, 500, 0]})
    (told,) = [one for one in drift_findings([drifted], REFERENCE, LIMITS) if one.check == "feature"]
    assert (told.level, told.cause) == ("watch", "the season: it was the same in 2023-06")


def silence(day: str, low: int, **changes: Any) -> KeptSet:
    """A set of which so many in a thousand are silent for short."""
    return kept(day, features={"silence": [low, 1000 - low, 0], "visits": [500, 500, 0]}, **changes)


@pytest.mark.parametrize(("before", "level"), [
    ([("2024-02-10", 340)], "watch"),  # over the limit soon, a little each week
    ([("2024-02-10", 500)], "alarm"),  # all at once
    ([("2024-02-20", 190)], "alarm"),  # ten days ago it was so already: when it came is not known
    ([("2024-02-05", 190)], "watch"),  # as it is for weeks
    ([("2024-01-10", 340)], "alarm"),  # longer ago than is looked at
])  # fmt: skip
def test_what_came_slowly_is_watched_and_what_came_at_once_alarms(before: list[tuple[str, int]], level: str) -> None:
    sets = [*(silence(day, low) for day, low in before), silence("2024-03-01", 190)]
    (told,) = [one for one in drift_findings(sets, REFERENCE, LIMITS) if one.check == "feature"]
    assert (told.level, "came slowly" in (told.cause or "")) == (level, level == "watch")
    other = [sets[0]._replace(model_version="shop-lapse/0"), sets[1]]
    (told,) = [one for one in drift_findings(other, REFERENCE, LIMITS) if one.check == "feature"]
    assert told.level == "alarm"


def test_risks_that_moved_slowly_are_watched() -> None:
    moved = {"histogram": [100] * 5 + [20] * 25 + [0] * 10, "mean": 0.3}
    found = levels(drift_findings([kept("2024-02-05", **moved), kept(**moved)], REFERENCE, LIMITS))
    assert found["scores"] == "watch"


def test_few_rows_drift_by_luck() -> None:
    few = kept(features={"silence": [3, 7, 0], "visits": [5, 5, 0]})
    assert not [one for one in drift_findings([few], REFERENCE, LIMITS) if one.check == "feature"]


def test_scores_that_moved_and_units_that_are_not_scored_are_told() -> None:
    now = kept(histogram=[100] * 5 + [20] * 25 + [0] * 10, scored=500, mean=0.3)
    found = levels(drift_findings([kept("2024-02-01"), now], REFERENCE, LIMITS))
    assert (found["scores"], found["scored share"], found["scores of before"]) == ("alarm", "alarm", "alarm")


def test_a_model_of_an_earlier_release_says_so() -> None:
    (told,) = drift_findings([kept()], None, LIMITS)
    assert told.level == "ok" and "trained by an earlier release" in told.sentence


def quality(**changes: list[float]) -> dict[str, Any]:
    figures = {
        "roc_auc": [0.8, 0.75, 0.85], "brier": [0.1, 0.09, 0.11], "calibration_slope": [1.0, 0.8, 1.2],
        "precision_at_capacity": [0.4, 0.3, 0.5], "ratio": [1.0, 0.9, 1.1], "brier_gain": [0.02, 0.01, 0.03],
    }  # fmt: skip
    return {"units": 1000, "known": 1000, "contacted": 0, "positives": 100, "figures": figures | changes}


@pytest.mark.parametrize(("changes", "check", "level"), [
    ({}, "ranking", "ok"),
    ({"roc_auc": [0.74, 0.70, 0.78]}, "ranking", "watch"),
    ({"roc_auc": [0.65, 0.60, 0.70]}, "ranking", "alarm"),
    ({"brier_gain": [-0.02, -0.03, -0.01]}, "gain over silence", "alarm"),
    ({"ratio": [2.0, 1.7, 2.3]}, "calibration", "alarm"),
    ({"ratio": [1.6, 1.2, 2.1]}, "calibration", "watch"),
    ({"calibration_slope": [0.3, 0.2, 0.4]}, "calibration slope", "alarm"),
])  # fmt: skip
def test_quality_is_held_against_what_was_promised(changes: dict[str, list[float]], check: str, level: str) -> None:
    found = quality_findings([kept(quality=quality(**changes))], 0.8, LIMITS)
    assert levels(found)[check] == level
    assert worst(found) == level


def test_too_few_outcomes_are_said_to_be_so() -> None:
    (told,) = quality_findings([kept(quality={"units": 9, "said": "expected at least 20"})], 0.8, LIMITS)
    assert told.level == "ok" and "expected at least 20" in told.sentence


def test_events_that_fall_on_it_come_before_other_causes() -> None:
    event = NotedEvent(1, "new prices", dt.date(2024, 3, 1), dt.date(2024, 3, 1))
    alarm = Finding("levels", "till", "alarm", 2.0, 1.0, "more", "another unit?")
    fine = Finding("volume", "till", "ok", 0.0, 1.0, "as before")
    found = with_events([alarm, fine], [event], as_of=dt.date(2024, 3, 4))
    assert [one.cause for one in found] == ["noted: new prices (2024-03-01); otherwise: another unit?", None]
    assert with_events([alarm], [event], as_of=dt.date(2024, 4, 1)) == [alarm]


@pytest.fixture(scope="module")
def shaped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Any]]:
    project, snapshot = imported(tmp_path_factory.mktemp("shape"), feed())
    return project, shape_of(project, snapshot)


def changed(shape: dict[str, Any], **changes: Any) -> dict[str, Any]:
    till = shape["sources"]["till"]
    return {"sources": {"till": till | changes}, "segments": changes.pop("segments", {})}


def test_a_first_run_has_nothing_to_be_held_against(shaped: tuple[Project, dict[str, Any]]) -> None:
    project, shape = shaped
    assert shape_findings(project, shape, None) == []
    assert worst(shape_findings(project, shape, shape)) == "ok"


def test_a_column_that_is_called_otherwise_is_told(shaped: tuple[Project, dict[str, Any]]) -> None:
    project, shape = shaped
    columns = shape["sources"]["till"]["columns"]
    before = {("amout" if name == "amount" else name): kind for name, kind in columns.items()}
    told = shape_findings(project, shape, changed(shape, columns=before))[0]
    assert (told.level, told.sentence) == ("alarm", "columns gone: amout; columns new: amount")
    assert told.cause == "was amout renamed; did you mean 'amount'?"


def test_new_rows_in_quarantine_are_told_by_their_own_share(shaped: tuple[Project, dict[str, Any]]) -> None:
    project, shape = shaped
    now = changed(shape, read=shape["sources"]["till"]["read"] + 100, quarantined=40)
    told = shape_findings(project, now, shape)[1]
    assert told.level == "alarm" and told.sentence.startswith("40 of the 100 rows that came since")


def test_a_segment_whose_customers_are_gone_is_told(shaped: tuple[Project, dict[str, Any]]) -> None:
    project, shape = shaped
    before, now = {"plan": {"basic": 200, "plus": 90}}, {"plan": {"basic": 210}}
    told = shape_findings(project, shape | {"segments": now}, shape | {"segments": before})[-1]
    assert (told.level, told.sentence) == ("alarm", "plan plus: 0 customers, 90 before")


def test_a_finding_survives_being_kept() -> None:
    one = Finding("volume", "till", "watch", float(np.float64(0.1)), 0.2, "more", None, (None, 0.1))
    assert Finding.from_json(one.to_json()) == one
