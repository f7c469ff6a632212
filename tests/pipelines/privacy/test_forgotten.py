"""At import whoever was erased is known again by every name, and nobody else loses a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest

from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.live.delivery import Delivered, deliver
from tenure.pipelines.privacy.erasing import Reason, erase
from tenure.pipelines.privacy.suppression import Suppression
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import open_store

SELECT = "select id as interaction_id, who as external_id, kase as case_id, day::timestamptz as occurred_at, 'message_in' as kind from source"
DESK = {"name": "desk", "files": "desk.csv", "select": SELECT, "max_quarantined": 1.0, "timezone": "UTC"}
LINKS = {"name": "links", "into": "identities", "files": "links.csv", "timezone": "UTC"}
TABLE = "create table sales (nr int, who text, sold timestamptz)"
SALES = {
    "name": "sales", "postgres": "SHOP_DATABASE", "table": "sales", "cursor": "nr",
    "select": "select nr as interaction_id, who as customer_id, sold as occurred_at, 'purchase' as kind from source",
}  # fmt: skip


def gone(project: Project, customer: str, now: dt.datetime) -> dict[str, Any]:
    return erase(
        project, open_store(project.data), customer, who="me", reason=Reason.request, now=now, say=lambda _: None
    )


def again(project: Project, now: dt.datetime) -> Snapshot:
    return import_sources(project, now=now, store=open_store(project.data))


def test_a_case_goes_with_whom_it_is_of(lake, rows: Callable[..., list[Any]]) -> None:
    lake.write(
        "desk.csv",
        """
        id,who,kase,day
        a1,7,k1,2024-01-01T00:00:00Z
        a2,,k1,2024-01-02T00:00:00Z
        a3,8,k1,2024-01-03T00:00:00Z
        a4,,k1,2024-01-04T00:00:00Z
        b1,8,k2,2024-01-01T00:00:00Z
        b2,,k2,2024-01-02T00:00:00Z
        c1,7,k3,2024-01-01T00:00:00Z
        c2,,k3,2023-12-31T00:00:00Z
        c3,,k3,never""",
    )
    lake.write(
        "links.csv",
        """
        external_id,customer_id,source
        7,ann,desk
        8,bob,desk""",
    )
    project = lake.project({**DESK, "select": SELECT.replace("day::", "try_cast(day as timestamptz)::")}, LINKS)
    before = again(project, lake.now)
    assert sorted(rows(before, "interaction_id", "customer_id")) == [
        ("a1", "ann"), ("a2", "ann"), ("a3", "bob"), ("a4", "bob"), ("b1", "bob"), ("b2", "bob"), ("c1", "ann"),
    ]  # fmt: skip
    assert sum(before.sources[0].quarantined.values()) == 2
    gone(project, "ann", lake.now)
    (lake.root / "desk.csv").touch()
    after = again(project, lake.now)
    assert after.snapshot_id != before.snapshot_id
    assert sorted(rows(after, "interaction_id")) == ["a3", "a4", "b1", "b2"]
    assert (after.sources[0].suppressed, after.sources[0].quarantined) == (5, {})


def test_an_id_that_was_given_to_somebody_else_is_theirs(lake, rows: Callable[..., list[Any]]) -> None:
    lake.write(
        "desk.csv",
        """
        id,who,kase,day
        a1,7,,2024-01-01T00:00:00Z
        a2,7,,2024-03-01T00:00:00Z""",
    )
    lake.write(
        "links.csv",
        """
        external_id,customer_id,source,known_at
        7,ann,desk,2024-01-01T00:00:00Z
        7,bob,desk,2024-02-01T00:00:00Z""",
    )
    project = lake.project(DESK, LINKS)
    again(project, lake.now)
    gone(project, "ann", lake.now)
    (lake.root / "desk.csv").touch()
    assert set(rows(again(project, lake.now), "customer_id")) == {"bob"}


def test_a_name_that_identities_give_later_is_known_too(lake, rows: Callable[..., list[Any]]) -> None:
    lake.write("desk.csv", "id,who,kase,day\na1,7,,2024-01-01T00:00:00Z\nb1,8,,2024-01-01T00:00:00Z")
    lake.write("links.csv", "external_id,customer_id,source\n7,ann,desk\n8,bob,desk")
    project = lake.project(DESK, LINKS)
    again(project, lake.now)
    gone(project, "ann", lake.now)
    lake.write("desk.csv", "id,who,kase,day\na9,9,,2024-01-01T00:00:00Z\nb1,8,,2024-01-01T00:00:00Z")
    lake.write("links.csv", "external_id,customer_id,source\n9,ann2,desk\nann2,ann,\n8,bob,desk")
    after = again(project, lake.now)
    assert (rows(after, "customer_id"), after.sources[0].suppressed, after.sources[1].suppressed) == (["bob"], 1, 2)


def test_live_names_are_known_too(lake) -> None:
    lake.write("desk.csv", "id,who,kase,day\na1,7,,2024-01-01T00:00:00Z")
    lake.write("links.csv", "external_id,customer_id,source\n7,ann,desk")
    project = lake.project({**DESK, "live": True}, LINKS)
    again(project, lake.now)
    receipt = gone(project, "desk:7", lake.now)
    assert receipt["names"]["customers"] >= 2 and receipt["names"]["outside"] >= 1
    store, row = open_store(project.data), {"occurred_at": "2024-06-01T00:00:00+00:00", "kind": "purchase"}
    wanted = [{**row, "interaction_id": name, "customer_id": name} for name in ("ann", "desk:7", "desk:77")]
    assert deliver(store, "desk", wanted, now=lake.now, suppression=Suppression.of(project)) == Delivered(1, 0, 2)


def test_a_table_that_names_them_still_is_not_copied_again(
    lake, rows: Callable[..., list[Any]], postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_DATABASE", postgres.get_uri())
    for statement in (
        "drop table if exists sales",
        TABLE,
        "insert into sales values (1, 'ann', '2024-01-01'), (2, 'bob', '2024-01-02')",
    ):
        postgres.psql(statement)
    project = lake.project(SALES)
    again(project, lake.now)
    receipt = gone(project, "bob", lake.now)
    assert receipt["removed"]["files"] == {"rows of feeds": 1}
    assert receipt["sources"] == [{"source": "sales", "from": "sales"}]
    postgres.psql("insert into sales values (3, 'cem', '2024-01-03'), (4, 'bob', '2024-01-04')")
    for _ in range(2):
        assert sorted(rows(again(project, lake.now), "customer_id")) == ["ann", "cem"]
    copied = [
        row for file in (project.data / "feeds").rglob("part-*.parquet") for row in pq.read_table(file).to_pylist()
    ]
    assert sorted(row["who"] for row in copied) == ["ann", "cem"]
