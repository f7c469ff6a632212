"""Days of a time zone. Every window, horizon and midnight in Tenure is counted here."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Milliseconds = NDArray[np.int64]

DAY = 86_400_000
"""Milliseconds of an ordinary day."""

_FIRST = dt.date(1900, 1, 1)
_LAST = dt.date(2150, 1, 1)
_EPOCH = dt.date(1970, 1, 1)

FIRST_DAY = (_FIRST - _EPOCH).days
"""The first day there is, as days since 1970-01-01."""


class Calendar:
    """The calendar days of one time zone, as positions in a table of its midnights.

    >>> warsaw = Calendar("Europe/Warsaw")
    >>> (warsaw.midnight(dt.date(2024, 4, 1)) - warsaw.midnight(dt.date(2024, 3, 31))) // 3_600_000
    23
    """

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._midnights = _midnights(zone)

    def midnight(self, day: dt.date) -> int:
        """The instant at which `day` begins, in milliseconds since 1970 UTC."""
        return int(self._midnights[(day - _FIRST).days])

    def days_before(self, day: dt.date, count: int) -> int:
        """The midnight `count` calendar days before the one of `day`."""
        return self.midnight(max(day - dt.timedelta(days=count), _FIRST))

    def days_of(self, instants: Milliseconds) -> NDArray[np.int32]:
        """The local day of each instant, as days since 1970-01-01."""
        positions = np.searchsorted(self._midnights, instants, side="right") - 1
        return (positions - (_EPOCH - _FIRST).days).astype(np.int32)

    def midnights_after(self, days: NDArray[np.int32]) -> Milliseconds:
        """The instant at which each local day (as days since 1970-01-01) ends."""
        return self._midnights[days + ((_EPOCH - _FIRST).days + 1)]

    def date_of(self, instant: int) -> dt.date:
        """The local date of one instant."""
        return _EPOCH + dt.timedelta(days=int(self.days_of(np.array([instant]))[0]))


@lru_cache(maxsize=32)
def calendar_of(zone: str) -> Calendar:
    """The calendar of a zone, built once a process."""
    return Calendar(zone)


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01.

    >>> day_number(dt.date(1970, 1, 8))
    7
    """
    return (day - _EPOCH).days


@lru_cache(maxsize=32)
def _midnights(zone: str) -> Milliseconds:
    days = pd.date_range(_FIRST, _LAST, freq="D", unit="ms")
    local = days.tz_localize(zone, nonexistent="shift_forward", ambiguous=np.ones(len(days), dtype=bool))
    return local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
