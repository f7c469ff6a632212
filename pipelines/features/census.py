"""The census: how many customers were known by each of some dates to have a kind, a channel, an amount, a mark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from tenure.pipelines.calendar import Calendar
from tenure.pipelines.sources.engine import open_bare

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
    "rating": "rating between 0 and 1",
    "survey": "kind = 'survey_sent'",
    "came_back": "case_id is not null and kind in ('message_out', 'followed_up')",
    "escalated": "case_id is not null and kind = 'escalated'",
    "dispute": "kind = 'dispute'",
    "complaint": "kind = 'complaint'",
    "self_service": "kind in ('self_service', 'help_viewed', 'help_searched', 'help_search_failed')",
    "view": "kind = 'help_viewed'",
    "search": "kind in ('help_searched', 'help_search_failed')",
    "handover": "kind = 'bot_handover'",
    "price": "amount is not null and kind in ('signup', 'renewal', 'plan_changed', 'price_changed')",
    "offer": "kind = 'offer_made'",
    "failed": "kind = 'payment_failed'",
    "text": "text is not null",
    "agent_text": "text is not null and (direction = 'outbound' or kind = 'message_out')",
}
"""What must be there for the columns that need the key `has:NAME`."""

AMOUNT = 1 << len(MARKS)
NEVER = np.iinfo(np.int64).max

_ROWS = """
create temp table found as
select customer_id, kind, channel, {mask} as mask, min(epoch_ms(greatest(known_at, occurred_at))) as seen
from read_parquet($files) group by all
"""
_KEYS = "select {key} as key, customer_id, min(seen) as seen from found where {condition} group by all"
_MARKS = "select {firsts} from found group by customer_id"
_LEVELS = """
select name || '=' || value as key, customer_id, min(epoch_ms(greatest(known_at, occurred_at))) as seen
from read_parquet($files) where list_contains($names, name) group by all
"""

Census = Mapping[str, Mapping[str, Sequence[int]]]
"""By sort of key and key: the number of customers known to have it before each date."""


def take_census(
    folder: Path, dates: Sequence[dt.date], *, calendar: Calendar, categories: Sequence[str] = ()
) -> Census:
    """Count the customers of a snapshot of the lake by what was known of them before each date (in rising order).

    `categories` are the profile names whose levels are counted. The interactions are read once.
    """
    days = np.array([calendar.midnight(day) for day in dates], dtype=np.int64)
    with open_bare(threads=2) as connection:
        found = _of_interactions(connection, _files(folder, "interactions"), days)
        if categories:
            files = {"files": _files(folder, "profiles"), "names": list(categories)}
            levels = connection.sql(_LEVELS, params=files).to_arrow_table() if files["files"] else None
            found["level"] = {} if levels is None else _by_key(levels, days)
    return found


def _of_interactions(
    connection: duckdb.DuckDBPyConnection, files: list[str], days: np.ndarray
) -> dict[str, dict[str, list[int]]]:
    if not files:
        return {"kind": {}, "channel": {}, "amount": {}, "has": {}}
    asked = {condition: 1 << place for place, condition in enumerate(MARKS.values())} | {"amount is not null": AMOUNT}
    mask = " | ".join(f"(case when {condition} then {bit} else 0 end)" for condition, bit in asked.items())
    connection.execute(_ROWS.format(mask=mask), {"files": files})

    def counted(key: str, condition: str) -> dict[str, list[int]]:
        return _by_key(connection.sql(_KEYS.format(key=key, condition=condition)).to_arrow_table(), days)

    firsts = ", ".join(
        f"coalesce(min(case when mask & {1 << place} != 0 then seen end), {NEVER}) as {name}"
        for place, name in enumerate(MARKS)
    )
    marks = connection.sql(_MARKS.format(firsts=firsts)).to_arrow_table()
    return {
        "kind": counted("kind", "true"),
        "channel": counted("channel", "channel is not null"),
        "amount": counted("kind", f"mask & {AMOUNT} != 0"),
        "has": {name: _before(marks[name].to_numpy(), days).tolist() for name in MARKS},
    }


def _by_key(table: pa.Table, days: np.ndarray) -> dict[str, list[int]]:
    """The customers of each key by the dates before which they were first seen with it."""
    keys = table["key"].combine_chunks().dictionary_encode()
    codes, seen = keys.indices.to_numpy(), table["seen"].to_numpy()
    return {
        str(key): _before(seen[codes == code], days).tolist() for code, key in enumerate(keys.dictionary.to_pylist())
    }


def _before(seen: np.ndarray, days: np.ndarray) -> np.ndarray:
    """How many instants lie before each of the days."""
    passed = np.searchsorted(days, seen, side="right")
    return np.cumsum(np.bincount(passed, minlength=len(days) + 1)[: len(days)])


def _files(folder: Path, table: str) -> list[str]:
    return sorted(str(path) for path in folder.glob(f"{table}-*.parquet"))
