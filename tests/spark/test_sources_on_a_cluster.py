"""A snapshot written by a cluster is that of one machine, row for row, and either engine can use the other's."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest
from cluster import Import, OnSpark, same_files
from everything import write_everything
from shop import project_text, sales, write_project, write_sales

from tenure.pipelines.lake.covering import COVERED
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.live.delivery import deliver
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.sources.files import SourceFileError
from tenure.pipelines.sources.mapping import MappingError
from tenure.pipelines.store.engine import open_store


def beside(project: Project, name: str) -> Project:
    """The same project with its data in another folder."""
    about = project.project.model_copy(update={"data": Path(name)})
    return project.model_copy(update={"project": about})


class Both(NamedTuple):
    """A project imported here, and by a cluster into a folder beside."""

    project: Project
    here: Snapshot
    there: Snapshot


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, on_spark: OnSpark, imported: Import) -> Both:
    project = load_project(write_everything(tmp_path_factory.mktemp("both") / "everything"))
    return Both(project, imported(project), imported(on_spark(beside(project, ".there"))))


def test_every_file_of_the_snapshot_is_the_same(both: Both) -> None:
    same_files(both.there, both.here)
    assert both.here.buckets == 8 and sum(both.here.sources[0].quarantined.values()) > 50
    assert any(both.here.folder.glob("texts-*"))


def test_the_snapshot_says_the_same_of_its_sources(both: Both) -> None:
    here, there = both.here, both.there
    assert there.sources == here.sources
    assert (there.rows, there.customers, there.buckets) == (here.rows, here.customers, here.buckets)


def test_an_unchanged_lake_is_taken_by_either_engine(both: Both, on_spark: OnSpark, imported: Import) -> None:
    assert imported(beside(both.project, ".there")).snapshot_id == both.there.snapshot_id
    assert imported(on_spark(both.project)).snapshot_id == both.here.snapshot_id


def test_nothing_is_left_of_what_was_under_way(both: Both) -> None:
    data = both.there.folder.parent.parent
    assert [folder.name for folder in (data / "lake").glob("*-*")] == [both.there.snapshot_id]
    assert list((data / "spark").glob("work-*")) == []


def test_new_files_are_added_to_a_lake_of_the_cluster(tmp_path: Path, on_spark: OnSpark, imported: Import) -> None:
    rows = sales(240)
    folder = write_project(tmp_path / "shop", rows[:-200], text=project_text(files='"sales*.csv"'))
    project = load_project(folder)
    first = imported(on_spark(project))
    write_sales(folder / "sales_later.csv", rows[-200:])
    added = imported(on_spark(project))
    assert added.rows == first.rows + 200
    same_files(added, imported(beside(project, ".anew")))


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("select person as external_id", "must yield occurred_at"),
        ("select 1 / (id = 'r000007')::int::text::json", "select"),
    ],
)
def test_a_select_that_fails_says_so_as_on_one_machine(
    everything: Project, on_spark: OnSpark, imported: Import, select: str, said: str
) -> None:
    sources = [
        s.model_copy(update={"select": f"{select} from source"}) if s.name == "contacts" else s
        for s in everything.source
    ]
    broken = everything.model_copy(update={"source": tuple(sources)})
    with pytest.raises(MappingError, match=said) as found:
        imported(on_spark(broken))
    with pytest.raises(MappingError) as expected:
        imported(broken)
    assert str(found.value) == str(expected.value)
    assert list((everything.data / "lake").glob("0*")) == []


def test_a_file_that_cannot_be_read_stops_the_import(everything: Project, on_spark: OnSpark, imported: Import) -> None:
    (everything.root / "contacts-2.csv").write_bytes(b"id,person\n\xff\xfe\x00broken,1\n")
    with pytest.raises(SourceFileError, match="contacts"):
        imported(on_spark(everything))
    assert list((everything.data / "lake").glob("0*")) == []


TICKETS = """
[project]
name = "desk"
[[source]]
name = "desk"
files = "desk.csv"
live = true
select = "select id as interaction_id, who as external_id, happened as occurred_at, kind, ticket as case_id from source"
[[source]]
name = "who"
into = "identities"
files = "who.csv"
[outcome.quiet]
type = "inactivity"
kinds = ["visit"]
horizon_days = 7
eligible = { ever = true }
"""


def test_what_files_tell_of_a_case_is_not_counted_again(tmp_path: Path, on_spark: OnSpark, imported: Import) -> None:
    (tmp_path / "tenure.toml").write_text(TICKETS)
    (tmp_path / "who.csv").write_text("source,external_id,customer_id\ndesk,11,ann\n")
    (tmp_path / "desk.csv").write_text("id,who,happened,kind,ticket\na,11,2025-01-03T10:00:00Z,visit,t1\n")
    about = {"customer_id": "desk:11", "kind": "visit", "case_id": "t1"}
    rows = [
        {**about, "interaction_id": f"b{day}", "occurred_at": f"2025-01-0{day}T10:00:00+00:00"} for day in (2, 3, 4)
    ]
    project, found = load_project(tmp_path), []
    for name in (".here", ".there"):
        beside_it = beside(project, name)
        deliver(open_store(beside_it.data), "desk", rows, now=dt.datetime(2025, 2, 1, tzinfo=dt.UTC))
        snapshot = imported(on_spark(beside_it) if name == ".there" else beside_it)
        files = [snapshot.interactions(bucket) for bucket in range(snapshot.buckets)]
        lake = [row for file in files for row in pq.read_table(file).to_pylist()]
        found.append((lake, pq.read_table(snapshot.folder / COVERED).to_pylist(), snapshot.sources))
    assert found[0] == found[1]
    assert [(row["customer_id"], row["interaction_id"]) for row in found[1][0]] == [("ann", "a"), ("ann", "b4")]
