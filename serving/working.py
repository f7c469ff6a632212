"""What processes beside the service have in common: one of several works, and waits out a store that is away."""

from __future__ import annotations

import datetime as dt
import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.leases import give_back, take_lease
from tenure.serving.environment import lease_holder, project_file, silence
from tenure.serving.logs import write_logs
from tenure.serving.tied import tie

log = logging.getLogger(__name__)

AWAY_SECONDS = 2.0
"""The pause while the store is away, or another process does the work."""


def work_until(
    stop: threading.Event,
    engine: Engine,
    once: Callable[[], float],
    *,
    lease: str,
    seconds: float,
    now: Callable[[], dt.datetime],
) -> None:
    """Do a piece of work until told to stop; it gives how long to pause.

    Of several processes that run, the one with the lease works; the others wait for it to die, but
    for the one that was started in its place.
    """
    holder = lease_holder() or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    ours_until = 0.0
    while not stop.is_set():
        try:
            if time.monotonic() > ours_until:
                if take_lease(engine, lease, holder, now=now(), seconds=seconds) is not None:
                    stop.wait(AWAY_SECONDS)
                    continue
                ours_until = time.monotonic() + seconds / 3
            pause = once()
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            log.error("the store does not answer: %s", type(error).__name__)
            pause, ours_until = AWAY_SECONDS, 0.0
        stop.wait(pause)
    give_back(engine, lease, holder)


def run_beside(work: Callable[[threading.Event, Project, Engine], None]) -> None:
    """Run a piece of work as a process of its own, until its starter ends."""
    silence()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    tie()
    project = load_project(project_file())
    write_logs(project.service.log)
    work(stop, project, project_store(project))
