"""Keys of programs: 256 random bits each, of which the store has only a hash."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, select, update

from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.tables import api_keys

MARK = "tnr"
ID_BYTES, SECRET_BYTES = 5, 32


class UnknownKey(LookupError):
    """No key has this id."""


class Key(NamedTuple):
    """A key without its secret; instants are in UTC."""

    key_id: str
    name: str
    role: Role
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None
    hash: str

    def valid(self, now: dt.datetime) -> bool:
        """Whether the key opens anything at a moment (UTC, without a zone)."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def create_key(engine: Engine, name: str, role: Role, *, now: dt.datetime, days: float | None) -> tuple[Key, str]:
    """Make a key that is valid for so many days (None: until it is revoked): it, and its text, told only here."""
    with alone(engine) as connection:
        return _create(connection, name, role, now=_plain(now), days=days)


def rotate_key(
    engine: Engine, key_id: str, *, now: dt.datetime, days: float | None, overlap_hours: float
) -> tuple[Key, str]:
    """Make a key in the place of another, which goes on being valid for some hours."""
    with alone(engine) as connection:
        old = _named(connection, key_id)
        end = _plain(now) + dt.timedelta(hours=overlap_hours)
        sooner = end if old.expires_at is None else min(end, old.expires_at)
        connection.execute(update(api_keys).where(api_keys.c.key_id == key_id).values(expires_at=sooner))
        return _create(connection, old.name, old.role, now=_plain(now), days=days)


def revoke_key(engine: Engine, key_id: str, *, now: dt.datetime) -> Key:
    """Make a key open nothing from now on."""
    with alone(engine) as connection:
        found = _named(connection, key_id)
        connection.execute(update(api_keys).where(api_keys.c.key_id == key_id).values(revoked_at=_plain(now)))
    return found


def all_keys(engine: Engine) -> dict[str, Key]:
    """Every key by its id, the oldest first; revoked and expired ones too."""
    columns = [api_keys.c[name] for name in Key._fields]
    with reading(engine) as connection:
        rows = connection.execute(select(*columns).order_by(api_keys.c.created_at, api_keys.c.key_id))
        return {row.key_id: Key(*row)._replace(role=Role(row.role)) for row in rows}


def key_of(text: str, known: Mapping[str, Key], *, now: dt.datetime) -> Key | None:
    """The key that a text is, if it opens anything; the comparison takes the same time for every wrong text."""
    mark, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    found = known.get(key_id)
    right = hmac.compare_digest(_hash(secret), found.hash if found else _hash(""))
    return found if mark == MARK and right and found is not None and found.valid(_plain(now)) else None


def _create(connection: Connection, name: str, role: Role, *, now: dt.datetime, days: float | None) -> tuple[Key, str]:
    key_id, secret = secrets.token_hex(ID_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    expires = None if days is None else now + dt.timedelta(days=days)
    made = Key(key_id, name, role, now, expires, None, None, _hash(secret))
    connection.execute(insert(api_keys).values(**{**made._asdict(), "role": role.value}))
    return made, f"{MARK}_{key_id}_{secret}"


def _named(connection: Connection, key_id: str) -> Key:
    row = connection.execute(
        select(*(api_keys.c[name] for name in Key._fields)).where(api_keys.c.key_id == key_id)
    ).one_or_none()
    if row is None:
        raise UnknownKey(f"no key has the id {key_id!r}; `tenure key list` shows them")
    return Key(*row)._replace(role=Role(row.role))


def _hash(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()


def _plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
