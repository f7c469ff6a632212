"""A snapshot written by a cluster is that of one machine, row for row, and either engine can use the other's."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from cluster import Import, OnSpark, same_files
from everything import write_everything
from shop import project_text, sales, write_project, write_sales

from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.sources.files import SourceFileError
from tenure.pipelines.sources.mapping import MappingError


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
