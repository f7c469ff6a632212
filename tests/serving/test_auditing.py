"""The audit log of a busy service: nothing that was read goes missing, whoever writes meanwhile."""

from __future__ import annotations

import datetime as dt
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from tenure.pipelines.access.audit import Pseudonyms, read_entries, verify_chain
from tenure.serving.auditing import Auditor
from tenure.serving.known import LOCAL
from tenure.serving.problems import Refusal

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)


def test_nothing_goes_missing_while_entries_are_written(engine: Engine, tmp_path: Path) -> None:
    auditor = Auditor(engine, Pseudonyms(tmp_path), lambda: NOON)

    def read(worker: int) -> None:
        for number in range(400):
            auditor.read(LOCAL, "risk", of=f"{worker}-{number}")
            if number % 40 == 0:
                auditor.flush()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns as often as can be
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(read, range(4)))
    finally:
        sys.setswitchinterval(interval)
    auditor.close()
    assert verify_chain(engine)[0] == 1600
    assert len({entry.of for entry in read_entries(engine)}) == 1600


def test_what_cannot_be_written_waits_and_is_written_later(engine: Engine, tmp_path: Path) -> None:
    away = create_engine("sqlite:///:memory:")  # a store without any table
    auditor = Auditor(away, Pseudonyms(tmp_path), lambda: NOON)
    auditor.read(LOCAL, "risk", of="ann")
    with pytest.raises(Exception, match="no such table"):
        auditor.flush()
    auditor._engine = engine
    auditor.close()
    assert [entry.what for entry in read_entries(engine)] == ["risk"]
    away.dispose()


def test_when_too_much_waits_nobody_is_told_anything(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenure.serving.auditing.MOST_WAITING", 2)
    monkeypatch.setattr("tenure.serving.auditing.BATCH_SECONDS", 60)
    auditor = Auditor(engine, Pseudonyms(tmp_path), lambda: NOON)
    for _ in range(2):
        auditor.read(LOCAL, "risk", of="ann")
    with pytest.raises(Refusal, match="nothing is told"):
        auditor.read(LOCAL, "risk", of="ann")
    auditor.close()


def test_how_many_wait_is_told_as_it_changes(engine: Engine, tmp_path: Path) -> None:
    told: list[int] = []
    away = create_engine("sqlite:///:memory:")  # a store without any table
    auditor = Auditor(away, Pseudonyms(tmp_path), lambda: NOON)
    auditor.tell = told.append
    for number in range(3):
        auditor.read(LOCAL, "risk", of=f"c{number}")
    deadline = time.monotonic() + 60
    while told[-1:] != [3] and time.monotonic() < deadline:
        time.sleep(0.02)
    auditor._engine = engine
    auditor.close()
    assert told[-2:] == [3, 0]
