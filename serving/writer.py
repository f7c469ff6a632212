"""The process beside the service that writes bands back into support tools."""

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
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.leases import give_back, take_lease
from tenure.pipelines.store.score_sets import published_number
from tenure.pipelines.store.write_backs import due, failed, scored_again, want_everybody, want_some, wrote
from tenure.serving.app import utc_now
from tenure.serving.environment import project_file, silence
from tenure.serving.logs import write_logs
from tenure.serving.tied import tie
from tenure.serving.tools import Tool, tool_of

log = logging.getLogger(__name__)

LEASE, LEASE_SECONDS = "write-back", 60.0
IDLE_SECONDS, AWAY_SECONDS, STOPPED_SECONDS = 2.0, 5.0, 300.0
AT_ONCE = 50
EPOCH = dt.datetime(1970, 1, 1)


class Writer:
    """Keeps one tool saying what the primary outcome's scores say."""

    def __init__(self, project: Project, engine: Engine, name: str, *, tool: Tool | None = None) -> None:
        settings = project.write_back.tools[name]
        self._engine, self._name, self._source = engine, name, settings.source
        self._outcome = project.primary_outcome
        self._tool = tool or tool_of(settings)
        self._seen_set: int | None = None
        self._seen_until = EPOCH
        self._quiet_until = dt.datetime.min.replace(tzinfo=dt.UTC)

    def once(self, now: dt.datetime) -> int:
        """See what changed, and write what is due; gives how many bands were written."""
        self._look(now)
        written = 0
        if now < self._quiet_until:
            return written
        for one in due(self._engine, self._name, now=now, limit=AT_ONCE):
            answer = self._tool.write(one.external_id, one.wanted)
            if answer.outcome == "written":
                wrote(self._engine, self._name, one, now=now)
                written += 1
                continue
            failed(self._engine, self._name, one, why=answer.said, now=now, for_good=answer.outcome == "never")
            if answer.outcome == "never":
                log.warning("%s: a band was given up, the tool %s", self._name, answer.said)
                continue
            seconds = STOPPED_SECONDS if answer.outcome == "stop" else answer.wait
            if seconds:
                log.error("%s: the tool %s; nothing is written for %g seconds", self._name, answer.said, seconds)
                self._quiet_until = now + dt.timedelta(seconds=seconds)
            return written  # the tool is away for the next customer as well
        return written

    def _look(self, now: dt.datetime) -> None:
        with reading(self._engine) as connection:
            number = published_number(connection, self._outcome)
            again, until = scored_again(connection, self._outcome, since=self._seen_until)
        if number is None:
            return
        if number != self._seen_set:
            want_everybody(self._engine, self._name, self._source, outcome=self._outcome, score_set_id=number, now=now)
        elif again:
            want_some(self._engine, self._name, self._source, again, outcome=self._outcome, now=now)
        self._seen_set, self._seen_until = number, until


def write_until(
    stop: threading.Event, project: Project, engine: Engine, *, now: Callable[[], dt.datetime] = utc_now
) -> None:
    """Write back until told to stop. Of several that run, the one with the lease works."""
    holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    writers = [Writer(project, engine, name) for name in project.write_back.tools]
    ours_until = 0.0
    while not stop.is_set():
        pause = IDLE_SECONDS
        try:
            if time.monotonic() > ours_until:
                if take_lease(engine, LEASE, holder, now=now(), seconds=LEASE_SECONDS) is not None:
                    stop.wait(AWAY_SECONDS)
                    continue
                ours_until = time.monotonic() + LEASE_SECONDS / 3
            if any(writer.once(now()) == AT_ONCE for writer in writers):
                pause = 0.0
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            log.error("the store does not answer: %s", type(error).__name__)
            pause, ours_until = AWAY_SECONDS, 0.0
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
    write_until(stop, project, project_store(project))


if __name__ == "__main__":
    main()
