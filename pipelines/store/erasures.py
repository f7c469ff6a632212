"""Erasures as the store keeps them: begun before anything is deleted, finished with a receipt."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select, update

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.privacy_tables import backups, erasures, suppressed
from tenure.pipelines.store.score_sets import GOING

HASHES_AT_ONCE = 500


class Kept(NamedTuple):
    """An erasure: when it began (UTC), of whom (a keyed hash), by whom, why; its receipt once it is finished."""

    erasure_id: int
    at: dt.datetime
    of: str
    who: str
    reason: str
    finished_at: dt.datetime | None
    receipt: dict[str, Any] | None
    digest: str | None


def begin_erasure(
    connection: Connection, of: str, hashes: Sequence[str], *, who: str, reason: str, now: dt.datetime
) -> int:
    """Note that a person is being erased; from when this is committed on, nothing of them is taken in. Its number."""
    row = {"at": plain(now), "of": of, "who": who, "reason": reason}
    number = int(connection.execute(insert(erasures).returning(erasures.c.erasure_id), row).scalar_one())
    suppress(connection, hashes, erasure_id=number)
    return number


def suppress(connection: Connection, hashes: Iterable[str], *, erasure_id: int) -> int:
    """Note hashes of names under which nothing is taken in any more; how many are new."""
    wanted = sorted(set(hashes))
    known: set[str] = set()
    for start in range(0, len(wanted), HASHES_AT_ONCE):
        part = suppressed.c.hash.in_(wanted[start : start + HASHES_AT_ONCE])
        known.update(connection.scalars(select(suppressed.c.hash).where(part)))
    fresh = [{"hash": one, "erasure_id": erasure_id} for one in wanted if one not in known]
    if fresh:
        connection.execute(insert(suppressed), fresh)
    return len(fresh)


def finish_erasure(engine: Engine, erasure_id: int, receipt: dict[str, Any], *, now: dt.datetime) -> str:
    """Keep the receipt of an erasure; its digest."""
    digest = digest_of(receipt)
    values = {"finished_at": plain(now), "receipt": receipt, "digest": digest}
    with alone(engine, GOING) as connection:
        connection.execute(update(erasures).where(erasures.c.erasure_id == erasure_id).values(values))
    return digest


def all_erasures(connection: Connection) -> list[Kept]:
    """Every erasure, the oldest first."""
    columns = [erasures.c[name] for name in Kept._fields]
    return [Kept(*row) for row in connection.execute(select(*columns).order_by(erasures.c.erasure_id))]


def digest_of(receipt: dict[str, Any]) -> str:
    """The digest by which a receipt is known, whatever the order of its keys.

    >>> digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    True
    """
    return sha256(json.dumps(receipt, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def note_backup(engine: Engine, file: str, *, now: dt.datetime) -> None:
    """Note that a backup was made, which holds everybody who is held now."""
    with alone(engine) as connection:
        connection.execute(insert(backups).values(made_at=plain(now), file=file))


def forget_backup(engine: Engine, *, now: dt.datetime) -> None:
    """Take the note back: the backup came to nothing."""
    with alone(engine) as connection:
        connection.execute(delete(backups).where(backups.c.made_at == plain(now)))


def backups_before(connection: Connection, moment: dt.datetime) -> list[dict[str, str]]:
    """The backups made before a moment, the oldest first."""
    query = select(backups.c.made_at, backups.c.file).where(backups.c.made_at <= plain(moment))
    rows = connection.execute(query.order_by(backups.c.made_at))
    return [{"file": row.file, "made_at": f"{row.made_at.isoformat(timespec='seconds')}Z"} for row in rows]


def plain(moment: dt.datetime) -> dt.datetime:
    """An instant as the store holds it: in UTC, without saying so."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
