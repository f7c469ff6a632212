"""Whom a project has erased, known again by keyed hashes: what comes of them is dropped and counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tenure.pipelines.access.audit import Pseudonyms
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.privacy_tables import suppressed

AT_ONCE = 500
"""Hashes in one question to the store."""

BETWEEN = "\x1f"
"""Stands between a source and an outside id in what is hashed."""


@dataclass(frozen=True)
class Suppression:
    """Asks the store whether names are those of erased people; `pseudonyms` holds the key of the hashes."""

    pseudonyms: Pseudonyms

    @classmethod
    def of(cls, project: Project) -> Suppression:
        """That of a project, by the key in its data folder."""
        return cls(Pseudonyms(project.data))

    def among(self, connection: Connection, customers: Iterable[str]) -> set[str]:
        """Who of some customers was erased, as of the state that the connection sees."""
        hashes = {self.pseudonyms.of(name): name for name in customers}
        asked, found = sorted(hashes), set[str]()
        for start in range(0, len(asked), AT_ONCE):
            part = suppressed.c.hash.in_(asked[start : start + AT_ONCE])
            found |= {hashes[held] for held in connection.scalars(select(suppressed.c.hash).where(part))}
        return found

    def everybody(self, connection: Connection) -> Erased:
        """All who were erased, to be asked of many names at once."""
        return Erased(self.pseudonyms, frozenset(connection.scalars(select(suppressed.c.hash))))

    def gone(self, connection: Connection, customers: Iterable[str]) -> set[str]:
        """`among` for very many names: the hashes are read once, and none is made where nobody was ever erased."""
        return self.everybody(connection).among(customers)


@dataclass(frozen=True)
class Erased:
    """Everybody who was erased by some moment, as keyed hashes."""

    pseudonyms: Pseudonyms
    hashes: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def among(self, customers: Iterable[str]) -> set[str]:
        """Who of some customers was erased."""
        return {name for name in customers if self.pseudonyms.of(name) in self.hashes} if self.hashes else set()

    def called(self, source: str, external_ids: Iterable[str]) -> set[str]:
        """Which outside ids of a source (empty: of every source) are those of erased people."""
        if not self.hashes:
            return set()
        return {name for name in external_ids if self.pseudonyms.of(outside(source, name)) in self.hashes}


def outside(source: str, external_id: str) -> str:
    """What is hashed of an outside id; the source is empty where the id is known in every source.

    >>> outside("desk", "77").split(BETWEEN)
    ['desk', '77']
    """
    return f"{source}{BETWEEN}{external_id}"
