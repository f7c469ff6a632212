"""What the service is told at its start."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from pydantic import Field

from tenure.pipelines.settings.frozen import Frozen
from tenure.pipelines.settings.project import Project

HOST = "127.0.0.1"
PORT = 3000
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class ServiceSettings(Frozen):
    """A project and the limits within which it is served.

    `hosts` are the names under which browsers and programs may call us; any other `Host` is
    refused, so that a foreign page cannot reach us through a name of its own.
    """

    project: Project
    hosts: tuple[str, ...] = LOOPBACK
    max_body_bytes: int = Field(1_048_576, ge=1024)
    body_seconds: float = Field(3.0, gt=0)
    score_seconds: float = Field(4.0, gt=0)

    def stale(self, as_of: dt.date, *, now: dt.datetime) -> bool:
        """Whether scores as of a date are older than the project's last midnight."""
        if self.project.project.clock == "data":
            return False
        return as_of < now.astimezone(ZoneInfo(self.project.timezone)).date()

    def overdue(self, as_of: dt.date, *, now: dt.datetime) -> float:
        """The hours for which scores as of a later midnight have been due; 0 where none are."""
        if not self.stale(as_of, now=now):
            return 0.0
        due = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(), ZoneInfo(self.project.timezone))
        return (now - due.astimezone(dt.UTC)).total_seconds() / 3600
