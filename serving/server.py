"""Starting the service (and, where interactions arrive live, the refresher) as child processes of this one."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tenure.pipelines.access.keys import all_keys
from tenure.pipelines.access.people import all_people
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store
from tenure.serving.companion import Companion
from tenure.serving.environment import service_environment
from tenure.serving.scorer import VERIFYING
from tenure.serving.settings import HOST, PORT

STOP_SECONDS = 30.0
LOG_LINES = 12
REFRESHER = (sys.executable, "-m", "tenure.serving.refresher")
WRITER = (sys.executable, "-m", "tenure.serving.writer")


class CannotServe(RuntimeError):
    """The service was not started, or did not come up; the message says why and what to do."""


class NotLoopback(CannotServe):
    """The address can be reached from other machines."""


class PortTaken(CannotServe):
    """Another program listens on the port."""


class Running(NamedTuple):
    """A service that answers. `ready` is the text of what is missing, or None when it is ready."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path
    missing: str | None


@contextmanager
def serve(
    project_file: Path, *, host: str = HOST, port: int = PORT, workers: int = 1, wait_seconds: float = 60.0
) -> Iterator[Running]:
    """Run the service of a project for as long as the block lasts; port 0 picks a free one.

    `workers` processes answer requests; beside them there is one refresher.
    Yields when `/healthz` answers. A project that was never trained starts too: `missing` says what to run.
    """
    project = load_project(project_file)
    host = _allowed(host, project)
    data = project.data
    data.mkdir(parents=True, exist_ok=True)
    log = data / "service.log"
    environment = service_environment(project_file, data / "bentoml", processes=workers, log=project.service.log)
    with held(host, port) as port:
        with log.open("wb") as output:
            process = subprocess.Popen(
                _command(host, port),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=data,
            )
        beside = [
            Companion(command, environment=environment, log=data / name) for name, command in _beside(project).items()
        ]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        try:
            _wait(process, address, log, wait_seconds)
        except BaseException:
            _end(process, beside)
            raise
    try:
        yield Running(address, process, log, _missing(address, wait_seconds))
    finally:
        _end(process, beside)


def _end(process: subprocess.Popen[bytes], beside: list[Companion]) -> None:
    for companion in beside:
        companion.close()
    _stop(process)


def _beside(project: Project) -> dict[str, tuple[str, ...]]:
    """The processes a project needs beside the service, by the names of their logs."""
    live = any(source.live for source in project.source)
    wanted = {"refresher.log": REFRESHER if live else None, "writer.log": WRITER if project.write_back.tools else None}
    return {log: command for log, command in wanted.items() if command is not None}


def _command(host: str, port: int) -> list[str]:
    target = ["serve", "tenure.serving.service:service", "--host", host, "--port", str(port)]
    return [sys.executable, "-m", "tenure.serving.tied", *target]


def _allowed(host: str, project: Project) -> str:
    """The address to bind: one of this machine, or any where callers need keys and our names are known."""
    address = HOST if host == "localhost" else host
    try:
        if ipaddress.ip_address(address).is_loopback:
            return address
    except ValueError:
        raise NotLoopback(f"--host {host}: expected an address of this machine, such as {HOST} or 0.0.0.0") from None
    store = project_store(project)
    keyed = any(key.valid(dt.datetime.now(dt.UTC).replace(tzinfo=None)) for key in all_keys(store).values())
    peopled = any(person.disabled_at is None for person in all_people(store).values())
    store.dispose()
    if not keyed and not peopled:
        raise NotLoopback(
            f"--host {host}: the service holds personal data and has no keys or people yet, so it listens on "
            f"this machine only; make some with `tenure key create` or `tenure user add`, or leave --host out"
        )
    if not project.service.names:
        raise NotLoopback(
            f"--host {host}: others will call the service by a name, and the project file gives none; "
            'add [service] hosts = ["tenure.example.com"]'
        )
    return address


@contextmanager
def held(host: str, port: int) -> Iterator[int]:
    """The port, or a free one for 0, given to no other program that asks for any until the service listens on it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise PortTaken(f"port {port} of {host} cannot be used ({error}); choose another with --port") from error
        yield int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], address: str, log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotServe(f"the service ended while starting; {_last_lines(log)}")
        if _get(f"{address}/healthz")[0] == 200:
            return
        time.sleep(0.1)
    raise CannotServe(f"the service did not answer at {address} within {seconds:g} seconds; {_last_lines(log)}")


def _missing(address: str, seconds: float) -> str | None:
    """What the service lacks, once it has tried its model; None when it is ready."""
    deadline = time.monotonic() + seconds
    while True:
        status, body = _get(f"{address}/readyz")
        detail = str(json.loads(body or "{}").get("detail", "the service is not ready"))
        if status == 200:
            return None
        if VERIFYING not in detail or time.monotonic() > deadline:
            return detail
        time.sleep(0.2)


def _get(url: str) -> tuple[int, bytes]:
    try:
        own = urllib.request.Request(url, headers={"Host": "localhost"})  # a name we always answer to
        with urllib.request.urlopen(own, timeout=5) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def _last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-LOG_LINES:]
    return f"its log {log} ends with:\n" + "\n".join(lines)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()  # its workers see that, and end
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
