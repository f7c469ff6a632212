"""Finding anyone by an id, and saying why somebody is not on the list."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from tenure.pipelines.store.desk import care_for
from tenure.pipelines.store.desk_tables import external_ids
from tenure.pipelines.store.hold_outs import held_out_among
from tenure.pipelines.store.reach import Reach
from tenure.pipelines.store.score_sets import Score, ScoreSet, held_id
from tenure.pipelines.store.served import served_risk
from tenure.pipelines.store.worth import NOTHING, worth_of
from tenure.serving.words import STATUS

MOST_FOUND = 20

WHY_NOT = {
    "lapsed": "they have gone quiet already; the list is of those who have not yet",
    "left": "they have left already",
    "leaving": "they have given notice; it is too late to be early",
    "new": "they are too new: the question needs more history",
    "excluded": "the project file leaves them out",
    "objected": "they object to being scored",
    "not_eligible": "the question does not apply to them: they are not among those it is asked about",
    "hold_out": "they are in the hold-out, which nobody contacts",
    "unknown": "nothing of them was known at that midnight",
}


@dataclass(frozen=True)
class Found:
    """A customer that was searched for, and where they stand."""

    customer_id: str
    score: Score | None
    said: str


def find(connection: Connection, found: ScoreSet, text: str, reach: Reach) -> list[Found]:
    """The customers that are called so, by us or by another tool; empty where nobody is."""
    wanted = held_id(text.strip())
    if not wanted:
        return []
    others = select(external_ids.c.customer_id).where(external_ids.c.external_id == wanted)
    names = [wanted, wanted.lower(), *connection.scalars(others.distinct().limit(MOST_FOUND))]
    told = [(name, served_risk(connection, found.outcome, name)[1]) for name in dict.fromkeys(names)]
    known = [
        Found(name, scores[0], standing(connection, found, name, scores[0], reach)) for name, scores in told if scores
    ]
    return known[:MOST_FOUND]


def standing(connection: Connection, found: ScoreSet, customer_id: str, score: Score, reach: Reach) -> str:
    """Where a customer stands on the list, or why not."""
    if score.status != "scored":
        why = WHY_NOT.get(score.status, "they were not scored")
        return f"Not on the list ({STATUS.get(score.status, 'Not scored').lower()}): {why}."
    if held_out_among(connection, found.score_set_id, reach.draw, [customer_id]):
        return f"In the hold-out until {reach.until}, whom nobody contacts on our own account."
    care = care_for(connection, found.outcome, [customer_id]).get(customer_id)
    if care is not None and care.status in ("snoozed", "addressed"):
        until = f" until {care.snoozed_until}" if care.snoozed_until else ""
        return f"Put aside: {care.status}{until} by {care.changed_by}."
    if score.rank is None:
        return "Scored again since the list was made; the rank is that of the last midnight."
    ranked = f"rank {score.rank:,} of {found.counts.get('scored', 0):,}"
    worth = worth_of(connection, found.score_set_id, [customer_id]).get(score.unit_id, NOTHING)
    if worth.barred is not None:
        return f"Not to be contacted ({worth.barred}); by risk {ranked}."
    if worth.gain is not None and worth.place is None:
        return f"A contact is not worth making: it is expected to bring {worth.gain:,.2f}; by risk {ranked}."
    return f"On the list, {ranked}."
