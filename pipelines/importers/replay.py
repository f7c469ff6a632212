"""Reading a case from its first step to its last: each step becomes an interaction, or is counted as none.

Only what a step itself says and what came before it decides. Waits, transfers and the like are left to those who read
the interactions.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from tenure.pipelines.importers.history import CaseHistory
from tenure.pipelines.importers.interaction import Interaction
from tenure.pipelines.importers.steps import ADDED, Step
from tenure.pipelines.importers.tool import Tool

PRIORITIES = {"low": 0.0, "normal": 1.0, "medium": 1.0, "high": 2.0, "urgent": 3.0}
TEAM = "team:"


class Replay:
    """The state of one case while it is read; `skipped` counts steps that are no interaction, by reason."""

    def __init__(self, history: CaseHistory, *, tool: Tool, roles: Mapping[str, str], skipped: Counter[str]) -> None:
        self._history, self._tool, self._roles, self._skipped = history, tool, roles, skipped
        self._requesters = list(history.requesters)
        self._rows: list[Interaction] = []
        self._agent: str | None = None
        self._team: str | None = None
        self._status: str | None = None
        self._priority: str | None = None
        self._due: dt.datetime | None = None
        self._rating: float | None = None
        self._asked = False
        self._opened = False
        self._handed: dict[tuple[dt.datetime, str | None], tuple[int, set[str]]] = {}
        self._said: dict[str, tuple[str | None, bool]] = {}

    def rows(self) -> list[Interaction]:
        """The interactions of the case, in the order of its steps."""
        verbs: dict[str, Callable[[Step], None]] = {
            "opened": self._open, "message": self._message, "requester": self._requester, "assignee": self._assignee,
            "team": self._assignee, "status": self._change, "priority": self._raise, "due": self._promise,
            "survey": self._ask, "rating": self._rate, "work": self._work, "privacy": self._ignore,
            "described": self._ignore,
        }  # fmt: skip
        for step in self._history.steps:
            verbs[step.name](step)
        return self._rows

    def _ignore(self, _step: Step) -> None:
        """Taken into account elsewhere."""

    def _skip(self, reason: str) -> None:
        self._skipped[reason] += 1

    def _open(self, step: Step) -> None:
        if self._opened:
            self._skip("the creation of a case, told twice")
            return
        self._opened = True
        ours = step.actor is not None and step.actor not in self._requesters and self._is_agent(step.actor)
        self._emit(
            step,
            "contact_opened",
            channel=step.channel,
            direction=None if ours else "inbound",
            attributes=self._history.described or None,
        )

    def _requester(self, step: Step) -> None:
        if step.old in self._requesters:
            place = self._requesters.index(step.old)
            self._requesters[place : place + 1] = [step.new] if step.new else []
        elif step.new and step.new not in self._requesters:
            self._requesters = [*self._requesters, step.new] if step.how == ADDED else [step.new]
        self._skip("change of the requester: later rows are the new one's")

    def _message(self, step: Step) -> None:
        if step.how == "first" and not step.text:
            return
        incoming = self._incoming(step)
        for known_at, public in self._versions(step):
            before = self._said.get(step.key)
            now = (step.text, public)
            if before == now or (before is None and not public):
                self._skip("private note" if not public else "message changed in nothing that matters")
                continue
            self._said[step.key] = now
            self._emit(
                step,
                "message_in" if incoming else "message_out",
                channel=step.channel,
                direction="inbound" if incoming else "outbound",
                agent=None if incoming or step.how == "bot" else step.actor,
                seconds=step.seconds,
                text=step.text,
                attributes={"author": "bot"} if step.how == "bot" else None,
                known_at=known_at,
                retracted=not public,
            )

    def _versions(self, step: Step) -> Iterator[tuple[dt.datetime, bool]]:
        shown = self._history.shown.get(step.key)
        if shown is None:
            yield step.known_at or step.at, step.public
            return
        for since, public in shown:
            yield since or step.known_at or step.at, public

    def _incoming(self, step: Step) -> bool:
        if step.side is not None:
            return step.side == "inbound"
        if step.actor in self._requesters:
            return True
        return step.actor is not None and not self._is_agent(step.actor)

    def _is_agent(self, person: str) -> bool:
        """Who is not known as a customer is taken for an agent: exports often hold the end users only."""
        return self._roles.get(person, "agent") == "agent"

    def _assignee(self, step: Step) -> None:
        team = step.name == "team" or (step.new or "").startswith(TEAM)
        new = None if step.new in self._tool.nobody else step.new
        field = "team" if team else "agent"
        if new == (self._team if team else self._agent):
            self._skip("assignment to who had it already")
            return
        if team:
            self._team = new
        else:
            self._agent = new
        if new is None:
            self._skip("taken from an agent or a team, given to nobody")
            return
        row, fields = self._handed.get((step.at, step.actor), (-1, {field}))
        if field not in fields:  # agent and team changed in one stroke: one assignment
            fields.add(field)
            self._rows[row] = self._rows[row]._replace(agent_id=self._agent, team_id=self._team_id())
            return
        self._emit(step, "assigned", agent=self._agent)
        self._handed = {(step.at, step.actor): (len(self._rows) - 1, {field})}

    def _team_id(self) -> str | None:
        return self._team.removeprefix(TEAM) if self._team else None

    def _change(self, step: Step) -> None:
        before = self._status or step.old
        self._status = step.new
        over = step.new in self._tool.over
        was_over = before in self._tool.over
        if step.new == "deleted":
            self._skip("deletion of a case")
        elif over and not was_over:
            how = {"how": step.how} if step.how else {"how": "rejected"} if step.new == "rejected" else None
            self._emit(step, "resolved", agent=self._worker(step), attributes=how)
        elif was_over and not over:
            self._emit(step, "reopened", agent=None if step.actor in self._requesters else self._worker(step))
        elif before in self._tool.with_assistant and step.new == "open":
            self._emit(step, "bot_handover")
        else:
            self._skip("change of status that neither ends nor reopens")

    def _worker(self, step: Step) -> str | None:
        """The agent who did it, or else the one who has the case."""
        actor = step.actor
        known = actor and actor not in self._tool.nobody and actor not in self._requesters and self._is_agent(actor)
        return actor if known else self._agent

    def _raise(self, step: Step) -> None:
        before, self._priority = self._priority or step.old, step.new
        if not step.born and _height(step.new) > _height(before):
            self._emit(step, "escalated", agent=self._agent, attributes={"priority": step.new or ""})
        else:
            self._skip("priority not raised")

    def _promise(self, step: Step) -> None:
        if step.due_at is None or step.due_at == self._due:
            self._skip("due date removed or unchanged")
        else:
            self._emit(step, "callback_promised", agent=self._worker(step), due_at=step.due_at)
        self._due = step.due_at

    def _ask(self, step: Step) -> None:
        if self._asked:
            self._skip("survey that had been sent already")
            return
        self._asked = True
        self._emit(step, "survey_sent", agent=self._agent)

    def _rate(self, step: Step) -> None:
        if step.number == self._rating:
            self._skip("the same rating once more")
            return
        self._rating, self._asked = step.number, False
        self._emit(step, "survey_answered", agent=self._agent, rating=step.number, text=step.text)

    def _work(self, step: Step) -> None:
        self._emit(step, "work_logged", agent=self._worker(step), seconds=step.seconds)

    def _emit(
        self,
        step: Step,
        kind: str,
        *,
        channel: str | None = None,
        direction: str | None = None,
        agent: str | None = None,
        seconds: float | None = None,
        rating: float | None = None,
        text: str | None = None,
        due_at: dt.datetime | None = None,
        attributes: dict[str, str] | None = None,
        known_at: dt.datetime | None = None,
        retracted: bool = False,
    ) -> None:
        case = self._history.case_id
        # not by kind: what a step means may be known better later, and is then a new version of the same row
        key = f"{case}:opened" if step.name == "opened" else f"{step.key}:{step.name}"
        who = self._requesters[0] if self._requesters else None
        self._rows.append(
            Interaction(
                key, who, step.at, known_at or step.at, due_at, retracted, kind, channel, direction, case,
                None if agent in self._tool.nobody else agent, self._team_id(), seconds, rating, text, attributes,
                len(self._rows),
            )
        )  # fmt: skip


def _height(priority: str | None) -> float:
    """How high a priority is; none counts as normal, numbers are taken as they are."""
    if priority is None:
        return PRIORITIES["normal"]
    try:
        return PRIORITIES[priority] if priority in PRIORITIES else float(priority)
    except ValueError:
        return PRIORITIES["normal"]
