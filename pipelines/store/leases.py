"""Leases: one holder at a time does a piece of work, and whoever dies holding one is followed after a while."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.tables import leases

TURN = "leases"
NOBODYS = dt.timedelta(hours=1)
"""A lease that ends later than this was taken by a clock that was ahead; nobody may have to wait for that clock."""


class LeaseHeld(RuntimeError):
    """Another process does this piece of work."""


@contextmanager
def holding(engine: Engine, name: str, *, now: Callable[[], dt.datetime], seconds: float = 30.0) -> Iterator[None]:
    """Hold a lease while the block lasts, renewed from time to time; `LeaseHeld` where another has it."""
    holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    other = take_lease(engine, name, holder, now=now(), seconds=seconds)
    if other is not None:
        raise LeaseHeld(f"`tenure {name}` is at work already ({other}); if it died, try again in {seconds:g} seconds")
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(seconds / 4):
            with contextlib.suppress(OperationalError):  # the next try may find the store again
                take_lease(engine, name, holder, now=now(), seconds=seconds)

    keeper = threading.Thread(target=renew, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()
        give_back(engine, name, holder)


def take_lease(engine: Engine, name: str, holder: str, *, now: dt.datetime, seconds: float) -> str | None:
    """Take a lease or hold it longer. None where it is ours now, else who holds it. `now` is in UTC."""
    moment = now.astimezone(dt.UTC).replace(tzinfo=None)
    until = moment + dt.timedelta(seconds=seconds)
    with alone(engine, TURN) as connection:
        held = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
        if held is None:
            connection.execute(insert(leases).values(name=name, holder=holder, until=until))
        elif held.holder == holder or held.until <= moment or held.until > until + NOBODYS:
            connection.execute(update(leases).where(leases.c.name == name).values(holder=holder, until=until))
        else:
            return str(held.holder)
    return None


def give_back(engine: Engine, name: str, holder: str) -> None:
    """Give a lease back, if it is still ours."""
    with alone(engine, TURN) as connection:
        connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
