"""Times in SQL: instants, local times and bare dates, each turned into an instant by the rules of the design.

A bare date means some time that day: it happened at the local start of the day and was known
at the start of the next. A local time that occurs twice is the first of the two; one that is
skipped moves forward by the hour.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.quoting import identifier, literal

CLOCK = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?"
DAY = r"\d{4}-\d{2}-\d{2}"
OFFSET = r" ?(Z|z|UTC|[+-]\d{2}(:?\d{2})?)"
NAIVE = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")


class NaiveTimestamps(ValueError):
    """A column holds local times, and nothing says of which time zone."""


class NotATime(ValueError):
    """A column that must hold times has another type."""


@dataclass(frozen=True)
class Time:
    """SQL for a column of times: its instant, whether it is a bare date, and what is wrong with it, if anything."""

    start: str
    next_day: str
    bare: str
    problem: str

    @property
    def known(self) -> str:
        """The instant from which the value could be known: the next day for a bare date."""
        return (
            f"case when {self.bare} then {self.next_day} else {self.start} end" if self.bare != "false" else self.start
        )


def time_column(source: Source, column: str, kind: str, *, project_zone: str) -> Time:
    """The SQL for `column` of DuckDB type `kind`.

    Raises `NaiveTimestamps` for local times without a zone on the source, `NotATime` for
    other types.
    """
    name = identifier(column)
    day_zone = source.timezone or project_zone
    if kind == "TIMESTAMP WITH TIME ZONE":
        return Time(name, name, "false", "null")
    if kind == "DATE":
        return Time(_start(name, day_zone), _start(f"({name} + 1)", day_zone), "true", "null")
    if kind in NAIVE:
        if source.timezone is None:
            raise NaiveTimestamps(
                f"source {source.name!r}: {column} holds local times without a time zone; say which one with "
                f'`timezone = "{project_zone}"` in its [[source]], or yield an instant'
            )
        return Time(_local(f"{name}::timestamp", source.timezone), name, "false", "null")
    if kind == "VARCHAR":
        return _text(source, column, day_zone)
    raise NotATime(
        f"source {source.name!r}: {column} must be a time or a date, found {kind}; "
        "for seconds since 1970 yield `to_timestamp(...)`, for days relative to a start `start_date + days`"
    )


def _text(source: Source, column: str, day_zone: str) -> Time:
    text = f"trim({identifier(column)})"
    day = f"try_cast({text} as date)"
    instant = f"try_cast(replace(replace(upper({text}), ' UTC', 'Z'), ',', '.') as timestamptz)"
    local = f"try_cast(replace({text}, ',', '.') as timestamp)"
    is_day = f"coalesce(regexp_full_match({text}, '{DAY}'), false)"
    is_instant = f"regexp_full_match({text}, '{CLOCK}{OFFSET}')"
    is_local = f"regexp_full_match({text}, '{CLOCK}')"
    when_local = _local(local, source.timezone) if source.timezone else "null"
    no_zone = "" if source.timezone else f"when {is_local} then '{column} has no time zone: set timezone on the source'"
    start = (
        f"case when {is_day} then {_start(day, day_zone)} when {is_instant} then {instant} "
        f"when {is_local} then {when_local} end"
    )
    problem = (
        f"case when {text} is null or {text} = '' then null {no_zone} "
        f"when ({start}) is null then '{column} is not a time in ISO-8601' end"
    )
    return Time(f"({start})", _start(f"({day} + 1)", day_zone), is_day, problem)


def _start(day: str, zone: str) -> str:
    return _local(f"{day}::timestamp", zone)


def _local(moment: str, zone: str) -> str:
    if zone == "UTC":
        return f"timezone('UTC', {moment})"
    return f"first_instant({moment}, {literal(zone)})"
