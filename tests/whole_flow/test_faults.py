"""What was acknowledged is there, whatever befalls the service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from senders import Sender, acknowledged, kept, under_load, wait_for, workers_of
from small import LIVE

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy"),
]


@pytest.fixture
def shop(tmp_path: Path, store_section: str) -> Path:
    """A project to which interactions are delivered, not trained yet."""
    (tmp_path / "tenure.toml").write_text(LIVE + store_section)
    return tmp_path


def test_a_worker_that_is_killed_loses_nothing_and_is_replaced(shop: Path) -> None:
    def kill(_process: subprocess.Popen[str], senders: list[Sender]) -> None:
        for worker in workers_of(shop):
            os.kill(worker, signal.SIGKILL)
        before = sum(len(s.acknowledged) for s in senders)
        wait_for(lambda: sum(len(s.acknowledged) for s in senders) > before + 40)

    senders = under_load(shop, kill)
    assert sum(s.failed for s in senders) > 0
    assert acknowledged(senders) <= kept(shop)


@pytest.mark.parametrize(
    ("store_section", "workers"),
    [
        ("sqlite", 1),
        ("postgresql", 2),
        pytest.param("sqlite", 2, marks=pytest.mark.long),
        pytest.param("postgresql", 1, marks=pytest.mark.long),
    ],
    indirect=["store_section"],
)
def test_a_stop_during_requests_loses_nothing(shop: Path, workers: int) -> None:
    def stop(process: subprocess.Popen[str], _senders: list[Sender]) -> None:
        process.send_signal(signal.SIGINT)
        process.wait(90)

    senders = under_load(shop, stop, workers=workers)
    wait_for(lambda: not workers_of(shop), seconds=30)  # what is under way may still take a moment
    assert acknowledged(senders) <= kept(shop)


FULL = """
import datetime as dt, resource, signal, sys
from pathlib import Path
from sqlalchemy.exc import OperationalError
from tenure.pipelines.live.delivery import deliver
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
engine = project_store(load_project(Path(sys.argv[1])))
now = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
def send(number):
    rows = [{"interaction_id": f"r{number}-{n}", "customer_id": "ann", "kind": "message_in", "text": "x" * 500,
             "occurred_at": "2024-06-01T10:00:00+00:00"} for n in range(20)]
    deliver(engine, "till", rows, now=now)
    print(f"r{number}-0", flush=True)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
number = 0
try:
    while number < 1000:
        send(number)
        number += 1
except OperationalError as error:
    print("full", flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for later in range(5):
    send(2000 + later)
"""


@pytest.mark.parametrize("store_section", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_and_what_was_acknowledged_before_and_after_is_there(shop: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", FULL, str(shop)], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.split()
    assert "full" in said
    found = kept(shop)
    assert {name for name in said if name != "full"} <= found
    assert len(found) == 20 * (len(said) - 1)  # whole deliveries only
