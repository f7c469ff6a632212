"""Which series of a source are looked at, and by which test; every check of inputs is a function here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from tenure.models.odds import Floats
from tenure.models.unusual import (
    LEAST_DAYS,
    SHARE_PAST,
    Flags,
    Unusual,
    expected_counts,
    rolling,
    unusual_level,
    unusual_share,
    unusual_shift,
    unusual_silence,
    unusual_volume,
)
from tenure.pipelines.calendar import day_number
from tenure.pipelines.monitor.days import EVERYTHING, Days, Table
from tenure.pipelines.settings.monitor import Monitor
from tenure.pipelines.settings.project import Project

WINDOWS = (1, 7)
"""Every series is looked at by the last day and by the last week."""

SEEN_DAYS = 20
"""Days on which a value must have come before it can be missed."""

MISSED = 16.0
"""Rows with a value that must have been expected of its silence: there are many values."""

NUMBER, CATEGORY, SEGMENT = "number:", "category:", "segment:"


@dataclass(frozen=True)
class Series:
    """One series that was tested: the rows of a `kind` (or all), a `column` or value of it, over a `window` of days."""

    check: str
    kind: str
    column: str
    window: int
    found: Unusual


Check = Callable[[Days, Flags, Monitor], Iterator[Series]]


def silences(days: Days, open_: Flags, limits: Monitor) -> Iterator[Series]:
    """Feeds that stopped."""
    counts = days.rows() * open_
    expected = expected_counts(counts, open_, days.weekday)
    yield Series("silence", EVERYTHING, "", 1, unusual_silence(counts, expected))


def vanished(days: Days, open_: Flags, limits: Monitor) -> Iterator[Series]:
    """Kinds, values and segments that came no more while the rest of the source goes on."""
    for name, table in categories(days):
        total = table.total
        hoped = np.nan_to_num(expected_counts(total * open_, open_, days.weekday))
        for place, value in enumerate(table.values):
            seen = table.counts[:, place]
            if value is not None and np.count_nonzero(seen) >= SEEN_DAYS:
                found = unusual_silence(seen, _by_share(seen, total, hoped), least_mass=MISSED, least_days=SEEN_DAYS)
                yield Series("vanished", name, value, 1, found)


def appeared(days: Days, open_: Flags, limits: Monitor) -> Iterator[Series]:
    """Kinds and values that were never seen before, where they are many."""
    for name, table in categories(days):
        if name.startswith(SEGMENT):
            continue  # a customer of a segment that seldom comes is nothing new
        new = np.zeros(days.length)
        told = np.array([value is not None for value in table.values], dtype=bool)
        for place in np.flatnonzero(told):
            first = int(np.flatnonzero(table.counts[:, place])[0])
            new[first : first + 7] += table.counts[first : first + 7, place]
        if new[LEAST_DAYS:].any():
            of = table.counts[:, told].sum(axis=1)
            yield from _shares("appeared", name, "", new, of, limits.share)


def volumes(days: Days, open_: Flags, limits: Monitor) -> Iterator[Series]:
    """Sources and kinds of which there is suddenly much more or much less."""
    for kind in (EVERYTHING, *days.kinds):
        counts = days.rows(kind) * open_
        for window in WINDOWS:
            expected = expected_counts(counts, open_, days.weekday, window=window)
            found = unusual_volume(counts, expected, window=window, factor=limits.volume)
            yield Series("volume", kind, "", window, found)


def repeats(days: Days, open_: Flags, limits: Monitor) -> Iterator[Series]:
    """Rows that tell again what was told under another id."""
    yield from _shares("repeats", EVERYTHING, "", days.table(EVERYTHING, "repeat").total, days.rows(), limits.repeats)


def strangers(days: Days, open_: Flags, limits: Monitor) -> Iterator[Series]:
    """Rows of customers of whom nobody ever heard."""
    some = days.table(EVERYTHING, "stranger").total
    yield from _shares("strangers", EVERYTHING, "", some, days.rows(), limits.share)


def missing(days: Days, open_: Flags, limits: Monitor) -> Iterator[Series]:
    """Columns that are suddenly empty, or filled where they used to be empty."""
    for kind, figure in days.figures("missing"):
        if kind == EVERYTHING:
            continue
        table, rows = days.table(kind, figure), days.rows(kind)
        for place, column in enumerate(table.values):
            empty = table.counts[:, place]
            if empty.any() and (empty < rows).any():
                yield from _shares("missing", kind, str(column), empty, rows, limits.missing)
                yield from _shares("filled", kind, str(column), rows - empty, rows, limits.missing)


def levels(days: Days, open_: Flags, limits: Monitor) -> Iterator[Series]:
    """Numbers whose median is suddenly many times what it was, or a part of it."""
    for kind, figure in days.figures(NUMBER):
        if kind == EVERYTHING:
            continue
        table = days.table(kind, figure)
        for window in WINDOWS:
            level, rows, error = medians(table, window)
            found = unusual_level(level, rows, error, window=window, effect=float(np.log2(limits.level)))
            yield Series("levels", kind, figure.removeprefix(NUMBER), window, found)


def delays(days: Days, open_: Flags, limits: Monitor) -> Iterator[Series]:
    """Rows that become known much later after they happened than they used to, or much sooner."""
    for window in WINDOWS:
        level, rows, error = medians(days.table(EVERYTHING, "delay"), window)
        yield Series("delays", EVERYTHING, "", window, unusual_level(level, rows, error, window=window, effect=1.5))


def hours(days: Days, open_: Flags, limits: Monitor) -> Iterator[Series]:
    """Hours of the day that moved, and rows at hours at which there used to be none."""
    table = days.table(EVERYTHING, "hour")
    if not table.values:
        return
    profile = np.zeros((days.length, 24))
    for place, value in enumerate(table.values):
        profile[:, int(str(value))] += table.counts[:, place]
    for window in WINDOWS:
        yield Series("hours", EVERYTHING, "shift", window, unusual_shift(profile, window=window))
    before = np.concatenate([np.zeros((1, 24)), rolling(profile, SHARE_PAST)[:-1]])
    rare = before < 0.002 * np.maximum(before.sum(axis=1, keepdims=True), 1)
    yield from _shares("hours", EVERYTHING, "rare", (profile * rare).sum(axis=1), profile.sum(axis=1), limits.odd_hours)


CHECKS: tuple[Check, ...] = (
    silences, volumes, repeats, vanished, appeared, missing, levels, delays, hours, strangers,
)  # fmt: skip


def closed_days(days: Days, project: Project) -> Flags:
    """Days on which nothing is expected of a source: those declared closed, and its gaps."""
    closed = {day_number(day) for day in project.monitor.closed}
    for gap in project.gap:
        if gap.source == days.source:
            closed |= set(range(day_number(gap.start), day_number(gap.end)))
    return np.isin(np.arange(days.first, days.first + days.length), sorted(closed))


def all_series(days: Days, project: Project) -> tuple[Series, ...]:
    """Everything that is looked at of a source, tested."""
    open_ = ~closed_days(days, project)
    return tuple(found for check in CHECKS for found in check(days, open_, project.monitor))


def categories(days: Days) -> Iterator[tuple[str, Table]]:
    """The categories of a source, by what they are called: kind, a column, an attribute, a segment."""
    for beginning in (CATEGORY, SEGMENT):
        for kind, figure in days.figures(beginning):
            if kind == EVERYTHING:
                yield figure.removeprefix(CATEGORY), days.table(kind, figure)


def medians(table: Table, window: int) -> tuple[Floats, Floats, Floats]:
    """The median size of the numbers of the last `window` days in doublings, of how many, and its standard error.

    See `bucket`. The error is 1.25 standard deviations over the root of the number, a deviation being the distance of
    the quartiles over 1.35, as of a normal.
    """
    numbers = np.array([abs(int(str(value))) for value in table.values], dtype=np.int64)
    order = [place for place in np.argsort(numbers, kind="stable") if numbers[place] > 0]
    rolled = rolling(table.counts[:, order], window)
    rows = rolled.sum(axis=1)
    scale = (numbers[order] - 200) / 4
    quartiles = np.full((3, len(rows)), np.nan)
    for day in np.flatnonzero(rows > 0):
        reached = np.cumsum(rolled[day])
        for row, share in enumerate((0.25, 0.5, 0.75)):
            place = int(np.searchsorted(reached, rows[day] * share))
            inside = (rows[day] * share - (reached[place] - rolled[day][place])) / rolled[day][place]
            quartiles[row, day] = scale[place] + (inside - 0.5) / 4
    error = 1.25 * (quartiles[2] - quartiles[0]) / 1.35 / np.sqrt(np.maximum(rows, 1.0))
    return quartiles[1], rows, error


def _by_share(seen: Floats, total: Floats, hoped: Floats) -> Floats:
    """What to expect of a value: its share of eight weeks before, of what is `hoped` for of all values of a day.

    Less by as much as the others fall short of their part, beyond two standard deviations of Poisson's, and nothing
    where none came: a feed that stops is another matter.
    """
    before_k = np.concatenate([[0.0], rolling(seen, SHARE_PAST)[:-1]])
    before_n = np.concatenate([[0.0], rolling(total, SHARE_PAST)[:-1]])
    share = np.divide(before_k, before_n, out=np.zeros(len(seen)), where=before_n > 0)
    others = (1.0 - share) * hoped
    rest = total - seen
    short = np.divide(rest + 2 * np.sqrt(rest) + 1, others, out=np.ones(len(seen)), where=others > 0.5)
    return share * hoped * np.minimum(short, 1.0) * (total > 0)


def _shares(check: str, kind: str, column: str, some: Floats, of: Floats, effect: float) -> Iterator[Series]:
    for window in WINDOWS:
        yield Series(check, kind, column, window, unusual_share(some, of, window=window, effect=effect))
