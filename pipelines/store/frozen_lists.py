"""Frozen lists: who was on a list, from which scores, and who has risen since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, select

from tenure.models.intervals import unsure
from tenure.pipelines.settings.desk import Playbook
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.desk import NOBODY, Filter, Row, awake, care_for, listed, risen_to
from tenure.pipelines.store.desk_tables import list_members, lists
from tenure.pipelines.store.hold_outs import held_out_among
from tenure.pipelines.store.list_writing import walk, write_list
from tenure.pipelines.store.orders import Order
from tenure.pipelines.store.reach import EVERYONE, Reach
from tenure.pipelines.store.score_sets import ScoreSet


class FrozenList(NamedTuple):
    """The header of a frozen list; `created_at` is in UTC."""

    list_id: int
    outcome: str
    as_of: str
    score_set_id: int
    model_version: str
    created_at: dt.datetime
    created_by: str
    capacity: int
    sort: str | None = None
    draw: str | None = None


class Member(NamedTuple):
    """A unit of a frozen list, as it was then."""

    unit_id: str
    customer_id: str
    rank: int
    probability: float
    band: str
    held_out: bool
    owner: str | None
    reasons: list[dict[str, Any]] | None
    value: float | None = None
    effect: float | None = None
    gain: float | None = None
    propensity: float | None = None
    probability_low: float | None = None
    probability_high: float | None = None

    @property
    def low_confidence(self) -> bool | None:
        """Whether the probability might as well have been much lower or higher; None where that is not known."""
        return unsure(self.probability_low, self.probability_high)


def freeze(
    engine: Engine,
    found: ScoreSet,
    wanted: Filter,
    *,
    capacity: int,
    who: str,
    now: dt.datetime,
    today: dt.date,
    playbooks: Sequence[Playbook] = (),
    by: Order = "risk",
) -> int:
    """Freeze the first units that are wanted until `capacity` of them may be contacted; gives the number of the list.

    Those of the hold-out who are met on the way are members too, for the others are compared with them.
    """
    with alone(engine) as connection:
        chosen = walk(connection, found, wanted, capacity=capacity, today=today, by=by)
        return write_list(
            connection, found, chosen, sort=by, draw=wanted.reach.draw, capacity=capacity, who=who, now=now,
            playbooks=playbooks,
        )  # fmt: skip


def frozen_lists(connection: Connection, outcome: str, *, limit: int = 50) -> list[FrozenList]:
    """The frozen lists of an outcome, the newest first."""
    query = select(lists).where(lists.c.outcome == outcome).order_by(lists.c.list_id.desc()).limit(limit)
    return [FrozenList(*row) for row in connection.execute(query)]


def frozen_list(connection: Connection, number: int) -> tuple[FrozenList, list[Member]] | None:
    """A frozen list and its members by rank, None where there is no such list."""
    head = connection.execute(select(lists).where(lists.c.list_id == number)).one_or_none()
    if head is None:
        return None
    columns = [list_members.c[name] for name in Member._fields]
    query = select(*columns).where(list_members.c.list_id == number).order_by(list_members.c.rank)
    return FrozenList(*head), [Member(*row) for row in connection.execute(query)]


def new_since(
    connection: Connection, head: FrozenList, found: ScoreSet, *, today: dt.date, reach: Reach = EVERYONE
) -> list[Row]:
    """Who would be on the list today and was not: of the first `capacity`, and of whoever rose to them since."""
    query = select(list_members.c.unit_id).where(list_members.c.list_id == head.list_id)
    wanted = Filter(status=None, reach=reach)
    by: Order = "gain" if head.sort == "gain" else "risk"
    rows = listed(connection, found, wanted, limit=head.capacity, offset=0, today=today, by=by)
    members, shown = set(connection.scalars(query)), {row.score.unit_id for row in rows}
    least = min((row.score.probability or 0.0 for row in rows), default=0.0)
    above = risen_to(connection, found, least, limit=head.capacity)
    held = held_out_among(connection, found.score_set_id, reach.draw, [one.customer_id for one in above])
    risen = [one for one in above if one.unit_id not in members | shown and one.customer_id not in held]
    care = care_for(connection, found.outcome, [one.customer_id for one in risen])
    return [
        *(row for row in rows if row.score.unit_id not in members),
        *(Row(one, awake(care.get(one.customer_id, NOBODY), today)) for one in risen),
    ]
