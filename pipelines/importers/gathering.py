"""A few records of one case read and replayed in memory, with the same result as an import of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tenure.pipelines.importers.documents import Document
from tenure.pipelines.importers.interaction import Interaction
from tenure.pipelines.importers.people import Key
from tenure.pipelines.importers.replaying import Told, replay_case
from tenure.pipelines.importers.staging import Staging
from tenure.pipelines.importers.steps import Case, Fact, Merge, Person, Step
from tenure.pipelines.importers.tool import Reading, Tool

NEVER = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)


class Gathered(Staging):
    """What was read, in memory instead of in files."""

    def __init__(self) -> None:
        self.found: list[Step | Case | Person | Fact | Merge] = []
        self.read = 0
        self.skipped: Counter[str] = Counter()
        self.quarantined: Counter[str] = Counter()

    def add(self, *found: Step | Case | Person | Fact | Merge) -> None:
        """Keep what was found in a record."""
        self.found += found


def gather(record: Any, tool: Tool) -> Gathered:
    """Take one record apart; raises `Unreadable` and `NotAMoment`."""
    gathered = Gathered()
    tool.read(Document(Path("webhook"), 1, "", record), gathered, Reading())
    return gathered


def together(parts: Iterable[Gathered]) -> Gathered:
    """What was found in several records."""
    whole = Gathered()
    for one in parts:
        whole.add(*one.found)
    return whole


def replay_gathered(case: str, gathered: Gathered, tool: Tool) -> list[Interaction]:
    """The interactions of a case, the same as of an import of the same records, in whatever order they came."""
    folk = people_of(gathered)
    steps = sorted({one for one in gathered.found if isinstance(one, Step) and one.case_id == case}, key=_place)
    seen = [one for one in gathered.found if isinstance(one, Case) and one.case_id == case and one.requesters]
    latest = max(seen, key=lambda one: (one.version or NEVER, one.requesters), default=None)
    requesters = list(latest.requesters) if latest else None
    told: list[Told] = [(step, _role(folk, step.actor), requesters) for step in steps]
    return replay_case(case, told, names=_aliases(folk), tool=tool, staging=gathered) if told else []


def people_of(gathered: Gathered) -> dict[str, Person]:
    """The people in what was gathered, each property as it was last written."""
    written = sorted(
        (one for one in gathered.found if isinstance(one, Person)),
        key=lambda person: (person.version or NEVER, str(person)),
    )
    folk: dict[str, Person] = {}
    for person in written:
        held = folk.get(person.person_id, person)
        given = {name: value for name, value in person._asdict().items() if value is not None}
        folk[person.person_id] = held._replace(**given)
    return folk


def customer_of(person_id: str, folk: Mapping[str, Person], *, source: str, key: Key) -> str:
    """What a customer is called, by the rules of `tenure.pipelines.importers.people.write_identities`.

    >>> anna = {"9": Person("9", external_id=None, email=" Anna@Example.com")}
    >>> customer_of("9", anna, source="desk", key="external_id"), customer_of("9", anna, source="desk", key="id")
    ('anna@example.com', 'desk:9')
    """
    person = folk.get(person_id, Person(person_id))
    address = _address(person)
    if address and sum(_address(one) == address for one in folk.values()) > 1:
        address = None
    ours = {"external_id": person.external_id or address, "email": address, "id": None}[key]
    return ours or f"{source}:{person_id}"


def _address(person: Person) -> str | None:
    return (person.email or "").strip(" ").lower() or None


def _role(folk: Mapping[str, Person], person_id: str | None) -> str | None:
    person = folk.get(person_id or "")
    return person.role if person else None


def _aliases(folk: Mapping[str, Person]) -> dict[str, str]:
    times = Counter(person.alias for person in folk.values() if person.alias)
    return {p.alias: p.person_id for p in folk.values() if p.alias and times[p.alias] == 1}


def _place(step: Step) -> tuple[Any, ...]:
    """Where a step stands in its case; steps that differ in nothing else have an order all the same."""
    return step.at, step.position, step.rank, step.key, step.known_at or NEVER, step.name, repr(step)
