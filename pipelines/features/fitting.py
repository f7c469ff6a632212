"""What the families learn from the past of a date: which kinds, channels, amounts and levels get columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import numpy as np

from tenure.pipelines.calendar import Calendar
from tenure.pipelines.features.column import ANY, Fitted
from tenure.pipelines.features.profile import level_name
from tenure.pipelines.settings.features import Features

LEVELS = 30
"""The most levels of one profile that get columns."""

_SEEN = """
select key, seen, count(*) as customers from (
    select {key} as key, customer_id, min(epoch_ms(greatest(known_at, occurred_at))) as seen
    from read_parquet({files}) where {condition} group by all
) group by all
"""


_MARKS = """
select key, seen, count(*) as customers from (
    select key, customer_id, min(known) as seen from (
        select unnest(list_filter([{marks}], lambda mark: mark is not null)) as key, customer_id,
            epoch_ms(greatest(known_at, occurred_at)) as known
        from read_parquet($files)
    ) group by all
) group by all
"""

MARKS = {
    "case": "case_id is not null",
    "reply": "case_id is not null and kind = 'message_out'",
    "queue": "case_id is not null and kind = 'assigned'",
    "solved": "case_id is not null and kind = 'resolved'",
    "solver": "case_id is not null and kind = 'resolved' and agent_id is not null",
    "promise": "case_id is not null and kind = 'callback_promised' and due_at is not null",
    "switch": "case_id is not null and channel is not null",
    "agent": "case_id is not null and (agent_id is not null or team_id is not null)",
    "trouble": "kind in ('escalated', 'reopened', 'dispute', 'complaint')",
    "wait": "wait_seconds is not null",
    "handle": "handle_seconds is not null",
    "rating": "rating is not null",
    "survey": "kind = 'survey_sent'",
    "complaint": "kind in ('complaint', 'dispute')",
    "contact": "kind = 'contact_opened'",
    "self_service": "kind = 'self_service'",
    "handover": "kind = 'bot_handover'",
    "price": "amount is not null and kind in ('signup', 'renewal', 'plan_changed', 'price_changed')",
    "offer": "kind = 'offer_made'",
    "failed": "kind = 'payment_failed'",
    "text": "text is not null",
    "agent_text": "text is not null and (direction = 'outbound' or kind = 'message_out')",
}
"""What must be there for the columns that need the key `has:NAME`."""


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
    with duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": False}) as connection:
        seen = {
            "kind": _seen(connection, folder, "interactions", "kind", "true"),
            "channel": _seen(connection, folder, "interactions", "channel", "channel is not null"),
            "amount": _seen(connection, folder, "interactions", "kind", "amount is not null"),
            "has": _marked(connection, folder),
        }
        if categories:
            names = ", ".join(f"'{name}'" for name in categories)
            seen["level"] = _seen(connection, folder, "profiles", "name || '=' || value", f"name in ({names})")
    found = {day: _keys(seen, calendar.midnight(day), settings) for day in wanted}
    twins = _twins(frozenset().union(*found.values()))
    return {day: Fitted(frozenset(twins.get(key, key) for key in keys)) for day, keys in found.items()}


def union(fitted: Iterable[Fitted]) -> Fitted:
    """All keys of several fitted states: what to compute so that each of them finds its columns.

    What was learnt differs from date to date and has no union.
    """
    return Fitted(frozenset().union(*(f.keys for f in fitted)))


Seen = dict[str, tuple[np.ndarray, np.ndarray]]
"""For each key the instants at which customers were first known to have it, and how many then."""


def _seen(connection: duckdb.DuckDBPyConnection, folder: Path, table: str, key: str, condition: str) -> Seen:
    return _history(connection, folder, table, _SEEN.format(key=key, files="$files", condition=condition))


def _marked(connection: duckdb.DuckDBPyConnection, folder: Path) -> Seen:
    marks = ", ".join(f"case when {condition} then '{name}' end" for name, condition in MARKS.items())
    return _history(connection, folder, "interactions", _MARKS.format(marks=marks))


def _history(connection: duckdb.DuckDBPyConnection, folder: Path, table: str, sql: str) -> Seen:
    files = sorted(str(path) for path in folder.glob(f"{table}-*.parquet"))
    if not files:
        return {}
    frame = connection.sql(sql, params={"files": files}).to_arrow_table().to_pandas().sort_values("seen")
    return {str(k): (g["seen"].to_numpy(), g["customers"].cumsum().to_numpy()) for k, g in frame.groupby("key")}


def _keys(seen: dict[str, Seen], instant: int, settings: Features) -> frozenset[str]:
    keys: set[str] = set()
    for sort, found in seen.items():
        counts = {name: _customers_by(instant, *history) for name, history in found.items()}
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


def _customers_by(instant: int, seen: np.ndarray, customers: np.ndarray) -> int:
    place = int(np.searchsorted(seen, instant, side="left"))
    return int(customers[place - 1]) if place else 0
