"""The service as a child process: started, found, followed and stopped."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from senders import wait_for, workers_of
from sqlalchemy import Engine

from tenure.pipelines.access.keys import create_key
from tenure.pipelines.access.roles import Role
from tenure.serving.server import CannotServe, NotLoopback, PortTaken, held, serve


def get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
    except OSError:
        return 0, None


@pytest.mark.timeout(120)
def test_a_service_started_before_any_training_serves_what_is_published_later(
    project_file: Path, put: Callable[..., int]
) -> None:
    with serve(project_file, port=0) as running:
        assert running.missing is not None
        assert "run `tenure train` and `tenure score`" in running.missing
        assert get(f"{running.address}/v1/customers/ann/risk")[0] == 503
        put()
        status, answer = get(f"{running.address}/v1/customers/ann/risk")
        assert (status, answer["probability"], answer["stale"]) == (200, 0.4, True)
        assert running.address.startswith("http://127.0.0.1:")
        with (
            pytest.raises(PortTaken, match="choose another with --port"),
            serve(project_file, port=int(running.address.rpartition(":")[2])),
        ):
            pass
    assert get(f"{running.address}/healthz")[0] == 0
    assert running.process.returncode is not None


STARTER = """
import sys, time
from pathlib import Path
from tenure.serving.server import serve
with serve(Path(sys.argv[1]), port=0) as running:
    print(running.address, flush=True)
    time.sleep(60)
"""


@pytest.mark.timeout(120)
def test_a_service_that_takes_too_long_to_stop_is_ended_with_its_workers(
    project_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenure.serving.server.STOP_SECONDS", 0.0)
    with serve(project_file, port=0, workers=2):
        assert len(workers_of(project_file.parent)) == 2
    wait_for(lambda: not workers_of(project_file.parent))


def test_a_worker_that_begins_when_its_parent_is_gone_ends() -> None:
    """One that is still being set up when BentoML is killed has another parent by the time it looks."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    program = "import time; from tenure.serving.tied import follow; follow(); time.sleep(60)"
    worker = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "TENURE_PARENT": str(gone.pid)}, timeout=50
    )
    assert worker.returncode == -signal.SIGTERM


def test_no_other_program_gets_the_port_before_the_service_listens_on_it() -> None:
    with held("127.0.0.1", 0) as port:
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
        with socket.socket() as ours:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ours.bind(("127.0.0.1", port))
            ours.listen()


@pytest.mark.timeout(120)
def test_the_service_ends_when_its_starter_is_killed(project_file: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(project_file)], stdout=subprocess.PIPE)
    assert starter.stdout is not None
    with starter.stdout:
        address = starter.stdout.readline().decode().strip()
        assert get(f"{address}/healthz")[0] == 200
        starter.kill()
        starter.wait()
        deadline = time.monotonic() + 60
        while get(f"{address}/healthz")[0] and time.monotonic() < deadline:
            time.sleep(0.1)
    assert get(f"{address}/healthz")[0] == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::"])
def test_only_loopback_is_bound(project_file: Path, host: str) -> None:
    with pytest.raises(NotLoopback, match="listens on this machine only"), serve(project_file, host=host):
        pass


def test_a_name_is_no_address_to_listen_on(project_file: Path) -> None:
    with pytest.raises(NotLoopback, match="expected an address"), serve(project_file, host="example.com"):
        pass


@pytest.mark.timeout(120)
def test_with_keys_and_a_name_of_ours_others_are_served_under_it(project_file: Path, engine: Engine) -> None:
    now = dt.datetime.now(dt.UTC)
    _, text = create_key(engine, "zendesk", Role.agent, now=now, days=None)
    with pytest.raises(NotLoopback, match=r"add \[service\] hosts"), serve(project_file, host="0.0.0.0", port=0):
        pass
    project_file.write_text(project_file.read_text() + '[service]\nhosts = "tenure.test"\n')
    with serve(project_file, host="0.0.0.0", port=0) as running:
        port = int(running.address.rpartition(":")[2])
        url = f"http://127.0.0.1:{port}/v1/customers/ann/risk"
        for host, key, status in (("tenure.test", text, 503), ("tenure.test", "x", 401), ("other.test", text, 421)):
            request = urllib.request.Request(url, headers={"Host": host, "Authorization": f"Bearer {key}"})
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=10)
            with refused.value as answer:
                assert answer.code == status


def test_a_taken_port_is_named(project_file: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} of 127.0.0.1"), serve(project_file, port=port):
            pass


@pytest.mark.timeout(60)
def test_a_service_that_cannot_start_shows_the_end_of_its_log(
    project_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tenure.serving.server._command", lambda *_: [sys.executable, "-c", "raise SystemExit('no luck')"]
    )
    with pytest.raises(CannotServe, match=r"ended while starting(.|\n)*no luck"), serve(project_file, port=0):
        pass
