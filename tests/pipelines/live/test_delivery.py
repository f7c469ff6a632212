"""Deliveries: kept once each, whole or not at all, in the order of their acknowledgement, and read by imports."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, func, select

from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.live.delivery import ClashingRows, Delivered, ReusedKey, deliver
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.store.tables import events

NOW = dt.datetime(2024, 7, 1, 15, tzinfo=dt.UTC)


def row(number: int, customer: str = "ann", day: str = "2024-06-01", **more: Any) -> dict[str, Any]:
    return {
        "interaction_id": f"r{number}",
        "customer_id": customer,
        "occurred_at": f"{day}T10:00:00+00:00",
        "kind": "purchase",
        **more,
    }


def count(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(events)) or 0)


def imported(project: Project, engine: Engine, now: dt.datetime = NOW) -> Snapshot:
    return import_sources(project, now=now, store=engine)


def lake_of(snapshot: Snapshot) -> pa.Table:
    table = pa.concat_tables(pq.read_table(snapshot.interactions(b)) for b in range(snapshot.buckets))
    return table.drop_columns(["source"])


def test_a_row_that_comes_again_changes_nothing(engine: Engine) -> None:
    assert deliver(engine, "till", [row(1), row(2), row(1)], now=NOW) == Delivered(2, 1)
    assert deliver(engine, "till", [row(2), row(3)], now=NOW) == Delivered(1, 1)
    assert count(engine) == 3


def test_the_same_id_with_other_content_is_refused_and_nothing_is_kept(engine: Engine) -> None:
    deliver(engine, "till", [row(1, amount=5.0)], now=NOW)
    with pytest.raises(
        ClashingRows, match="1 rows have the id and known_at of other rows and other content, first 'r1'"
    ):
        deliver(engine, "till", [row(2), row(1, amount=6.0)], now=NOW)
    with pytest.raises(ClashingRows, match="first 'r9'"):
        deliver(engine, "till", [row(9, amount=1.0), row(9, amount=2.0)], now=NOW)
    assert count(engine) == 1
    assert deliver(engine, "till", [row(1, amount=6.0, known_at="2024-06-02T00:00:00+00:00")], now=NOW).accepted == 1


def test_a_delivery_with_a_key_is_answered_as_at_first(engine: Engine) -> None:
    first = deliver(engine, "till", [row(1), row(2)], now=NOW, key="k")
    assert deliver(engine, "till", [row(1), row(2)], now=NOW, key="k") == first == Delivered(2, 0)
    with pytest.raises(ReusedKey, match="'k' was used for another delivery"):
        deliver(engine, "till", [row(3)], now=NOW, key="k")
    assert count(engine) == 2


def test_deliveries_at_once_are_all_kept_once(engine: Engine) -> None:
    def send(worker: int) -> int:
        return sum(deliver(engine, "till", [row(n), row(n + 1)], now=NOW).accepted for n in range(worker, worker + 10))

    with ThreadPoolExecutor(6) as pool:
        accepted = sum(pool.map(send, range(6)))
    assert accepted == count(engine) == len({f"r{n}" for w in range(6) for n in range(w, w + 11)})


def test_an_import_brings_them_into_the_lake_and_later_ones_are_added(project: Project, engine: Engine) -> None:
    deliver(engine, "till", [row(1, amount=9.99, attributes={"shop": "north"}), row(2, "bob")], now=NOW)
    first = imported(project, engine)
    assert (first.rows, first.customers, first.live_until) == (2, 2, 2)
    assert imported(project, engine) == first
    deliver(engine, "till", [row(3, day="2024-06-20")], now=NOW)
    second = imported(project, engine)
    assert (second.rows, second.live_until) == (3, 3)
    assert lake_of(second)["interaction_id"].to_pylist() == ["r1", "r3", "r2"]
    assert lake_of(second)["attributes"].to_pylist()[0] == [("shop", "north")]


def test_a_source_to_which_nothing_came_yet_is_imported_empty(project: Project, engine: Engine) -> None:
    assert imported(project, engine).rows == 0


def test_silence_is_knowledge_while_the_service_takes_what_is_sent(project: Project, engine: Engine) -> None:
    deliver(engine, "till", [row(1)], now=NOW)
    first = imported(project, engine)
    assert first.watermark(["purchase"]) == dt.date(2024, 7, 1)
    later = imported(project, engine, NOW + dt.timedelta(days=9))
    assert later.snapshot_id == first.snapshot_id
    assert later.watermark(["purchase"]) == dt.date(2024, 7, 10)


def test_order_repeats_and_pieces_of_deliveries_do_not_matter(project: Project, engine: Engine, tmp_path: Path) -> None:
    generator = random.Random(5)
    rows = [row(n, f"c{n % 7}", f"2024-06-{1 + n % 28:02d}", amount=float(n)) for n in range(60)]
    rows += [
        row(n, f"c{n % 7}", f"2024-06-{1 + n % 28:02d}", amount=-1.0, known_at="2024-06-30T00:00:00+00:00")
        for n in (3, 8)
    ]
    rows += [
        row(n, f"c{n % 7}", f"2024-06-{1 + n % 28:02d}", retracted=True, known_at="2024-06-29T00:00:00+00:00")
        for n in (5, 8)
    ]
    deliver(engine, "till", rows, now=NOW)
    straight = lake_of(imported(project, engine))
    other = project.model_copy(
        update={"root": tmp_path / "other", "store": project.store.model_copy(update={"postgres": None})}
    )
    store = open_store(other.data)
    twice = rows + generator.sample(rows, 20)
    generator.shuffle(twice)
    for start in range(0, len(twice), 13):
        deliver(store, "till", twice[start : start + 13], now=NOW)
        if start % 26 == 0:
            imported(other, store)
    assert lake_of(imported(other, store)) == straight


def test_what_no_file_can_hold_is_brought_in_without_it(project: Project, engine: Engine) -> None:
    deliver(engine, "till", [row(1, kind="message_in", text="a\ud83db\0", attributes={"x": "\udc00"})], now=NOW)
    snapshot = imported(project, engine)
    assert snapshot.rows == 1
    assert "b" in lake_of(snapshot)["text"].to_pylist()[0]


KILLED = """
import sys
from pathlib import Path
from tenure.pipelines.live.delivery import deliver
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
import datetime as dt
engine = project_store(load_project(Path(sys.argv[1])))
for number in range(100_000):
    row = {"interaction_id": f"r{number}", "customer_id": "ann", "occurred_at": "2024-06-01T10:00:00+00:00", "kind": "purchase"}
    deliver(engine, "till", [row], now=dt.datetime(2024, 7, 1, tzinfo=dt.UTC))
    print(number, flush=True)
"""


def test_what_was_acknowledged_outlives_a_kill(project_file: Path, engine: Engine) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(project_file)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in range(40):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        acknowledged = 40 + len(process.stdout.read().split())
    assert acknowledged <= count(engine) <= acknowledged + 1
