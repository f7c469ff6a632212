"""Putting names and values into SQL text safely."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path


def literal(value: str | Path) -> str:
    """A text as an SQL literal.

    >>> literal("O'Brien")
    "'O''Brien'"
    """
    return "'" + str(value).replace("'", "''") + "'"


def literals(values: Iterable[str | Path]) -> str:
    """Texts as an SQL list.

    >>> literals(["a", "b"])
    "['a', 'b']"
    """
    return "[" + ", ".join(literal(v) for v in values) + "]"


def identifier(name: str) -> str:
    """A column or table name in SQL, whatever letters it holds.

    >>> identifier("concept:name")
    '"concept:name"'
    """
    return '"' + name.replace('"', '""') + '"'


def instant(moment: dt.datetime) -> str:
    """An instant as an SQL literal; a moment without a zone is a mistake of the caller.

    >>> instant(dt.datetime(2017, 1, 1, tzinfo=dt.timezone.utc))
    "timestamptz '2017-01-01 00:00:00+00'"
    """
    if moment.tzinfo is None:
        raise ValueError(f"expected an instant with a time zone, found {moment.isoformat()}")
    utc = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return f"timestamptz '{utc.isoformat(sep=' ')}+00'"
