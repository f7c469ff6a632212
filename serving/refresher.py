"""The process beside the service that replays webhooks, and scores again whoever has new interactions."""

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

from tenure.pipelines.live.refreshing import Refresher
from tenure.pipelines.live.replaying import Replayer
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.leases import give_back, take_lease
from tenure.serving.app import utc_now
from tenure.serving.environment import project_file, silence
from tenure.serving.loading import load_model
from tenure.serving.logs import write_logs
from tenure.serving.scorer import ModelUnavailable
from tenure.serving.tied import tie

log = logging.getLogger(__name__)

LEASE, LEASE_SECONDS = "refresh", 15.0
IDLE_SECONDS, AWAY_SECONDS = 0.2, 2.0


class KeptModels:
    """Models by outcome and version, verified when they are first asked for; only the newest of each is kept."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._held: dict[str, tuple[str, ScoringModel]] = {}

    def __call__(self, outcome: str, version: str) -> ScoringModel:
        """The model of a version; raises `ModelUnavailable`."""
        held = self._held.get(outcome)
        if held is None or held[0] != version:
            held = self._held[outcome] = version, load_model(self._project, outcome, version)
        return held[1]


def refresh_until(
    stop: threading.Event, project: Project, engine: Engine, *, now: Callable[[], dt.datetime] = utc_now
) -> None:
    """Refresh until told to stop. Of several that run, the one with the lease works; the others wait for it to die."""
    holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    refresher, replayer = Refresher(project, engine, KeptModels(project)), Replayer(project, engine)
    ours_until = 0.0
    while not stop.is_set():
        pause = IDLE_SECONDS
        try:
            if time.monotonic() > ours_until:
                other = take_lease(engine, LEASE, holder, now=now(), seconds=LEASE_SECONDS)
                if other is not None:
                    stop.wait(AWAY_SECONDS)
                    continue
                ours_until = time.monotonic() + LEASE_SECONDS / 3
            replayed = replayer.once(now())  # first, so that a webhook is in the flag after one pass
            if refresher.once(now()).more or replayed.more:
                pause = 0.0
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            log.error("the store does not answer: %s", type(error).__name__)
            pause, ours_until = AWAY_SECONDS, 0.0
        except ModelUnavailable as error:
            log.error("cannot refresh: %s", error)
            pause = AWAY_SECONDS
        stop.wait(pause)
    give_back(engine, LEASE, holder)


def main() -> None:
    """Run as a process of its own, until its starter ends."""
    silence()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    tie()
    project = load_project(project_file())
    write_logs(project.service.log)
    refresh_until(stop, project, project_store(project))


if __name__ == "__main__":
    main()
