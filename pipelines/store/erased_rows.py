"""Deleting every row of the store that is of some customers, or names them by what other tools call them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, or_, select, update

from tenure.pipelines.store.desk_tables import external_ids, list_members
from tenure.pipelines.store.leaving_sets import leave_sets
from tenure.pipelines.store.privacy_tables import erased_members
from tenure.pipelines.store.schema import metadata
from tenure.pipelines.store.tables import deliveries, scores

OWN = "customer_id"
"""The column by which a table says whose its rows are."""

KEYS_AT_ONCE = 5_000


def tables_of_people() -> list[Table]:
    """The tables whose rows are of one customer each; `scores` is not among them, for it has ranks to be closed up."""
    return [table for table in metadata.sorted_tables if OWN in table.c and table.name != scores.name]


def erase_rows(
    connection: Connection,
    customers: Sequence[str],
    called: Iterable[tuple[str, str]],
    mentioned: Callable[[str], bool],
) -> dict[str, int]:
    """Delete what the tables hold of some customers, as a part of a transaction; how many rows, by table.

    `called` are their outside ids by source; `mentioned` says whether a text names them. Of lists the counts stay.
    """
    found = {scores.name: leave_sets(connection, customers)}
    _count_members(connection, customers)
    for table in tables_of_people():
        mine: ColumnElement[bool] = table.c[OWN].in_(customers)
        if table.name == external_ids.name:
            pairs = [and_(table.c.source == source, table.c.external_id == name) for source, name in called]
            mine = or_(mine, *pairs)
        found[table.name] = connection.execute(delete(table).where(mine)).rowcount
    found[deliveries.name] = _forget_deliveries(connection, mentioned)
    return {name: count for name, count in found.items() if count}


def held_rows(connection: Connection, customers: Sequence[str]) -> dict[str, int]:
    """How many rows the tables hold of some customers, by table."""
    found = {}
    for table in (scores, *tables_of_people()):
        query = select(func.count()).select_from(table).where(table.c[OWN].in_(customers))
        found[table.name] = int(connection.scalar(query) or 0)
    return {name: count for name, count in found.items() if count}


def _count_members(connection: Connection, customers: Sequence[str]) -> None:
    """Keep how many members of each list are erased, contacted or held out: a count, and nothing else."""
    query = select(list_members.c.list_id, list_members.c.held_out, func.count().label("members"))
    mine = query.where(list_members.c.customer_id.in_(customers)).group_by(*query.selected_columns[:2])
    for list_id, held_out, members in connection.execute(mine).all():
        key = (erased_members.c.list_id == list_id) & (erased_members.c.held_out == held_out)
        more = {"members": erased_members.c.members + members}
        if connection.execute(update(erased_members).where(key).values(more)).rowcount == 0:
            row = {"list_id": list_id, "held_out": held_out, "members": members}
            connection.execute(insert(erased_members).values(row))


def _forget_deliveries(connection: Connection, mentioned: Callable[[str], bool]) -> int:
    """Forget the answers to deliveries whose senders put a name of the person into the key."""
    keys = connection.scalars(select(deliveries.c.delivery_key)).all()
    named = [key for key in keys if mentioned(key)]
    for start in range(0, len(named), KEYS_AT_ONCE):
        part = deliveries.c.delivery_key.in_(named[start : start + KEYS_AT_ONCE])
        connection.execute(delete(deliveries).where(part))
    return len(named)
