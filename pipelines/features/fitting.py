"""What the families learn from the past of a date: which kinds, channels, amounts and levels get columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from tenure.pipelines.calendar import Calendar
from tenure.pipelines.features.census import Census, take_census
from tenure.pipelines.features.column import ANY, Fitted
from tenure.pipelines.features.profile import level_name
from tenure.pipelines.settings.features import Features

LEVELS = 30
"""The most levels of one profile that get columns."""


def fit_families(
    folder: Path,
    dates: Iterable[dt.date],
    settings: Features,
    *,
    calendar: Calendar,
    categories: Sequence[str] = (),
) -> dict[dt.date, Fitted]:
    """Learn for each date, from what was known before it, which keys have enough customers.

    `folder` is a snapshot of the lake, `categories` the profile names that are category features.
    """
    wanted = sorted(set(dates))
    census = take_census(folder, wanted, calendar=calendar, categories=categories)
    found = {day: _keys(census, place, settings) for place, day in enumerate(wanted)}
    twins = _twins(frozenset().union(*found.values()))
    return {day: Fitted(frozenset(twins.get(key, key) for key in keys)) for day, keys in found.items()}


def union(fitted: Iterable[Fitted]) -> Fitted:
    """All keys of several fitted states: what to compute so that each of them finds its columns.

    What was learnt differs from date to date and has no union.
    """
    return Fitted(frozenset().union(*(f.keys for f in fitted)))


def _keys(census: Census, place: int, settings: Features) -> frozenset[str]:
    """What earned columns by the date at a place of the census."""
    keys: set[str] = set()
    for sort, found in census.items():
        counts = {name: customers[place] for name, customers in found.items()}
        always = settings.always_kinds if sort in ("kind", "amount") else ()
        enough = [n for n, c in counts.items() if c and (c >= settings.min_customers or n in always)]
        ranked = sorted(enough, key=lambda name: (name not in always, -counts[name], name))
        if sort == "channel" and len(enough) == 1:
            continue  # one channel says nothing that "any interaction" does not
        kept = _limited(sort, ranked, settings)
        keys |= {f"{sort}:{name}" for name in kept}
        if sort == "amount" and len(kept) == 1:
            keys.add(f"sole:{kept[0]}")
        if sort == "kind" and not len(enough) == sum(c > 0 for c in counts.values()) == 1:
            keys.add(ANY)  # else "any interaction" would say the same again as the one kind
    return frozenset(keys)


def _twins(keys: frozenset[str]) -> dict[str, str]:
    """New keys for levels whose columns would share a name, at every date alike: `twin:` for `level:`."""
    named: dict[str, list[str]] = {}
    for key in keys:
        if key.startswith("level:"):
            name, _, level = key.removeprefix("level:").partition("=")
            named.setdefault(level_name(name, level), []).append(key)
    return {key: key.replace("level:", "twin:", 1) for twins in named.values() if len(twins) > 1 for key in twins}


def _limited(sort: str, ranked: list[str], settings: Features) -> list[str]:
    if sort == "has":
        return ranked
    if sort != "level":
        return ranked[: settings.max_kinds]
    kept: dict[str, list[str]] = {}
    for name in ranked:
        kept.setdefault(name.split("=")[0], []).append(name)
    return [name for levels in kept.values() for name in levels[:LEVELS]]
