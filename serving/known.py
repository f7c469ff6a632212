"""Who may call: keys, people and sessions as the store has them, looked at again every second."""

from __future__ import annotations

import datetime as dt
import time
from typing import Literal, NamedTuple

from anyio import to_thread
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tenure.pipelines.access.keys import Key, all_keys, key_of
from tenure.pipelines.access.people import Person, all_people
from tenure.pipelines.access.roles import Role
from tenure.pipelines.access.sessions import Sessions

FRESH_SECONDS = 1.0
"""How soon a new or revoked key, or a person who was disabled, is known to a running service."""

KEPT_SECONDS = 60.0
"""How long what is known is trusted while the store does not answer."""


class Caller(NamedTuple):
    """Who is calling, what they may do, and how they proved who they are."""

    name: str
    role: Role
    kind: Literal["local", "key", "person"] = "local"
    language: str | None = None


LOCAL = Caller("local", Role.admin)
"""Whoever calls a service without keys and people, which listens on this machine only."""


class Known(NamedTuple):
    """The keys by id and the people by name."""

    keys: dict[str, Key]
    people: dict[str, Person]

    @property
    def nobody(self) -> bool:
        """Whether neither keys nor people were ever made."""
        return not self.keys and not self.people


class Callers:
    """Knows callers by what they show."""

    def __init__(self, engine: Engine, sessions: Sessions) -> None:
        self._engine, self._sessions = engine, sessions
        self._held = Known({}, {})
        self._read_at = self._tried_at = float("-inf")

    async def current(self) -> Known:
        """All keys and people; raises where the store has not answered for a minute."""
        if time.monotonic() - self._tried_at < FRESH_SECONDS:
            return self._held
        self._tried_at = time.monotonic()
        try:
            if self._engine.dialect.name == "sqlite":
                self._held = self._look()
            else:
                self._held = await to_thread.run_sync(self._look)
            self._read_at = time.monotonic()
        except SQLAlchemyError:
            if time.monotonic() - self._read_at > KEPT_SECONDS:
                self._tried_at = float("-inf")
                raise
        return self._held

    def forget(self) -> None:
        """Look again before the next answer: somebody was just let in."""
        self._tried_at = float("-inf")

    def by_key(self, text: str, known: Known, *, now: dt.datetime) -> Caller | None:
        """The caller who shows a key."""
        found = key_of(text, known.keys, now=now)
        return Caller(f"{found.name}/{found.key_id}", found.role, "key") if found else None

    def by_session(self, text: str, known: Known, *, now: dt.datetime) -> Caller | None:
        """The caller who shows the token of a session that is not over."""
        session = self._sessions.read(text, now=now)
        if session is None:
            return None
        if session.guest is not None:
            return Caller(session.name, session.guest, "person")
        person = known.people.get(session.name)
        if person is None or person.disabled_at is not None:
            return None
        begun_second = person.sessions_from.replace(microsecond=0)  # a token counts whole seconds at the least
        if session.begun < begun_second:
            return None
        return Caller(person.name, person.role, "person", person.language)

    def _look(self) -> Known:
        return Known(all_keys(self._engine), all_people(self._engine))
