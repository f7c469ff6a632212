"""The time to leave on past dates: learnt from the past alone, of the newest cut-offs only the parts that are over."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from command import tenure
from shop import LAST, Sale, project_text, sales, write_project

from tenure.models.bootstrap import Bootstrap
from tenure.models.periods import DAYS
from tenure.pipelines.decisions.contacted import Contacts
from tenure.pipelines.examples.cutoffs import timing_cutoffs, training_cutoffs
from tenure.pipelines.examples.moments import Moments
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.proof.backtest import NothingToTest
from tenure.pipelines.proof.timing import Timing, edges_of, fit_timing, times_to_leave, timing
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store
from tenure.serving.cli.timing import verdict

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

ORIGIN = dt.date(2024, 8, 25)
ROWS = sales(260)
W = 28


def study_of(folder, rows=None, **changes: str) -> Study:
    write_project(folder, ROWS if rows is None else rows, text=project_text(**changes))
    project = load_project(folder)
    now = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    return Study.of(project, import_sources(project, now=now, store=open_store(project.data)))


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    return study_of(tmp_path_factory.mktemp("shop") / "shop")


@pytest.fixture(scope="module")
def found(study) -> Timing:
    return timing(study, [ORIGIN], processes=1)


@pytest.fixture
def shop(study, tmp_path):
    """The project's folder, to be changed at will."""
    return shutil.copytree(study.project.root, tmp_path / "shop")


def asked(study, day=ORIGIN) -> pd.DataFrame:
    return build_examples(study, {day}, knowledge={day}, processes=1).at(day, day)


def by_hand(customer: str, day: dt.date, until: dt.date, rows: list[Sale]) -> int | None:
    """The day on which the silence begins, as one counts it; None where it has not begun and lasted by a date."""
    bought = {sale.occurred_at.date() for sale in rows if sale.customer_id == customer}
    for ahead in range((until - day).days - W + 1):
        if not any(day + dt.timedelta(days=ahead + more) in bought for more in range(W)):
            return ahead
    return None


@pytest.mark.parametrize("until", [LAST, ORIGIN + dt.timedelta(days=45)])
def test_times_are_what_one_counts_by_hand(study, until):
    examples = asked(study)
    times = Moments.of(study).times(examples, known_by=until)
    hands = [by_hand(customer, ORIGIN, until, ROWS) for customer in examples["unit_id"]]
    assert [int(day) if over else None for day, over in zip(times.days, times.happened, strict=True)] == hands
    assert set(times.decided) == {float((until - ORIGIN).days - W + 1)}
    assert len({hand for hand in hands if hand is not None}) > 5


def test_the_first_day_s_chance_is_that_of_the_outcome(study):
    examples = asked(study)
    times = Moments.of(study).times(examples)
    np.testing.assert_array_equal(times.days == 0, examples["label"] == 1)


def test_cut_offs_go_on_to_the_last_whose_first_part_is_over(study):
    edges = edges_of(study)
    assert edges == (0, 1, *DAYS)
    dates = timing_cutoffs(study, ORIGIN, edges=edges)
    assert dates[-1] == training_cutoffs(study, ORIGIN)[-1] == ORIGIN - dt.timedelta(days=W)
    assert dates[0] <= training_cutoffs(study, ORIGIN)[0]


def test_a_contact_ends_what_is_known_of_the_one_contacted(study):
    examples = asked(study)
    who = examples["customer_id"].iloc[3]
    day = (ORIGIN - dt.date(1970, 1, 1)).days + 40
    treated = pd.DataFrame({"customer_id": [who, "nobody"], "day": [day, day]})
    contacted = replace(
        study, contacts=Contacts(treated, pd.DataFrame(columns=["customer_id", "day", "draw", "propensity"]))
    )
    before, after = (Moments.of(one).times(examples).decided for one in (study, contacted))
    assert np.flatnonzero(before != after).tolist() == [3]
    assert after[3] == 40 - W + 1


def test_what_comes_later_changes_nothing_that_is_learnt_before(study, tmp_path):
    """Sales from the origin on are swapped among the customers."""
    start = dt.datetime.combine(ORIGIN, dt.time(), dt.UTC)
    names = [sale.customer_id for sale in ROWS if sale.occurred_at >= start]
    later = iter(names[::-1])
    swapped = [sale if sale.occurred_at < start else sale._replace(customer_id=next(later)) for sale in ROWS]
    other = study_of(tmp_path / "other", swapped)
    models = []
    for one in (study, other):
        cutoffs = timing_cutoffs(one, ORIGIN, edges=edges_of(one))
        examples = build_examples(one, {*cutoffs, ORIGIN}, knowledge={ORIGIN}, processes=1)
        model = fit_timing(one, Moments.of(one), examples, ORIGIN, cutoffs)
        models.append((model.report, model.within(examples.at(ORIGIN, ORIGIN))))
    assert models[0][0] == models[1][0]
    pd.testing.assert_frame_equal(models[0][1], models[1][1], check_exact=True)


