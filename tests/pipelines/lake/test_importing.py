"""One import from end to end: what is committed, refused, kept and swept."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import signal
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from tenure.pipelines.lake.buckets import bucket_of
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.quarantine import QuarantineRefused
from tenure.pipelines.lake.snapshot import NoSnapshot, NoSourceOfKinds, current_snapshot
from tenure.pipelines.lake.sweep import ImportIsRunning
from tenure.pipelines.sources.columns import INTERACTIONS, PROFILES
from tenure.pipelines.store.engine import open_store

HEAD = "customer_id,occurred_at,kind"


def test_every_column_of_the_lake_is_always_there(lake):
    snapshot = lake.one(f"{HEAD}\na,2024-01-01,visit")
    assert pq.read_schema(snapshot.interactions(0)).names == list(INTERACTIONS)
    assert pq.read_schema(snapshot.profiles(0)).names == list(PROFILES)
    assert str(pq.read_schema(snapshot.interactions(0)).field("occurred_at").type) == "timestamp[us, tz=UTC]"


def test_rows_are_sorted_by_customer_and_time(lake, rows):
    snapshot = lake.one(f"{HEAD}\nb,2024-01-02,visit\na,2024-01-03,visit\nb,2024-01-01,visit")
    assert rows(snapshot, "customer_id", "occurred_at") == [
        ("a", "2024-01-03 00:00"), ("b", "2024-01-01 00:00"), ("b", "2024-01-02 00:00"),
    ]  # fmt: skip


def test_customers_are_spread_over_buckets_by_a_stable_hash(lake, monkeypatch):
    monkeypatch.setattr("tenure.pipelines.lake.buckets.ROWS_A_BUCKET", 10)
    lines = "\n".join(f"c{i:02d},2024-01-{1 + i % 28:02d},visit" for i in range(64))
    snapshot = lake.one(f"{HEAD}\n{lines}")
    assert (snapshot.buckets, snapshot.rows, snapshot.customers) == (8, 64, 64)
    for bucket in range(8):
        held = pq.read_table(snapshot.interactions(bucket))["customer_id"].to_pylist()
        assert held == sorted(held)
        assert {bucket_of(c, 8) for c in held} <= {bucket}


def test_the_watermark_is_the_earliest_over_the_sources_that_matter(lake):
    one = {"name": "one", "files": lake.write("1.csv", f"{HEAD}\na,2024-03-01T05:00Z,purchase")}
    two = {
        "name": "two",
        "files": lake.write("2.csv", f"{HEAD}\na,2024-01-01T05:00Z,visit"),
        "complete_until": "2024-02-02",
    }
    snapshot = lake.load(one, two, timezone="America/New_York")
    assert snapshot.watermark(["purchase"]) == dt.date(2024, 3, 1)
    assert snapshot.watermark([]) == dt.date(2024, 2, 2)
    with pytest.raises(NoSourceOfKinds, match="the data has purchase, visit"):
        snapshot.watermark(["refund"])


def test_nothing_is_imported_twice(lake):
    first = lake.one(f"{HEAD}\na,2024-01-01,visit")
    assert lake.one(f"{HEAD}\na,2024-01-01,visit").rows == 1
    project = lake.project(
        {"name": "rows", "files": "rows.csv", "max_quarantined": 1, "select": "select * from source"}
    )
    again = import_sources(project, now=lake.now, store=open_store(project.data))
    third = import_sources(project, now=lake.now, store=open_store(project.data))
    assert again.snapshot_id == third.snapshot_id > first.snapshot_id
    assert again == current_snapshot(project, open_store(project.data))


def test_rows_of_the_future_come_in_once_they_are_past(lake):
    text = f"{HEAD}\na,2024-07-15,visit\na,2024-01-01,visit"
    assert lake.one(text).rows == 1
    lake.now = dt.datetime(2024, 8, 1, tzinfo=dt.UTC)
    project = lake.project({"name": "rows", "files": "rows.csv", "max_quarantined": 1})
    assert import_sources(project, now=lake.now, store=open_store(project.data)).rows == 2


def test_too_many_unusable_rows_stop_the_import_and_keep_the_snapshot(lake):
    settings = {"name": "rows", "files": "rows.csv", "max_quarantined": 0.2}
    lake.write("rows.csv", f"{HEAD}\na,2024-01-01,visit")
    before = lake.load(settings)
    lake.write("rows.csv", f"{HEAD}\na,2024-01-01,visit\n,2024-01-01,visit\na,soon,visit")
    with pytest.raises(QuarantineRefused) as refused:
        lake.load(settings)
    said = str(refused.value)
    assert "source 'rows': 2 of 3 rows (66.7%) cannot be used, more than max_quarantined = 0.2" in said
    assert "1 x no customer" in said
    assert '"occurred_at":"soon"' in said
    project = lake.project(settings)
    assert current_snapshot(project, open_store(project.data)) == before
    assert [f for f in (project.data / "lake").iterdir() if f.is_dir()] == [before.folder]


def test_a_project_without_data_says_what_to_run(lake):
    project = lake.project({"name": "rows", "files": "rows.csv"})
    with pytest.raises(NoSnapshot, match="run `tenure check`"):
        current_snapshot(project, open_store(project.data))


def test_two_imports_at_once_are_refused(lake):
    project = lake.project({"name": "rows", "files": lake.write("rows.csv", f"{HEAD}\na,2024-01-01,visit")})
    store = open_store(project.data)
    (project.data / "lake").mkdir()
    with (project.data / "lake" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ImportIsRunning, match="wait for it to end"):
            import_sources(project, now=lake.now, store=store)


def test_the_current_and_the_previous_snapshot_are_kept(lake):
    made = [lake.one(f"{HEAD}\na,2024-01-0{day},visit") for day in (1, 2, 3)]
    assert [s.folder.is_dir() for s in made] == [False, True, True]


KILLED = """
import datetime as dt, sys
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store
project = load_project(sys.argv[1])
def pause(message):
    print(message, flush=True)
    sys.stdin.readline()
import_sources(project, now=dt.datetime(2024, 7, 1, tzinfo=dt.UTC), store=open_store(project.data), progress=pause)
"""


def test_a_killed_import_leaves_the_previous_snapshot_and_is_swept(lake):
    text = '[project]\nname = "small"\n[[source]]\nname = "rows"\nfiles = "rows.csv"\n'
    text += '[outcome.lapse]\ntype = "inactivity"\nkinds = ["visit"]\nhorizon_days = 28\n'
    (lake.root / "tenure.toml").write_text(text)
    lake.write("rows.csv", f"{HEAD}\na,2024-01-01,visit")
    before = lake.load({"name": "rows", "files": "rows.csv"})
    lake.write("rows.csv", f"{HEAD}\na,2024-01-01,visit\nb,2024-01-01,visit")
    command = [sys.executable, "-c", KILLED, str(lake.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline().startswith("reading everything again: files of rows")
        os.kill(child.pid, signal.SIGKILL)
    project = lake.project({"name": "rows", "files": "rows.csv"})
    assert current_snapshot(project, open_store(project.data)) == before
    assert len([f for f in (project.data / "lake").iterdir() if f.is_dir()]) == 2
    after = lake.load({"name": "rows", "files": "rows.csv"})
    assert after.customers == 2
    assert {f.name for f in (project.data / "lake").iterdir() if f.is_dir()} == {before.snapshot_id, after.snapshot_id}
