"""A source that is imported and live: what both tell counts once, whichever comes first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine

from tenure.pipelines.lake.covering import COVERED, covered_until
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.live.delivery import deliver
from tenure.pipelines.live.merging import Event, untold
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store

NOW = dt.datetime(2024, 7, 1, 15, tzinfo=dt.UTC)
TOML = """
[project]
name = "shop"
[[source]]
name = "desk"
files = "desk.csv"
live = true
select = "select id as interaction_id, who as external_id, happened as occurred_at, kind, ticket as case_id from source"
[[source]]
name = "desk_identities"
into = "identities"
files = "who.csv"
[outcome.lapse]
type = "inactivity"
kinds = ["contact_opened"]
horizon_days = 28
eligible = { active_days = 28 }
"""
FILE = """id,who,happened,kind,ticket
1:opened,11,2024-06-01T10:00:00Z,contact_opened,1
100:status,11,2024-06-03T10:00:00Z,resolved,1
2:opened,12,2024-06-02T10:00:00Z,contact_opened,2
call-7,12,2024-06-05T10:00:00Z,visit,
"""
WHO = "source,external_id,customer_id\ndesk,11,ann\ndesk,12,bob\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "tenure.toml").write_text(TOML)
    (tmp_path / "who.csv").write_text(WHO)
    (tmp_path / "desk.csv").write_text(FILE)
    return load_project(tmp_path)


@pytest.fixture
def engine(project: Project) -> Iterator[Engine]:
    engine = project_store(project)
    yield engine
    engine.dispose()


def row(name: str, at: str, kind: str, case: str | None = "1", customer: str = "ann", **more: Any) -> dict[str, Any]:
    found = {"interaction_id": name, "customer_id": customer, "occurred_at": f"2024-06-{at}:00:00+00:00", "kind": kind}
    return found | ({"case_id": case} if case else {}) | more


def imported(project: Project, engine: Engine, said: list[str] | None = None) -> Snapshot:
    return import_sources(project, now=NOW, store=engine, progress=None if said is None else said.append)


def told(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    table = pa.concat_tables(pq.read_table(snapshot.interactions(b)) for b in range(snapshot.buckets))
    return [(r["customer_id"], r["interaction_id"], r["kind"]) for r in table.to_pylist()]


EXPORTED = [
    ("ann", "1:opened", "contact_opened"),
    ("ann", "100:status", "resolved"),
    ("bob", "2:opened", "contact_opened"),
    ("bob", "call-7", "visit"),
]


def test_what_the_files_tell_of_a_case_is_not_counted_again(project: Project, engine: Engine) -> None:
    deliver(
        engine, "desk", [row("1:opened", "01T10", "contact_opened"), row("e-1:status", "03T10", "resolved")], now=NOW
    )
    assert told(imported(project, engine)) == EXPORTED


def test_what_happened_later_in_the_case_or_in_another_one_is_added(project: Project, engine: Engine) -> None:
    deliver(
        engine,
        "desk",
        [row("e-2:status", "04T10", "reopened"), row("9:opened", "01T08", "contact_opened", "9")],
        now=NOW,
    )
    assert set(told(imported(project, engine))) == {
        *EXPORTED,
        ("ann", "e-2:status", "reopened"),
        ("ann", "9:opened", "contact_opened"),
    }


def test_a_row_of_no_case_with_the_same_id_and_known_at_counts_once(project: Project, engine: Engine) -> None:
    deliver(
        engine,
        "desk",
        [row("call-7", "05T10", "visit", None, "someone"), row("call-8", "05T10", "visit", None, "bob")],
        now=NOW,
    )
    assert told(imported(project, engine)) == [*EXPORTED, ("bob", "call-8", "visit")]


def test_a_person_who_was_delivered_by_the_tools_own_id_becomes_the_customer(project: Project, engine: Engine) -> None:
    deliver(engine, "desk", [row("3:opened", "06T10", "contact_opened", "3", "desk:11")], now=NOW)
    assert ("ann", "3:opened", "contact_opened") in told(imported(project, engine))


def test_what_is_delivered_after_an_import_is_added_as_if_all_were_imported_anew(
    project: Project, engine: Engine
) -> None:
    imported(project, engine)
    deliver(engine, "desk", [row("e-1:status", "03T10", "resolved"), row("e-2:status", "04T10", "reopened")], now=NOW)
    said: list[str] = []
    appended = imported(project, engine, said)
    assert not any("everything again" in line for line in said)
    deliver(engine, "desk", [row("e-0:status", "02T10", "assigned"), row("e-3:status", "05T10", "resolved")], now=NOW)
    again = imported(project, engine)
    assert [name for _, name, _ in told(appended)] == ["1:opened", "100:status", "e-2:status", "2:opened", "call-7"]
    assert (again.rows, again.sources[0].rows) == (6, 6)
    (project.root / "who.csv").write_text(WHO + "desk,13,cid\n")
    anew = imported(project, engine, said)
    assert any("everything again" in line for line in said)
    assert told(anew) == told(again)


def test_a_later_export_takes_the_place_of_what_was_delivered(project: Project, engine: Engine) -> None:
    deliver(engine, "desk", [row("e-2:status", "04T10", "reopened"), row("e-9:status", "08T10", "resolved")], now=NOW)
    imported(project, engine)
    (project.root / "desk.csv").write_text(FILE + "101:status,11,2024-06-04T10:00:00Z,reopened,1\n")
    assert ("ann", "101:status", "reopened") in (found := told(imported(project, engine)))
    assert ("ann", "e-2:status", "reopened") not in found
    assert ("ann", "e-9:status", "resolved") in found


def test_the_refresher_leaves_out_what_the_files_tell(project: Project, engine: Engine) -> None:
    snapshot = imported(project, engine)
    rows = [
        row("e-1:status", "03T10", "resolved"),
        row("e-2:status", "04T10", "reopened"),
        row("x", "01T01", "visit", None),
    ]
    events = [Event(number, "desk", one) for number, one in enumerate(rows)]
    assert [event.event_id for event in untold(events, snapshot)] == [1, 2]
    other = [Event(number, "till", one) for number, one in enumerate(rows)]
    assert untold(other, snapshot) == other
    assert covered_until(snapshot.folder / COVERED, {("desk", "1")}) == {
        ("desk", "1"): dt.datetime(2024, 6, 3, 10, tzinfo=dt.UTC)
    }
