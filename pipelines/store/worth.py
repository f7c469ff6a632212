"""What a contact with a unit is worth, as a score set has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from tenure.pipelines.store.tables import scores


class Worth(NamedTuple):
    """What is lost with a customer and what a contact brings, in the project's currency; None: not known.

    `effect` is by how much a contact lowers the probability, `gain` the expected profit of a contact, `place` the
    order in which contacts are worth making. Who is `barred`, for the cause named, is not contacted at all.
    """

    value: float | None = None
    effect: float | None = None
    gain: float | None = None
    place: int | None = None
    barred: str | None = None
    never_held_out: bool | None = None


NOTHING = Worth()


def worth_of(connection: Connection, score_set_id: int, customers: Sequence[str]) -> dict[str, Worth]:
    """The worth of the units of some customers in a score set, by unit."""
    columns = [scores.c[name] for name in Worth._fields]
    query = select(scores.c.unit_id, *columns).where(
        scores.c.score_set_id == score_set_id, scores.c.customer_id.in_(customers)
    )
    return {row[0]: Worth(*row[1:]) for row in connection.execute(query)}
