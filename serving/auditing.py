"""Writing the audit log from the service: reads in batches of at most a second, what changes anything at once."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tenure.pipelines.access.audit import Entry, Pseudonyms, append_entries
from tenure.serving.known import Caller
from tenure.serving.problems import Refusal

log = logging.getLogger(__name__)

BATCH_SECONDS = 0.1
MOST_WAITING = 100_000
"""Reads that wait to be written; beyond these nobody is told anything that cannot be logged."""


class Auditor:
    """Keeps entries until they are written; `close` writes the rest. `tell` is told how many wait, as that changes."""

    def __init__(self, engine: Engine, pseudonyms: Pseudonyms, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._pseudonyms, self._now = engine, pseudonyms, now
        self._waiting: list[Entry] = []
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.tell: Callable[[int], None] = lambda _waiting: None

    def read(self, caller: Caller, what: str, *, of: str | None = None, detail: dict[str, Any] | None = None) -> None:
        """Note that something was read; it is written within a second."""
        if len(self._waiting) >= MOST_WAITING:
            raise Refusal(
                503, "audit-full", "the audit log cannot be written, so nothing is told; see the service's log"
            )
        entry = self._entry(caller, what, of, detail)
        with self._lock:  # or it might go into a list that is just being written
            self._waiting.append(entry)
        if self._thread is None:
            self._begin()

    def done(self, caller: Caller, what: str, *, of: str | None = None, detail: dict[str, Any] | None = None) -> None:
        """Note that something was changed or exported, on disk when this returns, with all that waited before it."""
        entry = self._entry(caller, what, of, detail)
        with self._lock:
            self._waiting.append(entry)
        self.flush()

    def flush(self) -> None:
        """Write what is waiting; where the store fails it goes on waiting."""
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, []
            try:
                append_entries(self._engine, waiting)
            except SQLAlchemyError:
                with self._lock:
                    self._waiting = waiting + self._waiting
                raise

    def close(self) -> None:
        """Write the rest and end."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()
        self.tell(0)

    def _entry(self, caller: Caller, what: str, of: str | None, detail: dict[str, Any] | None) -> Entry:
        named = None if of is None else self._pseudonyms.of(of)
        return Entry(self._now().astimezone(dt.UTC).replace(tzinfo=None), caller.name, what, named, detail)

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._write_on, daemon=True)
                self._thread.start()

    def _write_on(self) -> None:
        told = 0
        while not self._ended.wait(BATCH_SECONDS):
            try:
                if self._waiting:
                    self.flush()
            except SQLAlchemyError as error:
                log.error(
                    "the audit log cannot be written: %s; %d entries wait", type(error).__name__, len(self._waiting)
                )
            if told != len(self._waiting):
                told = len(self._waiting)
                self.tell(told)
