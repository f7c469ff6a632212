"""The look-up that is asked all day: a customer's units in the served set, and what was scored again since."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import JSON, BigInteger, Connection, DateTime, String, bindparam, cast, null, select, union_all

from tenure.pipelines.store.connections import Question
from tenure.pipelines.store.score_sets import SCORE, STORED, Score, held_id
from tenure.pipelines.store.tables import overlays, published, scores

_NOT_AGAIN = (
    cast(null(), String).label("as_of"),
    cast(null(), DateTime).label("scored_at"),
    cast(null(), JSON).label("changed"),
)
_AGAIN = (
    *(overlays.c[name] if name != "rank" else cast(null(), BigInteger).label("rank") for name in STORED),
    *(overlays.c[name] for name in Score._fields[len(STORED) :]),
)

SERVED = union_all(
    select(published.c.score_set_id, *SCORE, *_NOT_AGAIN)
    .outerjoin(
        scores,
        (scores.c.score_set_id == published.c.score_set_id) & (scores.c.customer_id == bindparam("customer")),
    )
    .where(published.c.outcome == bindparam("wanted")),
    select(published.c.score_set_id, *_AGAIN)
    .join(overlays, (overlays.c.score_set_id == published.c.score_set_id) & (overlays.c.outcome == published.c.outcome))
    .where(published.c.outcome == bindparam("wanted"), overlays.c.customer_id == bindparam("customer")),
)


_ASKED = Question(SERVED)


def served_risk(connection: Connection, outcome: str, customer_id: str) -> tuple[int | None, list[Score]]:
    """The number of the served set and the customer's units, the riskiest first; those scored again as they are now.

    One statement, and so of one state.
    """
    found = _ASKED.ask(connection, {"wanted": outcome, "customer": held_id(customer_id)})
    number: int | None = found[0][0] if found else None
    units = [_read(row[1:]) for row in found if row[1] is not None]
    if len(units) > 1:
        again = {unit.unit_id for unit in units if unit.as_of is not None}
        units = [unit for unit in units if unit.as_of is not None or unit.unit_id not in again]
        units.sort(key=lambda unit: (unit.probability is None, -(unit.probability or 0.0), unit.unit_id))
    return number, units


def _read(row: tuple[Any, ...]) -> Score:
    """A row as the driver gives it."""
    *plain, reasons, facts, low, high, as_of, scored_at, changed = row
    moment = dt.datetime.fromisoformat(scored_at) if isinstance(scored_at, str) else scored_at
    read = (_from_json(reasons), _from_json(facts), low, high, as_of, moment, _from_json(changed))
    return Score._make((*plain, *read))


def _from_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
