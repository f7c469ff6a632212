"""Invented histories on which a feature module is tried: late, corrected and withdrawn rows, ties, and a future."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.history.arrow import read_history
from tenure.pipelines.history.history import History
from tenure.pipelines.settings.text import Text

Row = dict[str, Any]

KINDS = (
    "purchase", "visit", "signup", "renewal_due", "price_changed", "offer_made", "offer_accepted", "payment_failed",
    "cancellation", "contact_opened", "message_in", "message_out", "assigned", "escalated", "resolved", "reopened",
    "callback_promised", "followed_up", "complaint", "survey_sent", "survey_answered", "self_service", "bot_handover",
)  # fmt: skip
NAMES = ("Anna Nowak", "Ivan")
TEXTS = (
    "Chcę zrezygnować z umowy", "Where is my order?", "Благодаря за помощта", "This is the third time I write", "好",
    "We are sorry, Ms Nowak", "Awful service", "Great, thank you", "<p>Nie dzia&#322;a</p>", "\x00", "बहुत खराब सेवा",
    "Dear customer, it is on its way",
)  # fmt: skip
SERVICE = KINDS[KINDS.index("contact_opened") :]
"""Kinds whose rows belong to a case."""

CHANNELS = (None, "phone", "web", "email")
LEVELS = ("north", "south")
CUSTOMERS, ROWS = 10, 240

_FOREVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TIME = pa.timestamp("us", "UTC")
_SCHEMA = pa.schema(
    [
        *[(name, pa.string()) for name in ("interaction_id", "customer_id", "contract_id", "kind", "channel")],
        *[
            (name, pa.string())
            for name in ("direction", "case_id", "agent_id", "team_id", "product_id", "name", "value")
        ],
        *[(name, _TIME) for name in ("occurred_at", "known_at", "superseded_at", "due_at")],
        *[(name, pa.float64()) for name in ("amount", "wait_seconds", "handle_seconds", "rating")],
        ("text", pa.string()),
        ("attributes", pa.map_(pa.string(), pa.string())),
    ]
)


@dataclass(frozen=True)
class Invention:
    """Rows and profile facts of customers who never were, around the midnight that begins `as_of`."""

    rows: tuple[Row, ...]
    facts: tuple[Row, ...]
    as_of: dt.date
    zone: str
    unit: str

    @property
    def midnight(self) -> dt.datetime:
        """The instant of `as_of`."""
        return _EPOCH + dt.timedelta(milliseconds=calendar_of(self.zone).midnight(self.as_of))

    def only(self, keep: Callable[[Row], bool]) -> Invention:
        """The same with the rows and facts for which `keep` holds."""
        return replace(self, rows=tuple(filter(keep, self.rows)), facts=tuple(filter(keep, self.facts)))

    def history(self) -> History:
        """The history of its units. Rows of one instant keep the order in which they stand here."""
        rows = sorted(self.rows, key=lambda row: (row["customer_id"], row["occurred_at"]))
        facts = sorted(self.facts, key=lambda fact: (fact["customer_id"], fact["name"], fact["occurred_at"]))
        return read_history(
            pa.Table.from_pylist(rows, schema=_SCHEMA),
            pa.Table.from_pylist(facts, schema=_SCHEMA),
            calendar=calendar_of(self.zone),
            observed_from=calendar_of(self.zone).midnight(self.as_of - dt.timedelta(days=400)),
            unit=self.unit,
            numeric_profiles=frozenset({"age"}),
            text=Text(),
        )


def invent(seed: int, *, as_of: dt.date, zone: str = "UTC", unit: str = "customer") -> Invention:
    """Invent a history; the same seed gives the same one."""
    drawn = np.random.default_rng(seed)
    bare = Invention((), (), as_of, zone, unit)
    rows = [row for number in range(ROWS) for row in _versions(drawn, number, bare.midnight)]
    facts = [_fact(drawn, number, bare.midnight) for number in range(3 * CUSTOMERS)]
    return replace(bare, rows=tuple(rows), facts=tuple(facts))


def _versions(drawn: np.random.Generator, number: int, midnight: dt.datetime) -> list[Row]:
    who, occurred, kind = int(drawn.integers(CUSTOMERS)), _moment(drawn, midnight), str(drawn.choice(KINDS))
    row: Row = {
        "interaction_id": f"i{number:04d}",
        "customer_id": f"c{who}",
        "contract_id": drawn.choice(np.array([None, f"c{who}-1", f"c{who}-2"], dtype=object)),
        "occurred_at": occurred,
        "known_at": occurred + _delay(drawn),
        "superseded_at": _FOREVER,
        "due_at": occurred + dt.timedelta(days=int(drawn.integers(-20, 90))) if drawn.random() < 0.3 else None,
        "kind": kind,
        "channel": drawn.choice(np.array(CHANNELS, dtype=object)),
        "direction": drawn.choice(np.array([None, None, "inbound", "outbound"], dtype=object)),
        "case_id": drawn.choice(np.array([f"c{who}-k", f"c{who}-l", "shared"])) if kind in SERVICE else None,
        "agent_id": drawn.choice(np.array([None, "x", "y", "z"], dtype=object)),
        "team_id": drawn.choice(np.array([None, None, "t", "u"], dtype=object)),
        "amount": float(np.round(drawn.normal(30.0, 40.0), 2)) if drawn.random() < 0.7 else None,
        "wait_seconds": float(drawn.integers(0, 900)) if drawn.random() < 0.3 else None,
        "handle_seconds": float(drawn.integers(0, 900)) if drawn.random() < 0.3 else None,
        "rating": float(drawn.integers(0, 6)) / 5 if kind == "survey_answered" else None,
        "text": TEXTS[number * 7 % len(TEXTS)] if kind in SERVICE or kind == "cancellation" else None,
    }
    fate = drawn.random()
    if fate < 0.7:
        return [row]
    until = row["known_at"] + dt.timedelta(hours=int(drawn.integers(1, 24 * 60)))
    corrected = row | {"known_at": until, "amount": 77.0, "channel": "phone", "agent_id": "x"}
    corrected["text"] = row["text"] and TEXTS[(number * 7 + 1) % len(TEXTS)]
    return [row | {"superseded_at": until}] + ([corrected] if fate < 0.9 else [])


def _fact(drawn: np.random.Generator, number: int, midnight: dt.datetime) -> Row:
    occurred, name = _moment(drawn, midnight), ("age", "city", "name")[number % 3]
    levels = NAMES if name == "name" else LEVELS
    return {
        "customer_id": f"c{int(drawn.integers(CUSTOMERS))}",
        "name": name,
        "value": str(int(drawn.integers(18, 90))) if name == "age" else str(drawn.choice(levels)),
        "occurred_at": occurred + dt.timedelta(seconds=number),
        "known_at": occurred + dt.timedelta(seconds=number) + _delay(drawn),
        "superseded_at": _FOREVER,
    }


def _moment(drawn: np.random.Generator, midnight: dt.datetime) -> dt.datetime:
    """Most within the last months, some on the very border, a fifth in the future, many at one instant."""
    border = [
        dt.timedelta(0),
        dt.timedelta(microseconds=-1),
        dt.timedelta(days=-28),
        dt.timedelta(days=-28, seconds=-1),
    ]
    if drawn.random() < 0.1:
        return midnight + border[int(drawn.integers(len(border)))]
    if drawn.random() < 0.2:
        return midnight + dt.timedelta(days=float(drawn.integers(0, 40)))
    days = -int(min(drawn.exponential(60.0), 390.0))
    return midnight + dt.timedelta(days=days, hours=-int(drawn.choice([1, 10, 10, 10, 23])))


def _delay(drawn: np.random.Generator) -> dt.timedelta:
    return dt.timedelta(hours=int(drawn.choice([0, 0, 0, 2, 30, 24 * 20])))
