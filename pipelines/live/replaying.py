"""Webhooks become interactions: every case with new records is replayed as a whole, and what is new is delivered."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from tenure.pipelines.importers.chatwoot.export import TOOL as CHATWOOT
from tenure.pipelines.importers.gathering import Gathered, customer_of, gather, people_of, replay_gathered, together
from tenure.pipelines.importers.interaction import Interaction
from tenure.pipelines.importers.people import Key
from tenure.pipelines.importers.staging import Unreadable
from tenure.pipelines.importers.steps import Step
from tenure.pipelines.importers.tool import Tool
from tenure.pipelines.importers.values import NotAMoment
from tenure.pipelines.importers.zendesk.export import TOOL as ZENDESK
from tenure.pipelines.live import hooks
from tenure.pipelines.live.corrections import corrections
from tenure.pipelines.live.delivery import TURN, ClashingRows, Row, keep_rows
from tenure.pipelines.live.sparing import SPOILT
from tenure.pipelines.privacy.suppression import Suppression
from tenure.pipelines.privacy.webhooks import forget_case
from tenure.pipelines.settings.hooks import ToolName
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import alone, reading

log = logging.getLogger(__name__)

TOOLS: dict[ToolName, Tool] = {"zendesk": ZENDESK, "chatwoot": CHATWOOT}
CASES_AT_ONCE = 50
"""Cases of one pass; then customers are scored again."""
AHEAD = dt.timedelta(minutes=5)
"""How far the clock of a tool may be ahead of ours."""
TEXTS = ("kind", "channel", "direction", "case_id", "agent_id", "team_id", "text")


@dataclass(frozen=True)
class Replayed:
    """What one pass did: cases replayed, rows delivered, records left aside, and whether more cases wait.

    `suppressed` are records that were dropped because their case is of a person who was erased.
    """

    cases: int = 0
    rows: int = 0
    aside: int = 0
    more: bool = False
    suppressed: int = 0


class Replayer:
    """Turns the records of webhooks into interactions of the live sources they belong to."""

    def __init__(self, project: Project, engine: Engine) -> None:
        self._engine = engine
        self._suppression = Suppression.of(project)
        self._tools = {hook.source: (TOOLS[name], hook.key) for name, hook in project.hooks.items()}

    def once(self, now: dt.datetime) -> Replayed:
        """One pass over the cases with records that were not replayed yet."""
        if not self._tools:
            return Replayed()
        with reading(self._engine) as connection:
            cases = hooks.waiting_cases(connection, self._tools, limit=CASES_AT_ONCE + 1)
        done = [self._replay(case, now) for case in cases[:CASES_AT_ONCE]]
        rows, aside = sum(one.rows for one in done), sum(one.aside for one in done)
        suppressed = sum(one.suppressed for one in done)
        return Replayed(len(done), rows, aside, len(cases) > CASES_AT_ONCE, suppressed)

    def _replay(self, case: hooks.Case, now: dt.datetime) -> Replayed:
        tool, key = self._tools[case[0]]
        with reading(self._engine) as connection:
            records = hooks.records_of(connection, case)
            told, whole = hooks.told_of(connection, case)
        waiting = [one for one in records if one.waiting]
        if not waiting:
            return Replayed()  # another refresher was faster
        parts, aside = _understood(records, tool, now)
        gathered = together(parts)
        replayed: list[Row] = []
        try:
            found = [row for row in replay_gathered(case[1], gathered, tool) if row.external_id is not None]
            replayed = self._rows(case, found, gathered, key)
            fresh, state = corrections(told, replayed, at=_newest(waiting), whole=whole)
        except SPOILT as error:
            aside |= {one.hook_id: f"its case cannot be replayed: {type(error).__name__}" for one in waiting}
            fresh, state = [], told
        with alone(self._engine, TURN) as connection:
            erased = self._suppression.among(connection, {row["customer_id"] for row in replayed})
            if erased:  # their records must not wait here for the case to be replayed again
                return Replayed(1, suppressed=forget_case(connection, case, erased))
            try:
                keep_rows(connection, case[0], fresh, now=now)
            except ClashingRows as error:
                aside |= {one.hook_id: str(error) for one in waiting}
                fresh, state = [], told
            hooks.mark_replayed(connection, case, [one.hook_id for one in waiting], told=state, now=now)
            hooks.leave_aside(connection, aside, now=now)
        _complain(case[0], aside)
        return Replayed(1, len(fresh), len(aside))

    def _rows(self, case: hooks.Case, found: Sequence[Interaction], gathered: Gathered, key: Key) -> list[Row]:
        """The rows of a replay as they are delivered, with our name for the customer."""
        source, folk = case[0], people_of(gathered)
        people = {row.external_id for row in found if row.external_id is not None}
        with reading(self._engine) as connection:
            known = hooks.customers_known(connection, source, people)
        names = {one: known.get(one) or customer_of(one, folk, source=source, key=key) for one in people}
        once = {(row.interaction_id, row.known_at): row for row in reversed(found)}
        return [_delivered(row, names[row.external_id or ""]) for row in once.values()]


def _understood(records: Sequence[hooks.Kept], tool: Tool, now: dt.datetime) -> tuple[list[Gathered], dict[int, str]]:
    """What each record says, and by number why some say nothing that can be used."""
    parts, aside = [], {}
    for one in records:
        try:
            part = gather(one.record, tool)
            _refuse_the_future(part, now)
        except (Unreadable, NotAMoment) as error:
            aside[one.hook_id] = str(error)
        except SPOILT as error:
            aside[one.hook_id] = f"unknown form: {type(error).__name__}"
        else:
            parts.append(part)
    return parts, aside


def _refuse_the_future(part: Gathered, now: dt.datetime) -> None:
    times = [t for one in part.found if isinstance(one, Step) for t in (one.at, one.known_at) if t is not None]
    if times and max(times) > now + AHEAD:
        raise Unreadable("it tells of what is still to come; is the clock of the tool ahead?")


def _newest(waiting: Sequence[hooks.Kept]) -> dt.datetime:
    return max(one.received_at for one in waiting)


def _delivered(row: Interaction, customer: str) -> dict[str, Any]:
    """An interaction as `POST /v1/interactions` would take it."""
    found: dict[str, Any] = {"interaction_id": row.interaction_id, "customer_id": customer}
    found |= {"occurred_at": row.occurred_at.isoformat(), "known_at": row.known_at.isoformat()}
    found |= {name: getattr(row, name) for name in (*TEXTS, "handle_seconds", "rating", "attributes")}
    found["due_at"] = row.due_at.isoformat() if row.due_at else None
    found["retracted"] = True if row.retracted else None
    return {name: value for name, value in found.items() if value is not None}


def _complain(source: str, aside: dict[int, str]) -> None:
    """Name the records only: what they hold, and so the reason, may be about a person."""
    for number in aside:
        log.warning("webhook %d of %s is left aside; the table `hooks` says why", number, source)
