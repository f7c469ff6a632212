"""The ledger of looks at the report origins: appended, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Engine, insert, select

from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.tables import looks as table


class Look(NamedTuple):
    """One look: when, at which origins, with which configuration, and what was seen."""

    look_id: int
    looked_at: dt.datetime
    outcome: str
    origins: list[str]
    config: str
    result: dict[str, Any]


def record_look(
    engine: Engine,
    *,
    looked_at: dt.datetime,
    outcome: str,
    origins: Sequence[dt.date],
    config: str,
    result: Mapping[str, Any],
) -> int:
    """Append a look and return its number. `config` is the hash of what was evaluated."""
    row = {
        "looked_at": looked_at.astimezone(dt.UTC).replace(tzinfo=None) if looked_at.tzinfo else looked_at,
        "outcome": outcome,
        "origins": [origin.isoformat() for origin in origins],
        "config": config,
        "result": dict(result),
    }
    with engine.begin() as connection:
        return int(connection.execute(insert(table).returning(table.c.look_id), row).scalar_one())


def looks(engine: Engine, outcome: str) -> list[Look]:
    """All looks at an outcome's report origins, the oldest first."""
    columns = [table.c[name] for name in Look._fields]
    query = select(*columns).where(table.c.outcome == outcome).order_by(table.c.look_id)
    with reading(engine) as connection:
        return [Look(*row) for row in connection.execute(query)]
