"""A world written down: the same bytes for the same seed, honest dates, all channels and languages, and a good project."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tenure.pipelines.catalogue import CHANNELS, KINDS
from tenure.pipelines.inspection.check import check
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.simulation.parameters import load_world
from tenure.pipelines.simulation.weeks import FIRST_DAY
from tenure.pipelines.simulation.world import World
from tenure.pipelines.simulation.writing import FolderInUse
from tenure.pipelines.store.engine import open_store

DAYS = 364
END = FIRST_DAY + dt.timedelta(days=DAYS)
SUPPORT = "support"


def lived(name: str = "plain", *, customers: int = 1_200, seed: int = 5) -> World:
    return World(load_world(name), customers=customers, seed=seed, days=DAYS).advance(END)


def records(folder: Path, source: str) -> pd.DataFrame:
    return pd.concat([pq.read_table(file).to_pandas() for file in sorted((folder / "data").glob(f"{source}-*"))])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worlds") / "plain"
    lived().write(folder)
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worlds") / "hostile"
    lived("hostile").write(folder)
    return folder


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("again", 5), ("other", 6)):
        lived(customers=150, seed=seed).write(tmp_path / name)
    one, again, other = (
        {str(file.relative_to(tmp_path / name)): file.read_bytes() for file in sorted((tmp_path / name).rglob("*.*"))}
        for name in ("one", "again", "other")
    )
    assert one == again
    assert one["data/support-001.parquet"] != other["data/support-001.parquet"]


def test_a_written_world_is_a_good_project(plain: Path, tmp_path: Path) -> None:
    project = load_project(plain)
    project = project.model_copy(update={"project": project.project.model_copy(update={"data": tmp_path})})
    store = open_store(tmp_path)
    snapshot = import_sources(project, now=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), store=store)
    found = check(project, snapshot)
    assert [sum(source.quarantined.values()) for source in found.sources] == [0, 0, 0, 0]
    assert found.watermark == END
    assert found.kinds["signup"] <= 1_200
    assert found.kinds["cancellation"] > 100


def test_every_channel_is_used_and_nearly_every_kind_happens(plain: Path) -> None:
    happened = pd.concat([records(plain, source) for source in ("billing", "usage", SUPPORT)])
    assert set(records(plain, SUPPORT)["channel"]) == set(CHANNELS)
    assert set(KINDS) - set(happened["kind"]) == {"notice"}
    assert happened["interaction_id"].is_unique


def test_messages_are_in_the_language_of_the_customer(plain: Path) -> None:
    facts = records(plain, "profiles")
    language = facts[facts["name"] == "language"].set_index("customer_id")["value"]
    written = records(plain, SUPPORT).dropna(subset=["text"])
    spoken = written["customer_id"].map(language)
    assert set(spoken) == {"en", "pl", "bg", "hi"}
    assert written["text"][spoken == "hi"].str.contains("[\u0900-\u097f]").all()
    assert written["text"][spoken == "bg"].str.contains("[\u0400-\u04ff]").all()
    assert not written["text"][spoken.isin(["en", "pl"])].str.contains("[\u0400-\u097f]").any()


def test_whoever_is_in_trouble_writes_in_a_worse_tone(plain: Path) -> None:
    rows = records(plain, SUPPORT)
    worst = rows[rows["text"].str.contains("third time|looking for another provider|promised to call", na=False)]
    broken = rows[(rows["kind"] == "followed_up")].groupby("case_id")["occurred_at"].max()
    due = rows[rows["kind"] == "callback_promised"].set_index("case_id")["due_at"]
    late = (broken.reindex(due.index) > due).to_numpy()
    cases = due.index[late]
    assert 0.2 < late.mean() < 0.45
    share_late = worst["case_id"].isin(cases).sum() / len(cases)
    others = rows["case_id"].nunique() - len(cases)
    assert share_late > 2 * (~worst["case_id"].isin(cases)).sum() / others


def test_nothing_is_on_record_that_was_not_known_or_had_not_happened(plain: Path, hostile: Path) -> None:
    end = pd.Timestamp(END, tz="UTC")
    for folder in (plain, hostile):
        for source in ("billing", "usage", SUPPORT, "profiles"):
            rows = records(folder, source)
            assert (rows["occurred_at"] < end).all()
            assert (rows["known_at"] <= end).all()
            assert (rows["known_at"] >= rows["occurred_at"]).all()


def test_nobody_does_anything_after_leaving_or_before_signing(plain: Path) -> None:
    happened = pd.concat([records(plain, source) for source in ("billing", "usage", SUPPORT)])
    begun = happened[happened["kind"] == "signup"].set_index("customer_id")["occurred_at"]
    ended = happened[happened["kind"] == "cancellation"].set_index("customer_id")["occurred_at"]
    assert begun.index.is_unique and ended.index.is_unique
    assert not (happened["occurred_at"] > happened["customer_id"].map(ended)).any()
    assert not (happened["occurred_at"] < happened["customer_id"].map(begun)).any()


def test_the_records_tell_of_leaving_what_the_truth_says(plain: Path) -> None:
    truth = pq.read_table(plain / "truth.parquet").to_pandas().set_index("customer_id")
    billing = records(plain, "billing")
    gone = billing[billing["kind"] == "cancellation"].set_index("customer_id")["occurred_at"]
    assert set(gone.index) == set(truth.index[truth["left_on"].notna()])
    here = truth["left_on"].isna() & (truth["signed_on"] < pd.Timestamp(END))
    assert truth.loc[here, ["risk", "risk_if_contacted", "saved", "cause_hidden", "fate"]].notna().all().all()
    assert truth.loc[truth["left_on"].notna(), "cause_service"].notna().all()
    assert truth["cause_service"][truth["left_on"].notna()].mean() > truth["cause_service"][here].mean()


def test_hostile_records_are_late_and_have_a_gap(plain: Path, hostile: Path) -> None:
    billing, support = records(hostile, "billing"), records(hostile, SUPPORT)
    gone = billing[billing["kind"] == "cancellation"]
    assert (gone["known_at"] - gone["occurred_at"]).dt.days.max() >= 10
    assert (support["known_at"].dt.day_of_week == 0).all()
    (gap,) = load_project(hostile).gap
    used = records(hostile, "usage")["occurred_at"]
    assert not used.between(pd.Timestamp(gap.start, tz="UTC"), pd.Timestamp(gap.end, tz="UTC")).any()
    assert load_project(hostile).outcome["leaves"].maturity_days == 14
    assert load_project(plain).gap == ()


def test_contacts_change_what_is_written(tmp_path: Path) -> None:
    day = dt.date(2024, 6, 3)
    world = World(load_world("plain"), customers=1_200, seed=5, days=DAYS).advance(day)
    world.advance(END, contacts=dict.fromkeys(world.at(day, futures=1)["customer_id"], day))
    assert world.left().notna().sum() < lived().left().notna().sum()
    world.write(tmp_path / "contacted")
    gone = records(tmp_path / "contacted", "billing")["kind"] == "cancellation"
    assert gone.sum() == world.left().notna().sum()


def test_what_was_left_unfinished_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".unfinished").mkdir()
    (tmp_path / ".unfinished" / "half.parquet").write_text("half")
    lived(customers=10).write(tmp_path)
    assert {held.name for held in tmp_path.iterdir()} == {"data", "truth.parquet", "tenure.toml"}


def test_a_folder_in_use_is_left_alone(plain: Path) -> None:
    with pytest.raises(FolderInUse, match="expected a new or an empty folder"):
        lived(customers=10).write(plain)
