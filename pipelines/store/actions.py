"""Actions: contacts that were made on our own account, each kept once, whoever it was with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, insert, select

from tenure.pipelines.decisions.action import Action, Rejected
from tenure.pipelines.decisions.hold_out import Draw, is_held_out
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.decision_tables import actions
from tenure.pipelines.store.desk_tables import list_members, lists, past_scores
from tenure.pipelines.store.hold_outs import all_draws, day_of, held_on_lists
from tenure.pipelines.store.tables import scores

AT_ONCE = 1_000


class Kept(NamedTuple):
    """An action as the store has it; instants are in UTC. `held_out`: the person was in the hold-out at the time."""

    action_id: str
    received_at: dt.datetime
    at: dt.datetime
    outcome: str
    customer_id: str
    who: str
    channel: str | None
    playbook: str | None
    offer: str | None
    cost: float | None
    result: str | None
    list_id: int | None
    held_out: bool
    digest: str


@dataclass(frozen=True)
class Taken:
    """What became of some actions: those that are new, how many were known, and what cannot be kept, by row.

    `contaminated` are the ids of new ones with people of the hold-out.
    """

    kept: tuple[str, ...] = ()
    known: int = 0
    contaminated: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()


def take_actions(engine: Engine, project: Project, wanted: Sequence[Action], *, now: dt.datetime, whole: bool) -> Taken:
    """Keep actions: with `whole` all of them or none, else all that can be kept.

    An action that was kept before changes nothing; its id with other content is rejected.
    """
    with alone(engine) as connection:
        found = _sorted_out(connection, project, wanted, now)
        if found.fresh and not (whole and found.rejected):
            rows = [one._asdict() for one in found.fresh]
            for start in range(0, len(rows), AT_ONCE):
                connection.execute(insert(actions), rows[start : start + AT_ONCE])
    if whole and found.rejected:
        return Taken(rejected=tuple(found.rejected))
    contaminated = tuple(one.action_id for one in found.fresh if one.held_out)
    return Taken(tuple(one.action_id for one in found.fresh), found.known, contaminated, tuple(found.rejected))


def actions_with(connection: Connection, customer_id: str) -> list[Kept]:
    """The actions with a customer, the newest first."""
    query = select(*_COLUMNS).where(actions.c.customer_id == customer_id)
    return [Kept(*row) for row in connection.execute(query.order_by(actions.c.at.desc(), actions.c.action_id))]


def newest_actions(connection: Connection, *, outcome: str | None = None, limit: int) -> list[Kept]:
    """The newest actions, of an outcome or of all."""
    query = select(*_COLUMNS).order_by(actions.c.at.desc(), actions.c.action_id).limit(limit)
    query = query if outcome is None else query.where(actions.c.outcome == outcome)
    return [Kept(*row) for row in connection.execute(query)]


def counted_results(connection: Connection, outcome: str) -> dict[str, int]:
    """How many contacts ended how; `unsaid` where nobody said it."""
    said = func.coalesce(actions.c.result, "unsaid")
    query = select(said, func.count()).where(actions.c.outcome == outcome).group_by(said)
    return {str(result): int(count) for result, count in connection.execute(query)}


@dataclass
class _Sorted:
    """Actions on the way: new ones, how many were known, and what is wrong with the others."""

    fresh: list[Kept]
    known: int
    rejected: list[Rejected]


def _sorted_out(connection: Connection, project: Project, wanted: Sequence[Action], now: dt.datetime) -> _Sorted:
    draws = all_draws(connection)
    customers = _known_customers(connection, {one.customer_id for one in wanted})
    numbers = {one.list_id for one in wanted if one.list_id is not None}
    there = set(connection.scalars(select(lists.c.list_id).where(lists.c.list_id.in_(numbers))))
    held = _held_digests(connection, {one.name for one in wanted})
    never = _never_held_out(connection, {one.customer_id for one in wanted})
    aside = held_on_lists(connection, numbers)
    found = _Sorted([], 0, [])
    for row, one in enumerate(wanted):
        name, digest = one.name, one.digest()
        wrong = one.wrong(project, now=now, first=draws[0].drawn_at if draws else None)
        if wrong is None and one.customer_id not in customers:
            wrong = "unknown-customer", f"customer {one.customer_id!r} was never scored; check the id"
        if wrong is None and one.list_id is not None and one.list_id not in there:
            wrong = "unknown-list", f"there is no list {one.list_id}; `/lists` has those that were published"
        if wrong is None and name in held:
            if held[name] == digest:
                found.known += 1
                continue
            wrong = "clashing-action", f"action {name!r} was kept with other content; give each action its own id"
        if wrong is not None:
            found.rejected.append(Rejected(row, *wrong))
            continue
        held[name] = digest
        on_list = (one.list_id, one.customer_id) in aside
        in_draw = one.customer_id not in never and is_held_out(_draw_at(project, draws, one.at), one.customer_id)
        times = _plain(now), _plain(one.at)
        found.fresh.append(Kept(name, *times, **one.content(), held_out=on_list or in_draw, digest=digest))
    return found


def _draw_at(project: Project, draws: Sequence[Draw], moment: dt.datetime) -> Draw | None:
    day = day_of(project, moment)
    return next((draw for draw in reversed(draws) if draw.starts <= day), None)


def _known_customers(connection: Connection, names: set[str]) -> set[str]:
    """Who of some customers was ever scored: is in a score set, was near the top of one, or is on a list."""
    found: set[str] = set()
    for table in (scores, past_scores, list_members):
        for part in _parts(names - found):
            found.update(
                connection.scalars(select(table.c.customer_id).where(table.c.customer_id.in_(part)).distinct())
            )
    return found


def _never_held_out(connection: Connection, names: set[str]) -> set[str]:
    found: set[str] = set()
    for part in _parts(names):
        mine = scores.c.customer_id.in_(part) & scores.c.never_held_out
        found.update(connection.scalars(select(scores.c.customer_id).where(mine).distinct()))
    return found


def _held_digests(connection: Connection, names: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _parts(names):
        query = select(actions.c.action_id, actions.c.digest).where(actions.c.action_id.in_(part))
        found |= {row.action_id: row.digest for row in connection.execute(query)}
    return found


def _parts(names: set[str]) -> Iterator[list[str]]:
    held = sorted(names)
    return (held[start : start + AT_ONCE] for start in range(0, len(held), AT_ONCE))


def _plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


_COLUMNS = tuple(actions.c[name] for name in Kept._fields)
