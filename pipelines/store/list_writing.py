"""Writing a frozen list: the walk down the order until there is no more room, and who of the way is held out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from tenure.pipelines.decisions.hold_out import Draw, is_held_out
from tenure.pipelines.settings.desk import Playbook
from tenure.pipelines.store.desk import Filter, Row, listed
from tenure.pipelines.store.desk_tables import list_members, lists
from tenure.pipelines.store.hold_outs import held_out_among
from tenure.pipelines.store.orders import Order
from tenure.pipelines.store.score_sets import Score, ScoreSet
from tenure.pipelines.store.tables import scores

STEP = 1_000
PROMISES = ("unanswered", "callback", "left")


class Chosen(NamedTuple):
    """A unit that comes onto a list; `propensity` is the chance with which it was to be contacted."""

    row: Row
    held_out: bool
    propensity: float


def walk(
    connection: Connection, found: ScoreSet, wanted: Filter, *, capacity: int, today: dt.date, by: Order
) -> list[Chosen]:
    """The units met on the way down the list until `capacity` of them may be contacted.

    Whoever is barred, or was held out of a pilot, is passed by.
    """
    draw = wanted.reach.draw
    everybody = replace(wanted, reach=replace(wanted.reach, draw=None))
    chosen: list[Chosen] = []
    room, offset = capacity, 0
    while room > 0:
        part = listed(connection, found, everybody, limit=STEP, offset=offset, today=today, by=by)
        names = [row.score.customer_id for row in part]
        held = held_out_among(connection, found.score_set_id, draw, names)
        for row in part:
            one, name = row.worth, row.score.customer_id
            if one.barred is not None or (name in held and not is_held_out(draw, name)):
                continue
            chance = 1.0 if draw is None or one.never_held_out else 1.0 - draw.share
            chosen.append(Chosen(row, name in held, chance))
            room -= name not in held
            if room == 0:
                break
        if len(part) < STEP:
            break
        offset += STEP
    return chosen


def write_list(
    connection: Connection,
    found: ScoreSet,
    chosen: Sequence[Chosen],
    *,
    sort: str,
    draw: Draw | None,
    capacity: int,
    who: str,
    now: dt.datetime,
    playbooks: Sequence[Playbook],
) -> int:
    """Write a list and its members as they are now, as a part of a transaction; its number."""
    head = {
        "outcome": found.outcome,
        "as_of": found.as_of.isoformat(),
        "score_set_id": found.score_set_id,
        "model_version": found.model_version,
        "created_at": now.astimezone(dt.UTC).replace(tzinfo=None),
        "created_by": who,
        "capacity": capacity,
        "sort": sort,
        "draw": None if draw is None else draw.starts.isoformat(),
    }
    number = int(connection.execute(insert(lists).returning(lists.c.list_id), head).scalar_one())
    for start in range(0, len(chosen), STEP):
        part = chosen[start : start + STEP]
        segments = _segments(connection, found, [one.row.score.customer_id for one in part])
        rows = [_member(number, one, segments, playbooks) for one in part]
        connection.execute(insert(list_members), rows)
    return number


def playbook_for(score: Score, playbooks: Sequence[Playbook]) -> str | None:
    """The name of the first entry of the playbook that fits a score; None where none does."""
    themes = {reason["theme"] for reason in score.reasons or []}
    promises = {name for name in PROMISES if name in (score.facts or {})}
    return next((entry.name for entry in playbooks if entry.fits(score.band or "low", themes, promises)), None)


def _segments(connection: Connection, found: ScoreSet, customers: Sequence[str]) -> dict[str, str]:
    mine = (scores.c.score_set_id == found.score_set_id) & scores.c.customer_id.in_(customers)
    query = select(scores.c.unit_id, scores.c.segment).where(mine, scores.c.segment.is_not(None))
    return {row.unit_id: row.segment for row in connection.execute(query)}


def _member(number: int, one: Chosen, segments: dict[str, str], playbooks: Sequence[Playbook]) -> dict[str, Any]:
    score = one.row.score
    return {
        "list_id": number,
        "unit_id": score.unit_id,
        "customer_id": score.customer_id,
        "rank": score.rank,
        "probability": score.probability,
        "band": score.band,
        "held_out": one.held_out,
        "owner": None if one.held_out else one.row.care.owner,
        "reasons": score.reasons,
        "value": one.row.worth.value,
        "effect": one.row.worth.effect,
        "gain": one.row.worth.gain,
        "segment": segments.get(score.unit_id),
        "playbook": playbook_for(score, playbooks),
        "propensity": one.propensity,
        "probability_low": score.probability_low,
        "probability_high": score.probability_high,
    }
