"""What acting earlier costs: the same people at every lead, nothing known later, and a rule that says when to act."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command import tenure
from shop import LAST, sales, write_project

from tenure.models.bootstrap import Bootstrap
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.proof.backtest import NothingToTest, backtest
from tenure.pipelines.proof.lead import REACHED, Lead, lead_study
from tenure.pipelines.proof.lead_document import advice, document, keep, kept
from tenure.pipelines.proof.lead_roster import Counts, rosters
from tenure.pipelines.report.lead_plot import plot_lead
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

ORIGIN, HORIZON, WARNING = dt.date(2024, 6, 12), 3, 10
START, END = dt.date(2024, 1, 1), dt.date(2024, 6, 20)

CLUB = f"""
[project]
name = "club"
clock = "data"
[[source]]
name = "log"
files = "log.csv"
complete_until = {END}
select = "select customer_id, occurred_at, kind, reason from source"
[features]
families = ["activity", "rhythm"]
[outcome.leave]
type = "cancellation"
horizon_days = {HORIZON}
exclude_reasons = ["death"]
[backtest]
origins = [{ORIGIN}]
development = [{ORIGIN}]
train_every_days = 7
train_cutoffs = 12
bootstraps = 20
capacity = 8
"""


def members(*, count: int = 900, seed: int = 3) -> pd.DataFrame:
    """Members who come now and then, and who complain ten days before they leave; some die without a word."""
    drawn, rows = np.random.default_rng(seed), []
    for number in range(count):
        name, joined = f"m{number:03d}", int(drawn.integers(0, 160))
        left = joined + 11 + int(drawn.exponential(80))
        dead = drawn.random() < 0.1
        visits = np.arange(joined + 1, min(left, 171), int(drawn.integers(2, 9)))
        rows += [(name, joined, "signup", None), (name, left, "cancellation", "death" if dead else None)]
        rows += [(name, int(day), "visit", None) for day in visits]
        rows += [] if dead else [(name, left - WARNING, "complaint", None)]
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "kind", "reason"])
    return frame.loc[frame["day"] < (END - START).days].reset_index(drop=True)


def club(folder: Path, rows: pd.DataFrame) -> Study:
    folder.mkdir(exist_ok=True)
    dated = rows.assign(occurred_at=[START + dt.timedelta(int(day)) for day in rows["day"]]).drop(columns="day")
    dated.to_csv(folder / "log.csv", index=False)
    (folder / "tenure.toml").write_text(CLUB)
    return study_of(folder)


def study_of(folder: Path, outcome: str | None = None) -> Study:
    project = load_project(folder)
    snapshot = import_sources(project, now=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), store=open_store(project.data))
    return Study.of(project, snapshot, outcome)


def days_of(rows: pd.DataFrame, kind: str) -> pd.Series:
    return rows.loc[rows["kind"] == kind].set_index("customer_id")["day"]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Lead:
    return lead_study(club(tmp_path_factory.mktemp("club"), members()), [ORIGIN], days=[7, 14], processes=1)


def test_what_announces_itself_ten_days_before_is_seen_a_week_ahead_and_not_two(found: Lead) -> None:
    area = {name: found.drawn.values[name][REACHED] for name in ("0", "7", "14")}
    assert area["0"] > 0.95
    assert area["7"] > 0.95
    assert area["14"] < 0.75
    assert found.act_ahead == 7
    assert not found.too_costly(7)
    assert found.cost(14, "precision_at_capacity").high < 0.0


def test_who_left_before_the_window_is_a_case_that_every_list_misses(found: Lead) -> None:
    rows, day = members(), (ORIGIN - START).days
    joined, left = days_of(rows, "signup"), days_of(rows, "cancellation")
    died = set(rows.loc[rows["reason"] == "death", "customer_id"])
    there = {name for name in joined.index[joined < day - 14] if left.get(name, 999) >= day - 14}
    early = {name for name in there if left.get(name, 999) < day and name not in died}
    later = {name for name in there if day <= left.get(name, 999) < day + HORIZON and name not in died}
    assert found.counts.missed == len(early)
    assert found.counts.positives == len(early) + len(later)
    share = len(later) / (len(early) + len(later))
    for name, figures in found.drawn.values.items():  # the missed are below everybody: no pair with them is right
        assert figures["roc_auc"] == pytest.approx(share * figures[REACHED]), name
    assert found.drawn.values["0"]["log_loss"] < 1.0  # of those who had a probability


def test_the_day_itself_is_the_back_test_where_nobody_came_or_went(tmp_path: Path) -> None:
    rows = members()
    day = (ORIGIN - START).days
    left, joined = days_of(rows, "cancellation"), days_of(rows, "signup")
    moved = set(left.index[(left >= day - 1) & (left < day)]) | set(joined.index[joined == day - 1])
    study = club(tmp_path / "calm", rows.loc[~rows["customer_id"].isin(moved)])
    found, proof = lead_study(study, [ORIGIN], days=[1], processes=1), backtest(study, [ORIGIN], processes=1)
    assert found.counts.missed == found.counts.gone == found.counts.came == 0
    for metric, value in proof.summary.values["risk"].items():
        assert found.drawn.values["0"][metric] == pytest.approx(value, rel=0, abs=0, nan_ok=True), metric
    assert found.drawn.values["recency"]["roc_auc"] == proof.summary.values["recency"]["roc_auc"]


def test_a_list_knows_nothing_that_came_after_it_was_made(found: Lead, tmp_path: Path) -> None:
    rows, day = members(), (ORIGIN - START).days
    there = days_of(rows, "signup")
    more = [(name, int(at), "visit", None) for name in there.index[there < day - 14] for at in range(day - 14, day)]
    added = pd.concat([rows, pd.DataFrame(more[::3], columns=rows.columns)], ignore_index=True)
    again = lead_study(club(tmp_path / "later", added), [ORIGIN], days=[7, 14], processes=1)
    assert again.counts == found.counts
    assert again.drawn.values["14"] == found.drawn.values["14"]
    assert again.drawn.values["0"] != found.drawn.values["0"]


def test_everybody_compared_is_asked_about_at_every_date_unless_it_is_over(tmp_path: Path) -> None:
    rows = members()
    roster = rosters(club(tmp_path / "club", rows), [ORIGIN], [0, 7, 14], processes=1)[ORIGIN]
    day = (ORIGIN - START).days
    joined, left = days_of(rows, "signup"), days_of(rows, "cancellation")
    names = roster.rows["customer_id"]
    assert (joined[names] < day - 14).all()
    over = left.reindex(names).to_numpy() < day
    assert roster.rows["missed"].tolist() == over.tolist()
    assert (roster.rows.loc[over, "label"] == 1.0).all()
    assert not set(roster.reached["customer_id"]) & set(names[over])
    died = set(rows.loc[rows["reason"] == "death", "customer_id"])
    dead_by_then = {
        name for name in died if day - 14 <= left.get(name, 999) < day + HORIZON and joined[name] < day - 14
    }
    assert dead_by_then and not dead_by_then & set(names)
    assert roster.counts.gone + roster.counts.unknown == len(dead_by_then)


def test_an_end_within_the_lead_of_the_outcome_itself_comes_too_early_too(tmp_path: Path) -> None:
    rows, day = members(), (ORIGIN - START).days
    study = club(tmp_path / "club", rows)
    waits = replace(study, outcome=study.outcome.model_copy(update={"lead_days": 2}))
    roster = rosters(waits, [ORIGIN], [0, 7], processes=1)[ORIGIN].rows.set_index("customer_id")
    left = days_of(rows, "cancellation").reindex(roster.index)
    assert roster["missed"].tolist() == (left < day + 2).tolist()
    late = roster.loc[~roster["missed"], "label"]
    assert late.tolist() == left[late.index].lt(day + 2 + HORIZON).astype(float).tolist()


def test_of_a_silence_all_are_active_before_every_date_and_nobody_is_missed(tmp_path: Path) -> None:
    bought = sales()
    study = study_of(write_project(tmp_path / "shop", bought))
    origin, leads = LAST - dt.timedelta(28), (0, 14, 28)
    roster = rosters(study, [origin], leads, processes=1)[origin]

    def active(before: dt.date, days: int = 28) -> set[str]:
        first = before - dt.timedelta(days)
        return {sale.customer_id for sale in bought if first <= sale.occurred_at.date() < before}

    asked = [active(origin - dt.timedelta(lead)) for lead in leads]
    everywhere = set.intersection(*asked)
    assert set(roster.rows["unit_id"]) == everywhere
    assert not roster.rows["missed"].any()
    quiet = set(roster.rows.loc[roster.rows["label"] == 1.0, "unit_id"])
    assert quiet == everywhere - active(origin + dt.timedelta(28))
    assert roster.counts == Counts(
        len(everywhere), len(quiet), 0, len(asked[2] - everywhere), len(asked[0] - everywhere)
    )


def test_a_decline_is_judged_by_the_days_before_the_origin_at_every_lead(tmp_path: Path) -> None:
    study = study_of(write_project(tmp_path / "shop", sales(200)), "slump")
    origin = LAST - dt.timedelta(14)
    roster = rosters(study, [origin], (0, 28), processes=1)[origin].rows.set_index("unit_id")
    labels = build_examples(study, {origin}, knowledge={origin}, processes=1).frame.set_index("unit_id")["label"]
    assert roster["label"].tolist() == labels[roster.index].tolist()


def test_leads_longer_than_the_data_are_refused(tmp_path: Path) -> None:
    study = club(tmp_path / "club", members(count=50))
    with pytest.raises(NothingToTest, match="enough history to learn what happens after 100 days more of lead"):
        lead_study(study, [ORIGIN], days=[100], processes=1)


def test_a_lead_over_which_nobody_is_asked_about_is_refused(tmp_path: Path) -> None:
    study = study_of(write_project(tmp_path / "shop", sales(40)))
    few = study.outcome.model_copy(
        update={"eligible": study.outcome.eligible.model_copy(update={"min_history_days": 340})}
    )
    with pytest.raises(NothingToTest, match="was anybody asked about at all of 2 dates"):
        lead_study(replace(study, outcome=few), [LAST - dt.timedelta(28)], days=[28], processes=1)


def made(study: Study, **costs: tuple[float, float, float]) -> Lead:
    """Leads that cost so much ROC AUC and so much precision, with so much noise."""
    noise = np.linspace(-1.0, 1.0, 41)
    best = {REACHED: 0.8, "precision_at_capacity": 0.54}
    values, draws = {"0": dict(best)}, {"0": {name: np.full(41, value) for name, value in best.items()}}
    for name, (area, right, reach) in costs.items():
        days = name.removeprefix("d")
        values[days] = {REACHED: 0.8 - area, "precision_at_capacity": 0.54 - right}
        draws[days] = {metric: value + reach * noise for metric, value in values[days].items()}
    days_ahead = tuple(int(name.removeprefix("d")) for name in costs)
    return Lead(study, (ORIGIN,), (), days_ahead, Counts(), Bootstrap(values, draws))


def test_one_acts_as_early_as_it_costs_no_more_than_the_margins_beyond_noise(tmp_path: Path) -> None:
    study = club(tmp_path / "club", members(count=20))
    act = made(study, d7=(0.002, 0.0, 0.001), d14=(0.004, 0.018, 0.005), d28=(0.05, 0.1, 0.01))
    assert act.act_ahead == 14
    assert advice(act) == (
        "Act 14 days ahead: of 100 customers contacted 52 are right instead of 54 (difference -2 to -1), and ROC AUC "
        "is 0.796 instead of 0.800 (-0.009 to +0.001). Whether that is more than the margin cannot be told from so "
        "few. 28 days ahead would cost too much: of 100 customers contacted 44 are right instead of 54 (difference "
        "-11 to -9), and ROC AUC is 0.750 instead of 0.800 (-0.059 to -0.041)."
    )
    least = made(study, d7=(0.002, 0.03, 0.01), d14=(0.0, 0.0, 0.0))
    assert least.act_ahead == 0  # the longer one, which costs nothing, comes after one that costs too much
    assert advice(least).startswith("Act on the day itself: 7 days ahead costs too much already, of 100 customers")
    assert made(study, d7=(0.02, 0.0, 0.01)).act_ahead == 0  # by ROC AUC alone
    noisy = made(study, d7=(0.05, 0.05, 0.06))
    assert noisy.act_ahead == 7  # much, but noise
    assert advice(noisy).endswith("cannot be told from so few. Nothing longer was tried.")


def test_a_study_is_kept_until_the_outcome_means_something_else(found: Lead) -> None:
    assert kept(found.study) is None
    content = document(found)
    keep(content, found.study)
    assert kept(found.study) == json.loads(json.dumps(content))
    keep(content | {"definition": "leave: something else"}, found.study)
    assert kept(found.study) is None


def test_figures_that_cannot_be_measured_leave_a_hole_in_the_curve(found: Lead) -> None:
    content = document(found)
    content["leads"][0]["cost"][REACHED] = dict.fromkeys(("value", "low", "high"))
    assert plot_lead(content).startswith("<?xml")


def test_the_command_prints_every_lead_and_an_advice_and_the_next_report_shows_the_curve(tmp_path: Path) -> None:
    folder = tmp_path / "club"
    club(folder, members(count=500))
    ran = tenure("lead", folder, "--days", "14,7", "--out", folder / "ahead")
    assert ran.code == 0, ran.err
    said = " ".join(ran.out.split())
    for word in ("ahead right % difference ROC AUC difference profit", "recency", "compared at 1 date", "Missed at"):
        assert word in said
    content = json.loads((folder / "ahead" / "lead.json").read_text())
    assert content["said"] in said
    assert [lead["days"] for lead in content["leads"]] == [7, 14]
    assert content["definition"] == definition("leave", load_project(folder).outcome["leave"])
    for lead in content["leads"]:
        cost, best = lead["cost"]["roc_auc"], content["on_the_day"]["roc_auc"]["value"]
        assert cost["low"] <= cost["value"] <= cost["high"]
        assert cost["value"] == pytest.approx(lead["roc_auc"]["value"] - best, abs=2e-6)
    assert tenure("backtest", folder, "--out", folder / "proof").code == 0
    page = (folder / "proof" / "report.html").read_text()
    assert "What does acting earlier cost?" in page
    assert f"at {ORIGIN}: {content['customers']['compared']:,} predictions at each lead" in page
    assert content["said"].split(":")[0] in page
    assert (folder / "proof" / "plots" / "lead.svg").read_text() == (folder / "ahead" / "lead.svg").read_text()


def test_the_command_answers_in_json_alone(tmp_path: Path) -> None:
    club(tmp_path / "club", members(count=500))
    ran = tenure("lead", tmp_path / "club", "--days", "7", "--json")
    assert (ran.code, ran.err) == (0, "")
    content = json.loads(ran.out)
    assert content["origins"] == [ORIGIN.isoformat()]
    assert content["customers"]["compared"] > content["customers"]["positives"] > content["customers"]["missed"] > 0
    assert content["margins"] == {REACHED: 0.01, "precision_at_capacity": 0.02}


@pytest.mark.parametrize("days", ["", "0", "week", "7,-1"])
def test_days_are_whole(tmp_path: Path, days: str) -> None:
    ran = tenure("lead", tmp_path, "--days", days)
    assert ran.code == 2 and "expected whole days" in ran.said
