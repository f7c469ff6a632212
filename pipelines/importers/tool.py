"""A support tool, as far as an importer has to know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tenure.pipelines.importers.documents import Document
from tenure.pipelines.importers.ours import Ours
from tenure.pipelines.importers.staging import Staging


@dataclass(frozen=True)
class Reading:
    """How an export is to be read: what in it is ours, and the zone of times that name none."""

    ours: Ours = field(default_factory=Ours)
    timezone: str | None = None


@dataclass(frozen=True)
class Tool:
    """How the exports of one tool are read.

    `collections` are the lists its pages hold. `read` takes a record apart into steps, cases
    and people. A case is over in a status of `over`; leaving `waiting_for_person` for an open
    one hands it from an automatic assistant to a person. `nobody` are ids that stand for no agent.
    """

    name: str
    collections: frozenset[str]
    read: Callable[[Document, Staging, Reading], None]
    over: frozenset[str]
    nobody: frozenset[str] = frozenset()
    with_assistant: frozenset[str] = frozenset()
