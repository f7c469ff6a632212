"""Changes of the model that is served: kept with the pointer in one transaction, and settled in the registry after."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, ScalarSelect, func, insert, select, update

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.promotion_tables import promotions
from tenure.pipelines.store.score_sets import ScoreSet, point_to, published_number

PROMOTE, ROLLBACK = "promote", "rollback"


class ServedMeanwhile(RuntimeError):
    """Another score set was published while this one was made ready."""


class Promotion(NamedTuple):
    """A change of the model that is served.

    `champion` and `before` are versions such as `shop-lapse/3`. `settled` says that the registry's aliases followed.
    """

    promotion_id: int
    at: dt.datetime
    outcome: str
    action: str
    champion: str
    before: str | None
    score_set_id: int
    as_of: str
    definition: str
    new_series: bool
    reason: str | None
    settled: bool


def change_served(
    engine: Engine,
    found: ScoreSet,
    *,
    seen: int | None,
    before: str | None,
    action: str,
    now: dt.datetime,
    reason: str | None = None,
    new_series: bool = False,
) -> Promotion:
    """Let the pointer name a complete score set of another model and keep the change, both or neither.

    `seen` is the set that was served when this was decided (None: none); `ServedMeanwhile` where it no longer is.
    """
    row: dict[str, Any] = {
        "at": now.astimezone(dt.UTC).replace(tzinfo=None),
        "outcome": found.outcome,
        "action": action,
        "champion": found.model_version,
        "before": before,
        "score_set_id": found.score_set_id,
        "as_of": found.as_of.isoformat(),
        "definition": found.definition,
        "new_series": new_series,
        "reason": reason,
        "settled": False,
    }
    with alone(engine) as connection:
        served = published_number(connection, found.outcome)
        if served != seen:
            raise ServedMeanwhile(
                f"score set {seen} of {found.outcome!r} was served when this began and {served} is now; nothing was "
                "changed, run the command again"
            )
        point_to(connection, found.outcome, found.score_set_id)
        number = connection.execute(insert(promotions).returning(promotions.c.promotion_id), row).scalar_one()
    return Promotion(promotion_id=int(number), **row)


def settle(engine: Engine, promotion: Promotion) -> None:
    """Note that the registry's aliases say what is served."""
    with alone(engine) as connection:
        mine = promotions.c.promotion_id == promotion.promotion_id
        connection.execute(update(promotions).where(mine).values(settled=True))


def unsettled(connection: Connection, outcome: str) -> Promotion | None:
    """The last change of an outcome, where the registry's aliases may not have followed it."""
    found = history(connection, outcome, limit=1)
    return found[0] if found and not found[0].settled else None


def series_begins(outcome: str) -> ScalarSelect[str]:
    """Part of a query: as of which midnight the scores of an outcome began a new series; null where none did."""
    mine = (promotions.c.outcome == outcome) & promotions.c.new_series
    return select(func.max(promotions.c.as_of)).where(mine).scalar_subquery()


def series_begun_at(outcome: str) -> ScalarSelect[dt.datetime]:
    """The same as the moment at which it was done, in UTC."""
    mine = (promotions.c.outcome == outcome) & promotions.c.new_series
    return select(func.max(promotions.c.at)).where(mine).scalar_subquery()


def history(connection: Connection, outcome: str, *, limit: int = 100) -> list[Promotion]:
    """The changes of an outcome, the newest first."""
    query = (
        select(*(promotions.c[name] for name in Promotion._fields))
        .where(promotions.c.outcome == outcome)
        .order_by(promotions.c.promotion_id.desc())
        .limit(limit)
    )
    return [Promotion(*row) for row in connection.execute(query)]
