"""Days of a project of the service, with alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alerting import Days
from mail_server import MailServer, mail_server
from sqlalchemy import Engine

from tenure.pipelines.settings.project import Project


@pytest.fixture
def days(project: Project, engine: Engine) -> Callable[..., Days]:
    """Make days with some settings of alerts."""

    def days(**alerts: Any) -> Days:
        return Days(project, engine, **alerts)

    return days


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server of this machine."""
    with mail_server() as found:
        yield found
