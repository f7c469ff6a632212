"""The audit log: who read, delivered, exported or changed what; every entry holds the digest of the one before.

A customer is named by a hash with a secret of the project, so that an erasure need not touch the chain.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select

from tenure.pipelines.access.secret import kept_secret
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.privacy_tables import audit_cuts
from tenure.pipelines.store.tables import audit

TURN = "audit"
BEGINNING = "0" * 64
"""What the first entry has in the place of a digest before it."""

ROWS_AT_ONCE = 5_000


class ChainBroken(ValueError):
    """An entry of the audit log was changed, removed or put in."""


class Entry(NamedTuple):
    """One thing that was done: when (UTC), by whom, what, of whom (a hash), and how much."""

    at: dt.datetime
    who: str
    what: str
    of: str | None = None
    detail: dict[str, Any] | None = None


def append_entries(engine: Engine, entries: Sequence[Entry]) -> None:
    """Append entries to the chain; when this returns, they are on disk."""
    if not entries:
        return
    with alone(engine, TURN) as connection:
        before = connection.scalar(select(audit.c.digest).order_by(audit.c.audit_id.desc()).limit(1))
        before = before or _begins(connection)
        rows = []
        for entry in entries:
            before = _digest(before, entry)
            rows.append({**entry._asdict(), "digest": before})
        connection.execute(insert(audit), rows)


def read_entries(engine: Engine, *, last: int | None = None) -> list[Entry]:
    """The entries, the oldest first; with `last` only so many of the newest."""
    query = select(*(audit.c[name] for name in Entry._fields)).order_by(audit.c.audit_id.desc())
    with reading(engine) as connection:
        return [Entry(*row) for row in connection.execute(query.limit(last))][::-1]


def verify_chain(engine: Engine) -> tuple[int, str]:
    """Check every entry; how many there are and the last digest. Raises `ChainBroken` naming the first wrong one.

    That none is missing at the end is seen only by who has kept the last digest. Where older entries were removed the
    chain begins with the digest of the last of them.
    """
    with reading(engine) as connection:
        before, count = _begins(connection), 0
    with closing(_walk(engine)) as entries:
        for audit_id, entry, digest in entries:
            before = _digest(before, entry)
            if digest != before:
                said = f"audit entry {audit_id} ({entry.what}, {entry.at}) does not follow from those before it"
                raise ChainBroken(said)
            count += 1
    return count, before


def cut_entries(engine: Engine, *, before: dt.datetime, now: dt.datetime) -> int:
    """Remove the entries from before an instant (UTC); how many. The chain goes on from where it was cut."""
    with alone(engine, TURN) as connection:
        old = audit.c.at < before
        last = select(audit.c.audit_id, audit.c.digest).where(old).order_by(audit.c.audit_id.desc()).limit(1)
        row = connection.execute(last).one_or_none()
        if row is None:
            return 0
        count = connection.execute(delete(audit).where(audit.c.audit_id <= row.audit_id)).rowcount
        about = {"audit_id": row.audit_id, "cut_at": now, "entries": count, "digest": row.digest}
        connection.execute(insert(audit_cuts), about)
    return count


def _begins(connection: Connection) -> str:
    """The digest before the first entry that is kept."""
    query = select(audit_cuts.c.digest).order_by(audit_cuts.c.audit_id.desc()).limit(1)
    return connection.scalar(query) or BEGINNING


def _walk(engine: Engine) -> Generator[tuple[int, Entry, str]]:
    columns = [audit.c.audit_id, *(audit.c[name] for name in Entry._fields), audit.c.digest]
    query = select(*columns).order_by(audit.c.audit_id)
    with reading(engine) as connection:
        options = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
        with connection.execute(query, execution_options=options) as rows:
            for row in rows:
                yield row[0], Entry(*row[1:-1]), row[-1]


def _digest(before: str, entry: Entry) -> str:
    values = [before, entry.at.isoformat(), *entry[1:]]
    return sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Pseudonyms:
    """Turns names into hashes by a secret of the project, which lies in its folder of keys."""

    def __init__(self, data: Path) -> None:
        self._secret = kept_secret(data, "pseudonyms")

    def of(self, name: str) -> str:
        """The hash that stands for a name."""
        return hmac.digest(self._secret, name.encode(errors="surrogatepass"), "sha256").hex()[:32]

    @property
    def mark(self) -> str:
        """By what one key is told from another without knowing it."""
        return hmac.digest(self._secret, b"mark of the key", "sha256").hex()[:16]

    def all_of(self, names: Iterable[str]) -> list[str]:
        """The same for several names."""
        return [self.of(name) for name in names]
