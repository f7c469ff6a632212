"""Who works beside the service: one at a time; a stranger waits for a lease to end, a successor goes on at once."""

from __future__ import annotations

import datetime as dt
import sys
import threading
import time
from pathlib import Path

import pytest
from scored import NOON
from sqlalchemy import Engine

from tenure.pipelines.store.leases import take_lease
from tenure.serving.companion import Companion
from tenure.serving.environment import HOLDER
from tenure.serving.working import work_until


def works(engine: Engine, now: dt.datetime, *, patience: float = 30.0) -> bool:
    """Whether somebody who comes at some time gets to work before giving up."""
    stop, worked = threading.Event(), []

    def once() -> float:
        worked.append(True)
        stop.set()
        return 0.0

    giving_up = threading.Timer(patience, stop.set)
    giving_up.start()
    work_until(stop, engine, once, lease="refresh", seconds=15, now=lambda: now)
    giving_up.cancel()
    return bool(worked)


def test_a_stranger_waits_for_the_lease_of_one_that_died_to_end(engine: Engine) -> None:
    assert take_lease(engine, "refresh", "dead", now=NOON, seconds=15) is None
    assert not works(engine, NOON + dt.timedelta(seconds=14), patience=0.3)
    assert works(engine, NOON + dt.timedelta(seconds=15))


def test_who_was_started_in_its_place_does_not(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert take_lease(engine, "refresh", "kept", now=NOON, seconds=15) is None
    monkeypatch.setenv(HOLDER, "kept")
    assert works(engine, NOON + dt.timedelta(seconds=1))


def test_all_that_a_companion_starts_hold_leases_under_one_name_of_its_own(tmp_path: Path) -> None:
    tell = [sys.executable, "-c", f"import os; print(os.environ['{HOLDER}'])"]
    one, other = (Companion(tell, environment={}, log=tmp_path / name) for name in ("one", "other"))
    deadline = time.monotonic() + 60
    while len(said(tmp_path / "one")) < 2 or not said(tmp_path / "other"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for companion in (one, other):
        companion.close()
    assert len({*said(tmp_path / "one")}) == 1
    assert not {*said(tmp_path / "one")} & {*said(tmp_path / "other")}


def said(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []
