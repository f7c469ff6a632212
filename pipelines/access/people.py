"""People who log in: by a password, of which only an argon2 hash is kept, or at a provider that knows them."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Engine, insert, select, update

from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.desk_tables import people

LEAST_LETTERS = 12
"""The shortest password; length is what makes one hard to guess (NIST SP 800-63B)."""

INVITED_DAYS = 7
_HASHER = PasswordHasher()


class PersonError(ValueError):
    """A person cannot be invited, let in or changed; the message says why."""


class Person(NamedTuple):
    """Somebody who may log in, without any secret; instants are in UTC."""

    name: str
    role: Role
    origin: str
    created_at: dt.datetime
    disabled_at: dt.datetime | None
    sessions_from: dt.datetime
    invited_until: dt.datetime | None
    language: str | None


def invite(engine: Engine, name: str, role: Role, *, now: dt.datetime) -> str:
    """Invite somebody, or anew who forgot the password or was disabled; the code to be handed over, told only here."""
    called, code, moment = _called(name), secrets.token_urlsafe(24), _plain(now)
    row = {
        "role": role.value,
        "origin": "local",
        "password": None,
        "invitation": _hash(code),
        "invited_until": moment + dt.timedelta(days=INVITED_DAYS),
        "disabled_at": None,
        "sessions_from": moment,
    }
    with alone(engine) as connection:
        _put(connection, called, row, moment)
    return code


def accept(engine: Engine, name: str, code: str, password: str, *, now: dt.datetime) -> Person:
    """Take the password of somebody who was invited."""
    if len(password) < LEAST_LETTERS:
        raise PersonError(f"the password has {len(password)} letters; at least {LEAST_LETTERS} are needed")
    called, moment = _called(name), _plain(now)
    with reading(engine) as connection:
        row = connection.execute(select(people).where(people.c.name == called)).one_or_none()
    held = row.invitation if row is not None and row.invitation else _hash(secrets.token_hex())
    right = hmac.compare_digest(held, _hash(code.strip()))
    if row is None or not right or row.disabled_at is not None or moment > row.invited_until:
        raise PersonError("this invitation opens nothing: wrong, used or too old; ask for another")
    values = {"password": _HASHER.hash(password), "invitation": None, "invited_until": None, "sessions_from": moment}
    mine = (people.c.name == called) & (people.c.invitation == held)
    with alone(engine) as connection:
        if connection.execute(update(people).where(mine).values(values)).rowcount == 0:
            raise PersonError("this invitation was used meanwhile; ask for another")
    return all_people(engine)[called]


def let_in(engine: Engine, name: str, password: str) -> Person | None:
    """The person whose password it is, or None; it takes as long for a name that nobody has."""
    with reading(engine) as connection:
        row = connection.execute(select(people).where(people.c.name == name.strip().lower())).one_or_none()
    held = row.password if row is not None and row.password else _nobodys()
    try:
        _HASHER.verify(held, password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return None if row is None or row.password is None or row.disabled_at is not None else _person(row)


def welcome(engine: Engine, name: str, role: Role, *, now: dt.datetime) -> Person | None:
    """Note who came from the provider and with which role; None where the person was disabled here."""
    called, moment = _called(name), _plain(now)
    with alone(engine) as connection:
        row = connection.execute(select(people).where(people.c.name == called)).one_or_none()
        if row is not None and row.disabled_at is not None:
            return None
        values = {"role": role.value, "origin": "oidc", "password": None, "invitation": None, "invited_until": None}
        begins = {} if row is not None and row.role == role.value else {"sessions_from": moment}
        _put(connection, called, {**values, **begins}, moment)
    return all_people(engine)[called]


def disable(engine: Engine, name: str, *, now: dt.datetime) -> Person:
    """End all sessions of a person, who cannot log in any more."""
    moment = _plain(now)
    return _change(engine, name, disabled_at=moment, sessions_from=moment, invitation=None)


def end_sessions(engine: Engine, name: str, *, now: dt.datetime) -> Person:
    """Log a person out everywhere."""
    return _change(engine, name, sessions_from=_plain(now))


def set_language(engine: Engine, name: str, language: str) -> Person:
    """Remember in which language a person reads."""
    return _change(engine, name, language=language)


def all_people(engine: Engine) -> dict[str, Person]:
    """Everybody by name; disabled ones too."""
    columns = [people.c[name] for name in Person._fields]
    with reading(engine) as connection:
        return {row.name: _person(row) for row in connection.execute(select(*columns).order_by(people.c.name))}


@cache
def _nobodys() -> str:
    """A hash that no password has, so that a wrong name takes as long as a wrong password."""
    return _HASHER.hash(secrets.token_hex())


def _change(engine: Engine, name: str, **values: object) -> Person:
    called = _called(name)
    with alone(engine) as connection:
        if connection.execute(update(people).where(people.c.name == called).values(values)).rowcount == 0:
            raise PersonError(f"nobody is called {called!r}; `tenure user list` shows everybody")
    return all_people(engine)[called]


def _put(connection: Connection, name: str, row: dict[str, Any], moment: dt.datetime) -> None:
    if connection.execute(update(people).where(people.c.name == name).values(row)).rowcount == 0:
        connection.execute(insert(people).values(name=name, created_at=moment, **{"sessions_from": moment, **row}))


def _person(row: Any) -> Person:
    held = {name: getattr(row, name) for name in Person._fields}
    return Person(**{**held, "role": Role(held["role"])})


def _called(name: str) -> str:
    called = name.strip().lower()
    if not called or len(called) > 200 or any(not letter.isprintable() for letter in called):
        raise PersonError(f"{name[:60]!r} is no name; expected one of 1 to 200 letters, such as an e-mail address")
    return called


def _hash(code: str) -> str:
    return sha256(code.encode(errors="replace")).hexdigest()


def _plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