def test_the_hazard_of_a_shop_with_a_rhythm_beats_everybody_alike(found):
    assert found.days == (1, *DAYS)
    assert found.tells_more_than("kaplan_meier")
    assert found.drawn.values["kaplan_meier"]["concordance"] == 0.5
    assert found.drawn.values["hazard"]["concordance"] > 0.6
    gain = found.gain("kaplan_meier")
    assert gain.low <= gain.value <= gain.high < 0
    said = [found.drawn.values["hazard"][f"said_{day}d"] for day in found.days]
    assert said == sorted(said)


def made(study, *, orders: float = 0.1, **gains: tuple[float, float]) -> Timing:
    """Curves that are so much worse than the hazard model, and the noise in it; `orders` is what they lack in order."""
    noise, still = np.linspace(-1.0, 1.0, 41), np.zeros(41)
    curves = {"hazard": (0.0, 0.0, 0.0)} | {name: (-orders, *gain) for name, gain in gains.items()}
    values = {name: {"concordance": 0.7 + c, "integrated_brier": 0.1 + more} for name, (c, more, _) in curves.items()}
    draws = {
        name: {"concordance": 0.7 + c + still, "integrated_brier": 0.1 + more + reach * noise}
        for name, (c, more, reach) in curves.items()
    }
    return Timing(study, (ORIGIN,), (), (7,), 10, 5, Bootstrap(values, draws))


def test_the_verdict_says_beyond_what_it_tells_more_or_that_it_cannot(study):
    both = verdict(made(study, kaplan_meier=(0.05, 0.01), recency=(0.03, 0.01)))
    assert both.startswith("The hazard model tells more of the time than Kaplan-Meier and than days since last")
    assert "-0.0500 (-0.0595 to -0.0405) against Kaplan-Meier" in both
    one = verdict(made(study, kaplan_meier=(0.05, 0.01), recency=(0.03, 0.04)))
    assert "than Kaplan-Meier, but not beyond noise more than days since last" in one
    nothing = {"kaplan_meier": (0.01, 0.02), "recency": (-0.01, 0.001)}
    assert verdict(made(study, **nothing)).startswith("It can be told who is earlier (concordance +0.1000")
    assert verdict(made(study, orders=0.0, **nothing)).startswith("It cannot be told who is earlier, and not beyond")


def test_origins_with_nothing_before_them_are_refused(study):
    with pytest.raises(NothingToTest, match="no origin has a date before it whose first 1 days were over"):
        timing(study, [dt.date(2024, 2, 10)], processes=1)


def test_today_s_customers_get_a_chance_for_every_day(study):
    table = times_to_leave(study, LAST, processes=1)
    chances = table[[f"within_{day}d" for day in (1, *DAYS)]].to_numpy()
    assert (np.diff(chances, axis=1) >= 0).all() and chances.min() >= 0 and chances.max() <= 1
    assert sorted(table["unit_id"]) == sorted(asked(study, LAST)["unit_id"])
    assert (np.diff(chances[:, -1]) <= 0).all()


def test_the_command_prints_the_test_and_writes_today_s_customers(shop):
    file = shop / "times.csv"
    ran = tenure("timing", shop, "--origin", ORIGIN, "--out", shop / "timed", "--customers", file, "--json")
    assert ran.code == 0, ran.err
    content = json.loads(ran.out)
    assert content["origins"] == [ORIGIN.isoformat()] and content["days"] == [1, *DAYS]
    assert "28 days without a purchase begin" in content["event"]
    assert set(content["models"]) == {"kaplan_meier", "recency", "line", "trees", "hazard"}
    assert content["models"]["hazard"]["concordance"]["low"] < content["models"]["hazard"]["concordance"]["high"]
    written = json.loads((shop / "timed" / "timing.json").read_text())
    assert written == {name: value for name, value in content.items() if name != "customers"}
    table = pd.read_csv(file)
    assert len(table) == len(content["customers"]) > 100
    assert table["unit_id"].tolist() == [row["unit_id"] for row in content["customers"]]
    assert content["customers"][0]["within_91d"] == pytest.approx(table["within_91d"].iloc[0], abs=1e-6)


def test_the_command_prints_tables_and_a_sentence(shop):
    ran = tenure("timing", shop, "--origin", ORIGIN)
    assert ran.code == 0, ran.err
    assert all(said in ran.out for said in ("Kaplan-Meier", "concordance", "91 days", "said - happened"))
    assert "The hazard model tells more" in " ".join(ran.out.split())


def test_wrong_outcomes_and_files_are_refused_before_the_work(shop):
    ran = tenure("timing", shop, "--outcome", "slump")
    assert ran.code == 1 and "of cancellation and inactivity, found one of type decline" in ran.said
    ran = tenure("timing", shop, "--customers", shop / "times.xlsx")
    assert ran.code == 1 and "--customers" in ran.said and "must end in .parquet or .csv" in ran.said
