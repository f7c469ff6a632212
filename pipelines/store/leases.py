"""Leases: one holder at a time does a piece of work, and whoever dies holding one is followed after a while."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, delete, insert, select, update

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.tables import leases

TURN = "leases"


def take_lease(engine: Engine, name: str, holder: str, *, now: dt.datetime, seconds: float) -> str | None:
    """Take a lease or hold it longer. None where it is ours now, else who holds it. `now` is in UTC."""
    moment = now.astimezone(dt.UTC).replace(tzinfo=None)
    until = moment + dt.timedelta(seconds=seconds)
    with alone(engine, TURN) as connection:
        held = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
        if held is None:
            connection.execute(insert(leases).values(name=name, holder=holder, until=until))
        elif held.holder == holder or held.until <= moment:
            connection.execute(update(leases).where(leases.c.name == name).values(holder=holder, until=until))
        else:
            return str(held.holder)
    return None


def give_back(engine: Engine, name: str, holder: str) -> None:
    """Give a lease back, if it is still ours."""
    with alone(engine, TURN) as connection:
        connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
