"""The process beside the service that writes bands back into support tools."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.hold_outs import day_of, draw_on, newest_pilot
from tenure.pipelines.store.score_sets import ScoreSet, published_set
from tenure.pipelines.store.write_backs import Whom, due, failed, scored_again, want_everybody, want_some, wrote
from tenure.serving.clock import utc_now
from tenure.serving.tools import Tool, tool_of
from tenure.serving.working import run_beside, work_until

log = logging.getLogger(__name__)

LEASE, LEASE_SECONDS = "write-back", 60.0
IDLE_SECONDS, STOPPED_SECONDS = 2.0, 300.0
AT_ONCE = 50
EPOCH = dt.datetime(1970, 1, 1)


class Writer:
    """Keeps one tool saying what the primary outcome's scores say."""

    def __init__(self, project: Project, engine: Engine, name: str, *, tool: Tool | None = None) -> None:
        settings = project.write_back.tools[name]
        self._engine, self._name, self._source = engine, name, settings.source
        self._project, self._tells_contact = project, settings.contact_field is not None
        self._outcome = project.primary_outcome
        self._tool = tool or tool_of(settings)
        self._seen: tuple[int, Whom | None] | None = None
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
            found = published_set(connection, self._outcome)
            again, until = scored_again(connection, self._outcome, since=self._seen_until)
            whom = self._whom(connection, found, now) if found is not None and self._tells_contact else None
        if found is None:
            return
        told: dict[str, Any] = {"outcome": self._outcome, "now": now, "whom": whom}
        if self._seen != (found.score_set_id, whom):
            want_everybody(self._engine, self._name, self._source, score_set_id=found.score_set_id, **told)
        elif again:
            want_some(self._engine, self._name, self._source, again, **told)
        self._seen, self._seen_until = (found.score_set_id, whom), until

    def _whom(self, connection: Connection, found: ScoreSet, now: dt.datetime) -> Whom:
        frozen = self._project.project.clock == "data"
        draw = draw_on(connection, found.as_of if frozen else day_of(self._project, now))
        return Whom(found.score_set_id, draw, None if draw is None else newest_pilot(connection, draw))


def write_until(
    stop: threading.Event, project: Project, engine: Engine, *, now: Callable[[], dt.datetime] = utc_now
) -> None:
    """Write back until told to stop. Of several that run, the one with the lease works."""
    writers = [Writer(project, engine, name) for name in project.write_back.tools]

    def once() -> float:
        return 0.0 if max(writer.once(now()) for writer in writers) == AT_ONCE else IDLE_SECONDS

    work_until(stop, engine, once, lease=LEASE, seconds=LEASE_SECONDS, now=now)


if __name__ == "__main__":
    run_beside(write_until)
