"""What the service writes down: a line of text or a JSON object each, and of an error never its message.

Messages of errors hold what was asked for, and so may name a customer; the kind of the error and where it
was raised do not.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import threading
import traceback
from collections import deque
from types import TracebackType
from typing import Any

from tenure.pipelines.settings.service import LogForm
from tenure.serving.request_ids import REQUEST_ID

REQUESTS = "tenure.requests"
"""The logger of answered requests: route, method and status, never a path."""

OTHERS = ("bentoml", "bentoml.serve", "uvicorn.error", "circus", "py.warnings")
"""Loggers that would write in forms of their own."""

MOST_FRAMES = 20
"""Places named of an error, the innermost ones."""

_told: deque[int] = deque(maxlen=64)


class Lines(logging.Formatter):
    """A line of text for each record, those of an error below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        request = REQUEST_ID.get()
        line = f"{moment_of(record)} {record.levelname} {record.name}: {record.getMessage().strip()}"
        told = [line + (f" [{request}]" if request else "")]
        if record.exc_info and record.exc_info[1] is not None:
            error = described(record.exc_info[1])
            told += [f"  {error['kind']}", *(f"    {frame}" for frame in error["frames"])]
        return "\n".join(told)


class JsonLines(logging.Formatter):
    """A JSON object for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        told: dict[str, Any] = {
            "time": moment_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage().strip(),
        }
        if request := REQUEST_ID.get():
            told["request"] = request
        told |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            told["error"] = described(record.exc_info[1])
        return json.dumps(told, ensure_ascii=False, default=str)


def tell(log: logging.Logger, message: str, error: BaseException) -> None:
    """Log an error where it is known which request it is of; who is handed it afterwards need not."""
    _told.append(id(error))
    log.error(message, exc_info=error)


class NotTwice(logging.Filter):
    """Drops the record of an error that was told already."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is news."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or id(error) not in _told:
            return True
        _told.remove(id(error))
        return False


def write_logs(form: LogForm) -> None:
    """Let this process write its log to standard error, in one form whoever logs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OTHERS:
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = True
    logging.getLogger("uvicorn.error").addFilter(NotTwice())
    for name in ("tenure", "bentoml"):
        logging.getLogger(name).setLevel(logging.INFO)
    logging.getLogger(REQUESTS).setLevel(logging.INFO if form == "json" else logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_a_thread


def described(error: BaseException) -> dict[str, Any]:
    """What may be told of an error: its kind, that of its causes, and where it was raised.

    >>> try:
    ...     int("ann@example.com")
    ... except ValueError as error:
    ...     described(error)["kind"]
    'ValueError'
    """
    kinds, cause = [], error
    while True:
        kinds.append(_name(type(cause)))
        following = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
        if following is None:
            break
        cause = following
    frames = traceback.extract_tb(cause.__traceback__) + traceback.extract_tb(error.__traceback__)
    places = dict.fromkeys(f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
    return {"kind": " from ".join(kinds), "frames": list(places)[-MOST_FRAMES:]}


def moment_of(record: logging.LogRecord) -> str:
    """When it happened, in UTC."""
    return dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _name(kind: type[BaseException]) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("tenure").critical("the process ends", exc_info=(kind, error, trace))


def _uncaught_in_a_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None:
        raised = (found.exc_type, found.exc_value, found.exc_traceback)
        logging.getLogger("tenure").error("a thread ends", exc_info=raised)
