"""The real sets load through their project files alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

HERE = Path(__file__).resolve().parents[3]
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def load(file, folder):
    project = load_project(HERE / file)
    project = project.model_copy(update={"project": project.project.model_copy(update={"data": folder})})
    if "shared" in str(project.source[0].files) and not (HERE.parent / "shared").is_dir():
        pytest.skip("../shared is not here")
    return import_sources(project, now=NOW, store=open_store(project.data))


@pytest.mark.parametrize(
    ("file", "rows", "customers", "watermark"),
    [
        ("serving/demo/completejourney.toml", 164_539, 2_469, dt.date(2018, 1, 1)),
        ("tests/projects/cdnow.toml", 69_659, 23_570, dt.date(1998, 7, 1)),
        ("tests/projects/online_retail.toml", 22_190, 4_372, dt.date(2011, 12, 9)),
        ("tests/projects/helpdesk_italy.toml", 47_012, 397, dt.date(2014, 1, 1)),
        ("tests/projects/french_meta.toml", 11_648, 1_703, dt.date(2021, 9, 2)),
        ("tests/projects/support_tickets.toml", 12_642, 8_320, dt.date(2022, 1, 1)),
    ],
)
def test_a_real_set_loads_by_its_project_file(tmp_path, file, rows, customers, watermark):
    snapshot = load(file, tmp_path)
    assert (snapshot.rows, snapshot.customers, snapshot.watermark([])) == (rows, customers, watermark)


def test_receipts_without_a_customer_and_impossible_tickets_are_counted(tmp_path):
    retail = load("tests/projects/online_retail.toml", tmp_path / "retail")
    tickets = load("tests/projects/support_tickets.toml", tmp_path / "tickets")
    assert retail.sources[0].quarantined == {"no customer": 3_710}
    assert tickets.sources[2].quarantined == {"handle_seconds is negative": 1_365}


@pytest.mark.long
def test_ten_million_clicks_are_streamed_and_repeats_are_kept(tmp_path):
    snapshot = load("tests/projects/oulad.toml", tmp_path)
    clicks, _, registrations, students = snapshot.sources
    assert clicks.rows == 10_655_280
    assert registrations.kinds == {"signup": 32_593, "cancellation": 10_072}
    assert (snapshot.customers, snapshot.buckets) == (28_785, 64)
    files = [snapshot.interactions(b) for b in range(snapshot.buckets)]
    assert sum(pq.read_metadata(f).num_rows for f in files) == snapshot.rows
    assert students.rows > 300_000
