"""Taking units out of score sets that are served: ranks move up, counts go down, and no gap is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Column, Connection, delete, insert, select, update

from tenure.pipelines.store.decision_tables import held_places
from tenure.pipelines.store.privacy_tables import edited_sets
from tenure.pipelines.store.steps import in_steps
from tenure.pipelines.store.tables import score_sets, scores

KEY = ("score_set_id", "customer_id", "unit_id")
SEEN = ("unit_id", "status", "probability", "band", "rank", "place", "barred", "value")


def leave_sets(connection: Connection, customers: Sequence[str]) -> int:
    """Delete the units of some customers from every score set; how many.

    Who pages through a set meanwhile may see one unit twice or not at all, as with every change of a list.
    """
    mine = scores.c.customer_id.in_(customers)
    numbers = list(connection.scalars(select(scores.c.score_set_id).where(mine).distinct()))
    found = 0
    for number in numbers:
        gone = _units(connection, number, customers)
        connection.execute(delete(scores).where(scores.c.score_set_id == number, mine))
        close_up(connection, number, gone)
        _count_less(connection, number, gone)
        found += len(gone)
    return found


def leave_unscored(connection: Connection, customers: Sequence[str], *, status: str, of: int | None = None) -> int:
    """Take the scores from the units of some customers in every score set, and give them a status; how many units.

    Units that have the status already are left as they are. With `of` only that set is looked at.
    """
    mine = scores.c.customer_id.in_(customers) & (scores.c.status != status)
    query = select(scores.c.score_set_id).where(mine).distinct()
    numbers = list(connection.scalars(query if of is None else query.where(scores.c.score_set_id == of)))
    found = 0
    for number in numbers:
        gone = [row for row in _units(connection, number, customers) if row["status"] != status]
        bare = {column.name: None for column in scores.columns if column.name not in KEY}
        connection.execute(
            update(scores).where(scores.c.score_set_id == number, mine).values({**bare, "status": status})
        )
        close_up(connection, number, gone)
        _count_less(connection, number, gone, instead=status)
        found += len(gone)
    return found


def edition_of(connection: Connection, score_set_id: int) -> int:
    """How often units left a set: whatever was worked out of its ranks holds for one edition."""
    query = select(edited_sets.c.edition).where(edited_sets.c.score_set_id == score_set_id)
    return int(connection.scalar(query) or 0)


def close_up(connection: Connection, score_set_id: int, gone: Sequence[dict[str, Any]]) -> None:
    """Let the units of a set move up to the ranks and places of those that left, also where the hold-out is kept."""
    ranks, places = ([row[name] for row in gone if row[name] is not None] for name in ("rank", "place"))
    for column, left in ((scores.c.rank, ranks), (scores.c.place, places)):
        for one in sorted(left, reverse=True):
            _shift(connection, score_set_id, column, one)
    for row in connection.execute(select(held_places).where(held_places.c.score_set_id == score_set_id)).all():
        held, bands = np.frombuffer(row.ranks, "<i4"), np.frombuffer(row.bands, np.int8)
        stays = ~np.isin(held, ranks)
        moved = {
            "ranks": _moved(held[stays], ranks),
            "places": _moved(np.frombuffer(row.places, "<i4")[stays], places),
            "bands": bands[stays].tobytes(),
        }
        key = (held_places.c.draw == row.draw) & (held_places.c.pilot == row.pilot)
        connection.execute(update(held_places).where(held_places.c.score_set_id == score_set_id, key).values(moved))
    mine = edited_sets.c.score_set_id == score_set_id
    if connection.execute(update(edited_sets).where(mine).values(edition=edited_sets.c.edition + 1)).rowcount == 0:
        connection.execute(insert(edited_sets).values(score_set_id=score_set_id, edition=1))


def _units(connection: Connection, number: int, customers: Sequence[str]) -> list[dict[str, Any]]:
    query = select(*(scores.c[name] for name in SEEN))
    rows = connection.execute(query.where(scores.c.score_set_id == number, scores.c.customer_id.in_(customers)))
    return [dict(row._mapping) for row in rows]


def _shift(connection: Connection, number: int, column: Column[Any], after: int) -> None:
    later = (scores.c.score_set_id == number) & (column > after)
    connection.execute(update(scores).where(later).values({column.name: column - 1}))


def _moved(held: Any, left: Iterable[int]) -> bytes:
    """Ranks or places after some left: each less by how many of these were before it; 0 stays 0.

    >>> np.frombuffer(_moved(np.array([0, 2, 5, 9]), [3, 7]), "<i4").tolist()
    [0, 2, 4, 7]
    """
    before = np.searchsorted(np.sort(np.array(list(left), dtype=np.int64)), held)
    return np.asarray(held - before).astype("<i4").tobytes()


def _count_less(
    connection: Connection, number: int, gone: Sequence[dict[str, Any]], instead: str | None = None
) -> None:
    """Correct what the header of a set counts."""
    row = connection.execute(select(score_sets).where(score_sets.c.score_set_id == number)).one()
    scored = [one for one in gone if one["status"] == "scored"]
    counts = _less(row.counts, [one["status"] for one in gone])
    if instead is not None:
        counts[instead] = counts.get(instead, 0) + len(gone)
    new: dict[str, Any] = {"counts": counts}
    if row.bands is not None:
        new["bands"] = _less(row.bands, [one["band"] for one in scored])
    if row.histogram is not None:
        steps = in_steps([one["probability"] for one in scored])
        new["histogram"] = [held - left for held, left in zip(row.histogram, steps, strict=True)]
    if row.worth is not None:
        new["worth"] = _worth_less(row.worth, gone)
    connection.execute(update(score_sets).where(score_sets.c.score_set_id == number).values(new))


def _worth_less(worth: dict[str, Any], gone: Sequence[dict[str, Any]]) -> dict[str, Any]:
    placed = [one for one in gone if one["place"] is not None]
    scored = [one for one in gone if one["status"] == "scored"]
    return {
        **worth,
        "placed": worth["placed"] - len(placed),
        "bands": _less(worth["bands"], [one["band"] for one in placed]),
        "barred": _less(worth["barred"], [one["barred"] for one in scored if one["barred"]]),
        "excluded": _less(worth["excluded"], [one["barred"] for one in gone if one["status"] == "excluded"]),
        "unvalued": worth["unvalued"] - sum(one["value"] is None for one in scored),
    }


def _less(counts: dict[str, int], gone: Iterable[str | None]) -> dict[str, int]:
    """Counts without some, names of which none is left dropped."""
    left = Counter(name for name in gone if name is not None)
    return {name: count - left[name] for name, count in counts.items() if count - left[name] > 0}
