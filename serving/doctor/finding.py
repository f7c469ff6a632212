"""What an examination finds, and what it looks at."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from tenure.pipelines.settings.project import Project
from tenure.serving.settings import ServiceSettings

State = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """One line: what was looked at, how it is, what was seen, and what to do where it is not well."""

    name: str
    state: State
    said: str
    remedy: str | None = None


class Patient(NamedTuple):
    """A project whose store answers, at a moment."""

    project: Project
    store: Engine
    now: dt.datetime

    @property
    def moment(self) -> dt.datetime:
        """Now in UTC, as the store writes it."""
        return self.now.astimezone(dt.UTC).replace(tzinfo=None)

    @property
    def today(self) -> dt.date | None:
        """The day that began at the project's last midnight; None where the project lives on its data's clock."""
        if self.project.project.clock == "data":
            return None
        return self.now.astimezone(ZoneInfo(self.project.timezone)).date()

    @property
    def service(self) -> ServiceSettings:
        """The project as it is served."""
        return ServiceSettings(project=self.project)


def days(number: int) -> str:
    """A number of days.

    >>> days(1), days(3)
    ('1 day', '3 days')
    """
    return f"{number} day" if number == 1 else f"{number:,} days"
