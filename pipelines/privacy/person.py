"""A person with all names under which a project holds rows of them: customers merged into one, and outside ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from sqlalchemy import Connection, select

from tenure.pipelines.access.audit import Pseudonyms
from tenure.pipelines.lake.identities import IDENTITIES
from tenure.pipelines.privacy.suppression import outside
from tenure.pipelines.store.desk_tables import external_ids

Link = tuple[str, str, str]
"""A source (empty: every source), an outside id, and the customer it stands for today."""


@dataclass(frozen=True)
class Person:
    """`customers` are ids of our own, the one that is left of a merger first; `called` are outside ids by source."""

    customers: tuple[str, ...]
    called: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every text by which a row may name the person, our own ids first."""
        return tuple(dict.fromkeys([*self.customers, *(name for _, name in self.called)]))

    def hashes(self, pseudonyms: Pseudonyms) -> list[str]:
        """What stands for these names in a ledger, in their order, the customers first."""
        return [*pseudonyms.all_of(self.customers), *(pseudonyms.of(outside(*one)) for one in self.called)]


def person_of(customer_id: str, links: Iterable[Link], sources: Iterable[str]) -> Person:
    """The person whom a customer is, by what identities say today.

    A live row may call a person `SOURCE:ID` as long as nobody knew the customer; `sources` are those of the project.

    >>> links = [("", "ann2", "ann"), ("desk", "7", "ann"), ("desk", "8", "bob")]
    >>> person_of("ann2", links, ["desk"]).customers
    ('ann', 'ann2', 'desk:7', 'desk:ann2')
    >>> person_of("ann2", links, ["desk"]).called
    (('', 'ann2'), ('desk', '7'))
    """
    known, names = set(links), list(sources)
    kept = next((to for of, name, to in known if name == customer_id and of == ""), customer_id)
    first = next((to for of, name, to in known if of and f"{of}:{name}" == customer_id), kept)
    called = tuple(sorted((of, name) for of, name, to in known if to == first))
    others = [name for of, name in called if of == ""]
    others += [f"{of}:{name}" for of, name in called if of]
    others += [f"{source}:{name}" for of, name in called if of == "" for source in names]
    return Person(tuple(dict.fromkeys([first, customer_id, *sorted(others)])), called)


def links_in(connection: Connection, folders: Iterable[Path]) -> Iterator[Link]:
    """What the store and the snapshots in some folders say of identities."""
    columns = (external_ids.c.source, external_ids.c.external_id, external_ids.c.customer_id)
    for row in connection.execute(select(*columns)):
        yield row[0], row[1], row[2]
    for folder in folders:
        file = folder / IDENTITIES
        if file.is_file():
            table = pq.read_table(file, columns=["source", "external_id", "customer_id"])
            yield from zip(*(column.to_pylist() for column in table.columns), strict=True)
