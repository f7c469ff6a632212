"""What a contact with a unit is worth, as a score set has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import ColumnElement, Connection, func, select

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

    @property
    def contact(self) -> str | None:
        """`allowed`, or the cause why the unit is not contacted; None where nothing is known of contacts."""
        return self.barred or (None if self.value is None and self.gain is None else "allowed")


NOTHING = Worth()


def worth_of(connection: Connection, score_set_id: int, customers: Sequence[str]) -> dict[str, Worth]:
    """The worth of the units of some customers in a score set, by unit."""
    columns = [scores.c[name] for name in Worth._fields]
    query = select(scores.c.unit_id, *columns).where(
        scores.c.score_set_id == score_set_id, scores.c.customer_id.in_(customers)
    )
    return {row[0]: Worth(*row[1:]) for row in connection.execute(query)}


class Cut(NamedTuple):
    """The contacts a list is cut to: how many, how many of them should come true, and what they should bring."""

    contacts: int
    hits: float
    profit: float
    least: float | None


def summed_up(frame: pd.DataFrame, assumed: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a score set says of its contacts: how many have a place, in all and by band, and how many are barred why.

    `unvalued` are scored units whose value is not known, `assumed` the terms by which gains were computed.
    """
    placed, scored = frame["place"].notna(), frame["status"] == "scored"
    return {
        "placed": int(placed.sum()),
        "bands": _counts(frame.loc[placed, "band"]),
        "barred": _counts(frame.loc[scored, "barred"]),
        "excluded": _counts(frame.loc[frame["status"] == "excluded", "barred"]),
        "unvalued": int((scored & frame["value"].isna()).sum()),
        "assumed": dict(assumed or {}),
    }


def cut_at(connection: Connection, chosen: ColumnElement[bool]) -> Cut:
    """The first contacts, or all that are worth making where there are fewer, by a condition on scores."""
    query = select(
        func.count(), func.sum(scores.c.probability), func.sum(scores.c.gain), func.min(scores.c.gain)
    ).where(chosen)
    count, hits, profit, least = connection.execute(query).one()
    return Cut(int(count), float(hits or 0.0), float(profit or 0.0), least)


def _counts(column: pd.Series[Any]) -> dict[str, int]:
    return {str(name): int(count) for name, count in column.value_counts().items()}
