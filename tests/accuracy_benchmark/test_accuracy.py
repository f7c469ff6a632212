"""The table of rivals: each is right on a small shop, all see the same rows, and nobody sees what came later."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from accuracy import buying, simple, survival
from accuracy.calibrated import lined_up
from accuracy.figures import compared
from accuracy.ours import OURS
from accuracy.rival import NotApplicable, Rival, Said
from accuracy.rows import Task, the_field
from accuracy.run import RIVALS, answered
from accuracy.sets import Absent, NoSuchSet, opened, project_files, questions
from accuracy.tables import enter, page
from shop import project_text, sales, write_project
from sklearn.metrics import roc_auc_score

ORIGIN = dt.date(2024, 10, 27)
ACCURACY = Path(__file__).resolve().parents[1] / "benchmarks" / "accuracy"


def study_of(folder, rows, outcome="lapse"):
    text = project_text(train_every_days="14")
    write_project(folder / "shop", rows, text=text)
    return next(opened(folder / "shop" / "tenure.toml", folder / "opened", [outcome]))


@pytest.fixture(scope="module")
def rows():
    return sales(260)


@pytest.fixture(scope="module")
def study(tmp_path_factory, rows):
    return study_of(tmp_path_factory.mktemp("study"), rows)


@pytest.fixture(scope="module")
def field(study):
    return the_field(study, [ORIGIN, ORIGIN + dt.timedelta(days=28)])


@pytest.fixture(scope="module")
def said(field):
    return answered(field, RIVALS, seeds=1)


def days_of(rows, customer, before=ORIGIN):
    return sorted(
        {sale.occurred_at.date() for sale in rows if sale.customer_id == customer and sale.occurred_at.date() < before}
    )


def test_the_own_history_is_what_one_counts_by_hand(field, rows):
    task = next(field.tasks())
    for row in task.test[task.test["as_of"] == pd.Timestamp(ORIGIN)].head(20).itertuples():
        days = days_of(rows, row.customer_id)
        assert (row.own_x, row.own_t_x) == (len(days) - 1, (days[-1] - days[0]).days)
        assert row.own_T == (ORIGIN - days[0]).days - 1
        assert row.own_days_since_last == (ORIGIN - days[-1]).days
        year = [day for day in days if day >= ORIGIN - dt.timedelta(days=364)]
        assert row.own_frequency == len(year)


def test_recency_in_own_gaps_is_the_silence_over_the_mean_gap(field, rows):
    task = next(field.tasks())
    test = task.test[task.test["as_of"] == pd.Timestamp(ORIGIN)].head(20)
    for row, found in zip(test.itertuples(), simple.silence_in_gaps(test), strict=True):
        days = days_of(rows, row.customer_id)
        if len(days) == 1:
            assert np.isnan(found)
        else:
            mean = (days[-1] - days[0]).days / (len(days) - 1)
            assert found == pytest.approx((ORIGIN - days[-1]).days / mean)


def test_everyone_is_asked_about_the_same_rows_without_their_labels(field):
    seen: list[tuple[int, tuple[str, ...]]] = []

    def look(task: Task, seed: int) -> Said:
        assert "label" not in task.test
        assert (task.training["label_end"] <= pd.Timestamp(task.until)).all()
        seen.append((len(task.training), tuple(task.test["unit_id"] + task.test["as_of"].astype(str))))
        return Said(np.full(len(task.test), 0.5))

    answered(field, [Rival("one", look), Rival("other", look, drawn=True)], seeds=2)
    per_task = [seen[n : n + 3] for n in range(0, len(seen), 3)]
    assert len(per_task) == 2
    assert all(first == second == third for first, second, third in per_task)
    asked = [unit for task in per_task for unit in task[0][1]]
    assert asked == list(field.truth["unit_id"] + field.truth["as_of"].astype(str))


def test_what_came_after_an_origin_changes_nobodys_answer(tmp_path, rows, field, said):
    odd = {f"c{number:03d}" for number in range(1, 260, 2)}
    changed = [sale for sale in rows if sale.occurred_at.date() < ORIGIN or sale.customer_id in odd]
    other = the_field(study_of(tmp_path, changed), [ORIGIN])
    assert not other.truth["label"].equals(field.truth["label"].iloc[: len(other.truth)])
    answers, refused = answered(other, RIVALS, seeds=1)
    assert set(answers) == set(said[0]) >= {"risk", "own_gaps", "rfm", "plain_lightgbm", "bg_nbd", "discrete_survival"}
    assert not [name for name in refused if "not_run" in refused[name] and name in said[0]]
    for name, (found,) in answers.items():
        np.testing.assert_array_equal(found, said[0][name][0][: len(found)], err_msg=name)


def test_every_rival_ranks_better_than_chance(field, said):
    for name, (found,) in said[0].items():
        assert ((found >= 0) & (found <= 1)).all()
        if name != "own_gaps":  # whoever buys seldom leaves sooner here, and is silent for fewer own gaps
            assert roc_auc_score(field.truth["label"], found) > 0.6, name


def test_expected_purchases_are_those_of_lifetimes_and_order_the_rows(field):
    task = next(field.tasks())
    model = buying.fitted_on("bg_nbd", task.everybody)
    row = task.test.iloc[[0]]
    found, unsaid = buying.scores(model, row, 4.0)
    lives = (row["own_x"] / 7 * 7, row["own_t_x"] / 7, row["own_T"] / 7)
    expected = model.conditional_expected_number_of_purchases_up_to_time(4.0, *(v.to_numpy(dtype=float) for v in lives))
    assert (unsaid, found[0]) == (0, pytest.approx(-np.log(expected[0])))
    raw, _ = buying.scores(model, task.training, 4.0)
    order = np.argsort(buying.scores(model, task.test, 4.0)[0], kind="stable")
    lined = lined_up(task, raw, buying.scores(model, task.test, 4.0)[0])
    assert (np.diff(lined[order]) >= 0).all()


def test_repeat_buying_says_that_it_cannot_be_asked_about_a_decline(tmp_path, rows):
    task = next(the_field(study_of(tmp_path, rows, "slump"), [ORIGIN]).tasks())
    for rival in (*buying.RIVALS, *survival.RIVALS):
        with pytest.raises(NotApplicable, match="decline"):
            rival.ask(task, 1)


def test_days_to_the_next_event_are_whole_days_from_the_start_of_the_horizon(field, rows):
    task = next(field.tasks())
    asked = task.training.iloc[::17]
    found = survival.days_to_event(task, asked)
    for unit, as_of, days in zip(asked["unit_id"], asked["as_of"], found, strict=True):
        later = [day for day in days_of(rows, unit, task.until) if day >= as_of.date()]
        assert days == ((later[0] - as_of.date()).days if later else np.inf)


def test_the_table_has_the_figures_of_the_rows_and_paired_differences(study, field, said, tmp_path):
    answers = {name: said[0][name] for name in (OURS, "rfm")}
    found = compared(study, field.truth, answers)
    each = [roc_auc_score(part["label"], answers["rfm"][0][part.index]) for _, part in field.truth.groupby("as_of")]
    assert found["rfm"]["mean"]["roc_auc"]["value"] == pytest.approx(np.mean(each), abs=1e-5)
    pooled = roc_auc_score(field.truth["label"], answers["rfm"][0])
    assert found["rfm"]["pooled"]["roc_auc"]["value"] == pytest.approx(pooled, abs=1e-5)
    gap = found["rfm"]["minus_ours"]["roc_auc"]
    difference = found["rfm"]["mean"]["roc_auc"]["value"] - found[OURS]["mean"]["roc_auc"]["value"]
    assert gap["value"] == pytest.approx(difference, abs=2e-5)
    assert gap["low"] <= gap["value"] <= gap["high"]
    assert found[OURS]["minus_ours"] == {}
    seeds = compared(study, field.truth, {**answers, OURS: [answers[OURS][0], answers["rfm"][0], answers[OURS][0]]})
    assert seeds[OURS]["mean"] == found[OURS]["mean"]


def test_a_run_on_report_origins_is_entered_in_the_ledger_with_its_count(tmp_path):
    figures = {"mean": {"roc_auc": {"value": 0.8}}}
    question = {
        "set": "s",
        "outcome": "o",
        "origins": ["2024-01-01"],
        "seeds": 5,
        "rivals": {"risk": figures, "x": {"not_run": "no"}},
    }
    content = {"command": "run", "which": "report", "questions": [question, {"set": "t", "absent": "no file"}]}
    for _ in range(2):
        enter(tmp_path / "ledger.jsonl", content, today=dt.date(2024, 2, 1))
    lines = [json.loads(line) for line in (tmp_path / "ledger.jsonl").read_text().splitlines()]
    assert [(line["set"], line["count"], line["figures"]) for line in lines] == [
        ("s", n, {"risk": {"roc_auc": 0.8}}) for n in (1, 2)
    ]
    assert "Not run: no file" in page({**content, "questions": content["questions"][1:]})


def test_a_set_whose_data_are_not_there_is_absent_and_an_unknown_one_is_refused(tmp_path):
    (tmp_path / "tenure.toml").write_text(project_text(), encoding="utf-8")
    with pytest.raises(Absent, match="no file"):
        next(opened(tmp_path / "tenure.toml", tmp_path / "opened", ["lapse"]))
    with pytest.raises(NoSuchSet, match="nowhere"):
        questions(["nowhere"], project_files())


def test_no_set_is_named_in_the_code():
    names = set(project_files())
    assert len(names) >= 7
    for file in ACCURACY.glob("*.py"):
        assert not [name for name in names if name in file.read_text(encoding="utf-8")], file.name
