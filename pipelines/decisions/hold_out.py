"""The hold-out: campaign periods, and who is left alone in one of them, by a hash of a person and a salt."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import NamedTuple

FIRST = dt.date(1970, 1, 5)
"""The Monday from which campaign periods are counted."""

WHOLE = 1 << 64


class Period(NamedTuple):
    """A campaign period `[starts, ends)` in local days."""

    starts: dt.date
    ends: dt.date


class Draw(NamedTuple):
    """Who is held out from a day on, until the next draw: `share` of all people; `drawn_at` is in UTC."""

    starts: dt.date
    share: float
    salt: str
    drawn_at: dt.datetime


def period_of(day: dt.date, *, days: int) -> Period:
    """The campaign period of so many days in which a day lies.

    >>> period_of(dt.date(2024, 3, 5), days=7)
    Period(starts=datetime.date(2024, 3, 4), ends=datetime.date(2024, 3, 11))
    """
    starts = FIRST + dt.timedelta(days=(day - FIRST).days // days * days)
    return Period(starts, starts + dt.timedelta(days=days))


def until(draw: Draw, today: dt.date, *, days: int) -> dt.date:
    """The day on which the next draw may take the place of this one, where periods have so many days.

    >>> draw = Draw(dt.date(2024, 3, 4), 0.1, "salt", dt.datetime(2024, 3, 5))
    >>> until(draw, dt.date(2024, 3, 6), days=7)
    datetime.date(2024, 3, 11)
    """
    return max(period_of(draw.starts, days=days).ends, today + dt.timedelta(days=1))


def lot(salt: str, customer_id: str) -> int:
    """The number that a person draws, below `WHOLE`: the first 8 bytes of SHA-256 of `SALT:PERSON`, in UTF-8.

    >>> [round(lot("salt", name) / WHOLE, 2) for name in ("ann", "ben")]
    [0.2, 0.86]
    """
    return int.from_bytes(sha256(f"{salt}:{customer_id}".encode(errors="surrogatepass")).digest()[:8], "big")


def limit(share: float) -> int:
    """The number below which the lots of a share of all people lie."""
    return int(share * WHOLE)


def is_held_out(draw: Draw | None, customer_id: str) -> bool:
    """Whether a draw holds a person out, whoever they are and however many contracts they have; None holds nobody."""
    return draw is not None and lot(draw.salt, customer_id) < limit(draw.share)
