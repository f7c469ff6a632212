"""The clock of the service and of the processes beside it."""

from __future__ import annotations

import datetime as dt


def utc_now() -> dt.datetime:
    """The system's clock; the service and the command line are the only ones to read it."""
    return dt.datetime.now(dt.UTC)
