"""A sample: the same history under other names, without what was said."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from command import tenure
from shop import sales, write_project

from tenure.pipelines.backup.sample import kept_sections
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store

SECRET = "do call me back, it is Ann Smith"
TILL = """
[[source]]
name = "calls"
files = "calls.csv"
complete_until = 2024-12-29
[profile.plan]
role = "display"
[hooks]
[write_back]
"""
CALLS = f"""customer_id,occurred_at,kind,channel,agent_id,case_id,text,note
c001,2024-05-01T10:00:00Z,message_in,phone,agent-smith,case-77,"{SECRET}",vip
c002,2024-05-02T10:00:00Z,message_in,phone,agent-smith,case-78,"{SECRET}",vip
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "shop", sales())
    (folder / "calls.csv").write_text(CALLS)
    text = (folder / "tenure.toml").read_text().replace('name = "shop"\n', 'name = "shop"\ndata = "built"\n')
    (folder / "tenure.toml").write_text(text + TILL)
    assert tenure("check", folder).code == 0
    return folder


def test_the_history_is_the_same_and_nobody_can_be_named(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "sample"
    ran = tenure("sample", shop, "--customers", 400, "--pseudonymous", "--out", out, "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["customers"] == 400
    assert sorted(path.name for path in out.iterdir()) == [
        "calls.parquet", "sales.parquet", "tenure.toml", "timeless_profiles.parquet",
    ]  # fmt: skip
    for file in out.glob("*.parquet"):
        told = json.dumps(pq.read_table(file).to_pylist(), default=str)
        for name in ("c001", "c002", "agent-smith", "case-77", "case-78", SECRET, "vip"):
            assert f'"{name}"' not in told, (file, name)
    assert "built" not in (out / "tenure.toml").read_text()
    small, whole = (rows_by_customer(folder) for folder in (out, shop))
    assert len(small) == 400
    assert all(history in whole.values() for history in small.values())


def rows_by_customer(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """What everybody did and when, by customer, from the lake."""
    project = load_project(folder)
    store = project_store(project)
    study = Study.of(project, import_sources(project, now=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), store=store))
    store.dispose()
    found: dict[str, list[tuple[object, ...]]] = {}
    for bucket in range(study.snapshot.buckets):
        for row in pq.read_table(study.snapshot.interactions(bucket)).to_pylist():
            found.setdefault(row["customer_id"], []).append((row["occurred_at"], row["kind"], row["amount"]))
    return {name: sorted(rows, key=str) for name, rows in found.items()}


def test_it_is_refused_where_it_could_give_away_or_destroy_something(shop: Path, tmp_path: Path) -> None:
    assert tenure("sample", shop, "--out", tmp_path / "sample").code == 2
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    ran = tenure("sample", shop, "--pseudonymous", "--out", tmp_path / "full")
    assert (ran.code, "is not empty" in ran.said) == (1, True)


def test_a_bracket_in_a_select_begins_no_section() -> None:
    text = '[[source]]\nselect = """\nselect a\n[project]\n"""\n[bands]\nhigh = 0.3'
    assert kept_sections(text) == "[bands]\nhigh = 0.3"


def test_what_is_about_the_place_stays_behind_and_gaps_come_along(shop: Path, tmp_path: Path) -> None:
    gap = '[[gap]]\nsource = "{}"\nfrom = 2024-02-01\nuntil = 2024-02-03\n'
    with (shop / "tenure.toml").open("a") as file:
        file.write(gap.format("calls") + gap.format("members"))
    out = tmp_path / "sample"
    ran = tenure("sample", shop, "--pseudonymous", "--out", out)
    assert ran.code == 0, ran.err
    made = load_project(out)
    assert (made.project.clock, [one.source for one in made.gap]) == ("data", ["calls"])
    text = '[project]\nengine = "spark"\nname = "shop"\n[spark]\nmaster = "spark://away:7077"\n'
    assert kept_sections(text) == '[project]\nclock = "data"\nname = "shop"'


def test_whoever_objects_to_profiling_is_in_no_sample(shop: Path, tmp_path: Path) -> None:
    before = len(rows_by_customer(shop))
    assert tenure("object", "c001", shop).code == 0
    out = tmp_path / "sample"
    told = tenure("sample", shop, "--customers", 10_000, "--pseudonymous", "--out", out, "--json")
    assert told.code == 0, told.err
    assert json.loads(told.out)["customers"] == before - 1
