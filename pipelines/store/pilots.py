"""Pilots: lists of people chosen at random, a share of whom is held out, from which effects can be learnt."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import Connection, Engine, select

from tenure.pipelines.decisions.hold_out import limit, lot
from tenure.pipelines.settings.desk import Playbook
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.desk import NOBODY, Row, awake, care_for
from tenure.pipelines.store.hold_outs import PILOT, held_out
from tenure.pipelines.store.list_writing import Chosen, write_list
from tenure.pipelines.store.reach import Reach
from tenure.pipelines.store.score_sets import SCORE, Score, ScoreSet
from tenure.pipelines.store.tables import scores
from tenure.pipelines.store.worth import NOTHING, worth_of

AT_ONCE = 1_000


class NobodyToChoose(ValueError):
    """There is nobody who may be contacted."""


def freeze_pilot(
    engine: Engine,
    found: ScoreSet,
    *,
    size: int,
    share: float,
    reach: Reach,
    who: str,
    now: dt.datetime,
    today: dt.date,
    playbooks: tuple[Playbook, ...] = (),
) -> int:
    """Freeze a list of `size` random people who may be contacted, a `share` of them held out; its number.

    Each person comes once, with the riskiest unit. Whoever is never held out has no part in it, for nothing can be
    learnt from them. The lots are drawn with salts of this pilot alone.
    """
    chosen_by, held_by = secrets.token_hex(16), secrets.token_hex(16)
    with alone(engine) as connection:
        ranks = _first_ranks(connection, found, reach)
        names = sorted(ranks, key=lambda name: lot(chosen_by, name))[:size]
        if not names:
            raise NobodyToChoose("nobody may be contacted: all are barred, held out, or were contacted too lately")
        chosen: list[Chosen] = []
        for start in range(0, len(names), AT_ONCE):
            part = names[start : start + AT_ONCE]
            mine = (scores.c.score_set_id == found.score_set_id) & scores.c.customer_id.in_(part)
            units = [Score(*row) for row in connection.execute(select(*SCORE).where(mine))]
            care = care_for(connection, found.outcome, part)
            worth = worth_of(connection, found.score_set_id, part)
            chosen += [
                Chosen(
                    Row(
                        unit,
                        awake(care.get(unit.customer_id, NOBODY), today),
                        worth.get(unit.unit_id, NOTHING),
                    ),
                    lot(held_by, unit.customer_id) < limit(share),
                    1.0 - share,
                )
                for unit in units
                if unit.rank == ranks[unit.customer_id]
            ]
        return write_list(
            connection, found, chosen, sort=PILOT, draw=reach.draw, capacity=size, who=who, now=now,
            playbooks=playbooks,
        )  # fmt: skip


def _first_ranks(connection: Connection, found: ScoreSet, reach: Reach) -> dict[str, int]:
    """The rank of the riskiest unit of everybody who may be contacted."""
    query = select(scores.c.customer_id, scores.c.rank).where(
        scores.c.score_set_id == found.score_set_id,
        scores.c.rank.is_not(None),
        scores.c.barred.is_(None),
        scores.c.never_held_out.is_not(True),
    )
    if reach.draw is not None:
        query = query.where(~held_out(connection, reach.draw))
    if reach.contacted is not None:
        query = query.where(scores.c.customer_id.not_in(reach.contacted))
    found_ranks: dict[str, int] = {}
    for name, rank in connection.execute(query):
        found_ranks[name] = min(rank, found_ranks.get(name, rank))
    return found_ranks
