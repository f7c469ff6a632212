"""What the gate decided of candidates: appended, never changed."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, insert, select

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.promotion_tables import gate_decisions


class GateDecision(NamedTuple):
    """One decision; `candidate` and `champion` are versions such as `shop-lapse/3`, `at` is in UTC."""

    at: dt.datetime
    outcome: str
    candidate: str
    champion: str | None
    decision: str
    sentence: str
    figures: dict[str, Any]


def keep_decision(engine: Engine, made: GateDecision) -> None:
    """Append a decision."""
    at = made.at.astimezone(dt.UTC).replace(tzinfo=None) if made.at.tzinfo else made.at
    with alone(engine) as connection:
        connection.execute(insert(gate_decisions).values(**made._replace(at=at)._asdict()))


def decisions(
    connection: Connection, outcome: str, *, candidate: str | None = None, limit: int = 100
) -> list[GateDecision]:
    """The decisions of an outcome, or of one candidate, the newest first."""
    query = select(*(gate_decisions.c[name] for name in GateDecision._fields)).where(
        gate_decisions.c.outcome == outcome
    )
    if candidate is not None:
        query = query.where(gate_decisions.c.candidate == candidate)
    query = query.order_by(gate_decisions.c.decision_id.desc()).limit(limit)
    return [GateDecision(*row) for row in connection.execute(query)]
