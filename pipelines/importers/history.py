"""The steps of one case put in order: copies dropped, texts joined, hidden messages and the first requester found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tenure.pipelines.importers.steps import ADDED, Step

TEXT_OF = "text"
"""`side` of a step that only holds the text of the message with its key."""


@dataclass(frozen=True)
class CaseHistory:
    """A case, ready to be read from its first step to its last.

    `requesters` are those at the start. `shown` says for a message whose visibility was changed
    from when on it was public and until when. `copies` counts steps that an export held twice.
    """

    case_id: str
    steps: list[Step]
    requesters: tuple[str, ...]
    described: dict[str, str] = field(default_factory=dict)
    shown: dict[str, list[tuple[dt.datetime | None, bool]]] = field(default_factory=dict)
    copies: int = 0


def history_of(
    case_id: str, steps: Iterable[Step], *, requesters: tuple[str, ...], aliases: Mapping[str, str]
) -> CaseHistory:
    """Put the steps of a case (sorted by time, position and rank) together.

    `requesters` are those of today; `aliases` give the id of whom a step names otherwise.
    """
    every = _opened_once(steps)
    texts: dict[str, str] = {}
    for step in every:
        if step.side == TEXT_OF and step.text:
            texts.setdefault(step.key, step.text)
    kept: list[Step] = []
    seen: set[tuple[str, str, dt.datetime | None]] = set()
    for step in every:
        same = (step.name, step.key, step.known_at or (step.at if step.name == "privacy" else None))
        if step.side == TEXT_OF or same in seen:
            continue
        seen.add(same)
        kept.append(_with_ids(step, aliases, texts))
    today = tuple(aliases.get(r, r) for r in requesters)
    return CaseHistory(
        case_id,
        kept,
        requesters_at_start(kept, today),
        _described(kept),
        _shown(kept),
        copies=sum(s.side != TEXT_OF for s in every) - len(kept),
    )


def _opened_once(steps: Iterable[Step]) -> list[Step]:
    """Of several steps that tell of the creation only the one of the best source."""
    every = list(steps)
    opened = [s for s in every if s.name == "opened"]
    best = min(opened, key=lambda s: s.rank) if opened else None
    return [s for s in every if s.name != "opened" or s is best]


def requesters_at_start(steps: list[Step], today: tuple[str, ...]) -> tuple[str, ...]:
    """Undo the dated changes, the last one first.

    A history whose first entry says only who it became begins with that entry.
    """
    changes = [s for s in steps if s.name == "requester"]
    if changes and changes[0].new and not changes[0].old and changes[0].how != ADDED:
        return (changes[0].new,)
    found = list(today)
    for step in reversed(changes):
        if step.new in found and (step.old or step.how == ADDED):
            place = found.index(step.new)
            found[place : place + 1] = [step.old] if step.old else []
        elif step.new is None and step.old and step.old not in found:
            found.insert(0, step.old)
    return tuple(found)


def _with_ids(step: Step, aliases: Mapping[str, str], texts: Mapping[str, str]) -> Step:
    if step.name in ("assignee", "team", "requester"):
        step = step._replace(old=_alias(step.old, aliases), new=_alias(step.new, aliases))
    if step.name == "message" and step.text is None and step.key in texts:
        step = step._replace(text=texts[step.key])
    return step


def _alias(name: str | None, aliases: Mapping[str, str]) -> str | None:
    return aliases.get(name, name) if name else None


def _described(steps: list[Step]) -> dict[str, str]:
    return {s.old: s.new for s in steps if s.name == "described" and s.old and s.new}


def _shown(steps: list[Step]) -> dict[str, list[tuple[dt.datetime | None, bool]]]:
    """Before its first change a message was the opposite of what it became."""
    found: dict[str, list[tuple[dt.datetime | None, bool]]] = {}
    for step in steps:
        if step.name == "privacy":
            found.setdefault(step.key, [(None, not step.public)]).append((step.at, step.public))
    return found
