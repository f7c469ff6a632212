"""Histories handed over as plain rows, turned into what the kernel reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.history.arrow import read_history
from tenure.pipelines.history.history import History
from tenure.pipelines.scoring.question import Question
from tenure.pipelines.text.cleaning import without_surrogates

Row = Mapping[str, Any]

_TIME = pa.timestamp("us", "UTC")
INTERACTIONS = pa.schema(
    [
        *[(n, pa.string()) for n in ("interaction_id", "customer_id", "contract_id", "kind", "channel", "direction")],
        *[(n, pa.string()) for n in ("case_id", "agent_id", "team_id", "product_id")],
        *[(n, _TIME) for n in ("occurred_at", "known_at", "superseded_at", "due_at")],
        *[(n, pa.float64()) for n in ("amount", "wait_seconds", "handle_seconds", "rating")],
        ("text", pa.string()),
        ("attributes", pa.map_(pa.string(), pa.string())),
    ]
)
PROFILES = pa.schema(
    [
        *[(n, pa.string()) for n in ("customer_id", "contract_id", "name", "value")],
        *[(n, _TIME) for n in ("occurred_at", "known_at", "superseded_at")],
    ]
)
FOREVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)


def history_of(question: Question, interactions: Iterable[Row], profiles: Iterable[Row] = ()) -> History:
    """The history of the customers in the rows.

    A row is a mapping with the columns of an interaction or a profile; what is left out is
    missing, and `known_at` is `occurred_at` where it is not given.
    """
    rows = sorted(map(_known, interactions), key=_place)
    facts = sorted(map(_known, profiles), key=lambda fact: (fact["customer_id"], fact["name"], fact["occurred_at"]))
    numeric = frozenset(name for name, sort in question.context.profiles.items() if sort == "number")
    return read_history(
        pa.Table.from_pylist(rows, schema=INTERACTIONS),
        pa.Table.from_pylist(facts, schema=PROFILES),
        calendar=calendar_of(question.zone),
        observed_from=question.observed_from,
        unit=question.outcome.unit,
        numeric_profiles=numeric,
        gaps=question.gaps,
        text=question.context.text if "voice" in question.context.settings.families else None,
    )


def _known(row: Row) -> dict[str, Any]:
    given = {name: value for name, value in row.items() if value is not None}
    if "text" in given:
        given["text"] = without_surrogates(given["text"])  # Arrow holds whole characters only
    return {"known_at": given["occurred_at"], "superseded_at": FOREVER, **given}


def _place(row: Row) -> tuple[str, dt.datetime, str]:
    return row["customer_id"], row["occurred_at"], row.get("interaction_id") or ""
