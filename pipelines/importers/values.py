"""Reading single values of an export: ids, texts, numbers and times, whatever form they come in."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any
from zoneinfo import ZoneInfo

NEVER = dt.datetime(1970, 1, 2, tzinfo=dt.UTC)
"""What lies before this is a tool's way of saying never: Unix zero, or a date in 1970 shifted by a zone."""
REPLACEMENT = "�"
UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
CTIME = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
LATEST = 253_402_300_799


class NotAMoment(ValueError):
    """A value that must be a time is none."""


def identifier(value: Any) -> str | None:
    """An id as text, digit by digit; nothing for null, an empty text or a truth value.

    >>> identifier(9007199254740993), identifier(" 42 "), identifier(7.0), identifier("")
    ('9007199254740993', '42', '7', None)
    """
    if value is None:
        return None
    if type(value) is int:
        return str(value)
    if isinstance(value, bool | dict | list):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    found = str(value)
    return (found if found.isascii() and "\x00" not in found else UNWRITABLE.sub(REPLACEMENT, found)).strip() or None


def text(value: Any) -> str | None:
    """A text as it was given; only what no file can hold (NUL, half a surrogate pair) is replaced.

    >>> text("<p>ok</p>" + chr(0))
    '<p>ok</p>�'
    """
    if value is None or isinstance(value, bool | dict | list):
        return None
    found = str(value)
    if UNWRITABLE.search(found) is None:
        return found or None
    whole = found.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return UNWRITABLE.sub(REPLACEMENT, whole)


def number(value: Any) -> float | None:
    """A finite number, also one written as text.

    >>> number("15"), number("n/a"), number(True)
    (15.0, None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        if NUMBER.fullmatch(value.strip()) is None:
            return None
        value = float(value)
    if not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def part(record: Any, key: str) -> dict[str, Any]:
    """An object inside a record; an empty one where there is none.

    >>> part({"meta": {"id": 1}}, "meta"), part({"meta": None}, "meta"), part({}, "meta")
    ({'id': 1}, {}, {})
    """
    found = record.get(key) if isinstance(record, dict) else None
    return found if isinstance(found, dict) else {}


def flag(value: Any, *, otherwise: bool) -> bool:
    """A truth value, also one written as text.

    >>> flag("FALSE", otherwise=True), flag(None, otherwise=True)
    (False, True)
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false", "1", "0"):
        return value.strip().lower() in ("true", "1")
    return otherwise


def moment(value: Any, *, zone: str | None = "UTC") -> dt.datetime | None:
    """An instant in UTC; nothing for null, "Not set" and every way of saying never.

    Understood are ISO-8601, Unix seconds (numbers, or digits as text) and the form of `ctime`.
    A time that names no zone is one of `zone`. Raises `NotAMoment` for anything else.

    >>> moment("1970-01-01T00:00:00Z"), moment(0), moment("Not set")
    (None, None, None)
    >>> moment("Sat Nov 21 20:16:52 2026", zone="Europe/Warsaw").isoformat()
    '2026-11-21T19:16:52+00:00'
    """
    found = _moment(value, zone)
    return None if found is None or found < NEVER else found


def _moment(value: Any, zone: str | None) -> dt.datetime | None:
    if value is None or value == "" or value == "Not set":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _unix(float(value))
    if not isinstance(value, str):
        raise NotAMoment(f"expected a time, found {value!r:.60}")
    words = value.strip()
    if NUMBER.fullmatch(words):
        return _unix(float(words))
    try:
        read = _ctime(words) or dt.datetime.fromisoformat(words.removesuffix(" UTC"))
    except ValueError:
        raise NotAMoment(f"expected a time, found {value!r:.60}") from None
    if read.tzinfo is None:
        if zone is None:
            raise NotAMoment(f"{value!r} names no time zone")
        read = read.replace(tzinfo=ZoneInfo(zone))
    try:
        return read.astimezone(dt.UTC)
    except OverflowError:
        return None


def _unix(seconds: float) -> dt.datetime:
    if not math.isfinite(seconds) or not 0 <= seconds <= LATEST:
        raise NotAMoment(f"expected seconds since 1970, found {seconds!r}")
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=round(seconds * 1e6))


def _ctime(words: str) -> dt.datetime | None:
    found = CTIME.fullmatch(words)
    if found is None or found[1] not in MONTHS:
        return None
    month, day, hour, minute, second, year = found.groups()
    return dt.datetime(int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
