"""The cases of some units: what was opened, answered, passed on, promised and solved, and when each was known.

A case is the rows of one unit that share a `case_id`; a case that changes customer is two, each of
its own customer's rows. Everything here is a log of dated facts: what it says of an instant hangs
only on rows up to that instant, so that a prefix of it is what was known. States that last are
*spells*: logs with a row where each begins and the instant at which it ends in column `end`.

A case that was solved before it was opened, or first answered after it was solved without anybody
having asked again, is not trusted from then on: it is not open, waits for nothing, and its
durations are missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from tenure.pipelines.calendar import DAY
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import FIXED_POINT, FOREVER, MISSING, Ints, Log, Mask
from tenure.pipelines.history.threads import Threads

SETTLE_DAYS = 7
"""A resolution is judged when the customer was quiet for so many days after it."""

HOUR = 3_600_000
ORDER = (
    "contact_opened", "message_in", "complaint", "dispute", "self_service", "bot_handover", "assigned", "escalated",
    "callback_promised", "message_out", "followed_up", "resolved", "reopened", "survey_sent", "survey_answered",
)  # fmt: skip
"""How rows of one case and one instant follow each other; other kinds come last."""

TIES = ("kind", "direction", "channel", "agent_id", "team_id", "due_at")
AFTERWARDS = ("resolved", "survey_sent", "survey_answered")
"""Kinds that open no case when they are the first that is seen of it."""


def cases_of(view: View) -> Cases:
    """The cases of a view's history in its knowledge; worked out once where all of it was known in time."""
    history = view.history
    log = view.select("cases", lambda rows: rows.values["case_id"] >= 0)
    return log.once("cases", lambda: Cases(log, kinds=history.kinds, directions=history.directions))


class Cases:
    """The cases in a log of rows that have one; each log of facts is made when it is first asked for."""

    def __init__(self, log: Log, *, kinds: Sequence[str], directions: Sequence[str]) -> None:
        self.log, self._kinds = log, kinds
        self._outbound = directions.index("outbound") if "outbound" in directions else -2
        ranks = np.array([ORDER.index(k) if k in ORDER else len(ORDER) for k in (*kinds, "")], dtype=np.int64)
        self._threads = Threads.of(log, log.values["case_id"], rank=ranks[log.values["kind"]], ties=TIES)
        self._time, self._agent = self._threads.time, self._threads.column("agent_id")

    @cached_property
    def rows(self) -> Log:
        """Every row of a case. Columns: `opened`, `reopened`, `escalated` (for the first time), `transfer`, `switch`
        (1 or 0), and hours waited that ended with it.

        `queue_hours` from the first contact to the first assignment, `reply_hours` from there to
        the first message from us, `answer_hours` from the oldest unanswered message to its answer.
        """
        escalated = self._is("escalated")
        found = {
            "opened": self._head & ~self._is(*AFTERWARDS),
            "reopened": self._opens & ~self._open_before & (self._threads.last_before(self._is("resolved")) >= 0),
            "escalated": escalated & (self._threads.count_before(escalated) == 0),
            "transfer": self._transfer,
            "switch": self._moved("channel"),
        }
        values = {name: mask * FIXED_POINT for name, mask in found.items()} | self._waits()
        return replace(
            self.log, values={n: self._threads.in_rows(v.astype(np.int64)) for n, v in values.items()}, _derived={}
        )

    @cached_property
    def solved(self) -> Log:
        """The resolutions of cases, each known `SETTLE_DAYS` days later.

        `first_contact` is 1 where one agent solved it at the first contact, `again` 1 where the
        customer came back or the case was opened again within those days; `agents` counts who
        worked on it, `hours` is the time since the case was opened, or opened again.
        """
        threads, settled = self._threads, self._time + SETTLE_DAYS * DAY
        again = self._before(self._asked | self._is("reopened"), settled)
        doubted = self._doubted | self._before(self._doubt, settled)
        places = np.flatnonzero(self._is("resolved") & self._open_before & ~doubted)
        passed_on = self._transfer | self._is("escalated")
        once = (threads.count_before(self._contact) <= 1) & (threads.count_before(passed_on) == 0) & ~passed_on
        begun = threads.last_before(self._opens & ~self._open_before)
        asked = (self._contact | self._is("reopened"))[begun]
        agents = threads.count_before(self._new_agent) + self._new_agent
        values = {
            "first_contact": (once & ~again) * FIXED_POINT,
            "again": again * FIXED_POINT,
            "agents": np.where(agents > 0, agents * FIXED_POINT, MISSING),
            "hours": np.where(asked, _hours(self._time - self._time[begun]), MISSING),
        }
        late = tuple((start, end + SETTLE_DAYS * DAY) for start, end in self.log.gaps)
        found = self._dated(places, settled[places], {name: column[places] for name, column in values.items()})
        return replace(found, gaps=late, _derived={})

    @cached_property
    def open(self) -> Log:
        """Spells in which a case is open: from its first row or re-opening to its resolution."""
        return self._spells(self._opens & ~self._open_before, self._is("resolved") | self._doubt)

    @cached_property
    def unanswered(self) -> Log:
        """Spells in which a message of the customer waits: until we write, come back or solve the case."""
        return self._spells(self._asked & ~self._doubted, self._answer | self._is("resolved") | self._doubt)

    @cached_property
    def left(self) -> Log:
        """Spells after a transfer, until the case's first agent writes or anybody comes back to the customer."""
        named = self._agent >= 0
        first = self._threads.last_before(named & (self._threads.count_before(named) == 0))
        by_first = (first < 0) | (self._agent == self._agent[first])
        return self._spells(self._transfer, self._is("followed_up") | (self._is("message_out") & by_first))

    @cached_property
    def promised(self) -> Log:
        """Spells in which a promised callback with a date is owed."""
        return self._spells(self._promise, self._kept)

    @cached_property
    def overdue(self) -> Log:
        """Spells from the date of a promised callback that was not kept by then, until it is made up for."""
        due = np.maximum(self._threads.column("due_at"), self._time)
        kept = self._ends(self._kept)
        places = np.flatnonzero(self._promise & (kept > due))
        return self._dated(places, due[places], {"end": kept[places]})

    @property
    def doubted(self) -> Ints:
        """The codes of the cases that are not trusted in the end, one for each unit that has such a case."""
        first = self._doubt & (self._threads.count_before(self._doubt) == 0)
        return self._threads.column("case_id")[first]

    def _is(self, *names: str) -> Mask:
        codes = [self._kinds.index(name) for name in names if name in self._kinds]
        return np.isin(self._kind, codes)

    @cached_property
    def _kind(self) -> Ints:
        return self._threads.column("kind")

    @cached_property
    def _head(self) -> Mask:
        return self._threads.first()

    @cached_property
    def _from_us(self) -> Mask:
        return self._threads.column("direction") == self._outbound

    @cached_property
    def _contact(self) -> Mask:
        return self._is("contact_opened") & ~self._from_us

    @cached_property
    def _asked(self) -> Mask:
        return self._contact | (self._is("message_in") & ~self._from_us)

    @cached_property
    def _answer(self) -> Mask:
        return self._is("message_out", "followed_up")

    @cached_property
    def _promise(self) -> Mask:
        return self._is("callback_promised") & (self._threads.column("due_at") != MISSING)

    @cached_property
    def _kept(self) -> Mask:
        return self._answer | (self._is("contact_opened") & self._from_us)

    @cached_property
    def _doubt(self) -> Mask:
        """Where it turns out that a case was solved before it was opened or answered."""
        threads, answer = self._threads, self._is("message_out", "assigned")
        solved = threads.last_before(self._is("resolved"))
        unasked = threads.last_before(self._asked | self._is("reopened")) < solved
        inverted = self._contact & (threads.count_before(self._contact) == 0)
        return (solved >= 0) & (inverted | (answer & unasked & (threads.count_before(answer) == 0)))

    @cached_property
    def _doubted(self) -> Mask:
        return self._doubt | (self._threads.count_before(self._doubt) > 0)

    @cached_property
    def _opens(self) -> Mask:
        first = self._head & ~self._is(*AFTERWARDS)
        return (first | self._contact | self._is("reopened")) & ~self._doubted

    @cached_property
    def _open_before(self) -> Mask:
        closes = self._is("resolved") | self._doubt
        return self._threads.last_before(self._opens) > self._threads.last_before(closes)

    @cached_property
    def _transfer(self) -> Mask:
        moved = self._moved("agent_id") | self._moved("team_id")
        return moved & (self._opens | self._open_before) & ~self._doubted

    def _moved(self, name: str) -> Mask:
        """Where a column differs from what the case last had in it."""
        column = self._threads.column(name)
        before = self._threads.last_before(column >= 0)
        return (column >= 0) & (before >= 0) & (column != column[before])

    @cached_property
    def _new_agent(self) -> Mask:
        named = np.flatnonzero(self._agent >= 0)
        key = self._threads.head[named] * (int(self._agent.max(initial=0)) + 1) + self._agent[named]
        found = np.zeros(len(self._threads), dtype=bool)
        found[named[np.unique(key, return_index=True)[1]]] = True
        return found

    def _waits(self) -> dict[str, Ints]:
        threads, contact, asked = self._threads, self._contact, self._asked
        first = threads.last_before(contact & (threads.count_before(contact) == 0))
        ends = self._answer | self._is("resolved")
        waiting = threads.last_before(asked) > threads.last_before(ends)
        oldest = threads.last_before(asked & ~waiting)
        found: dict[str, tuple[Mask, Ints]] = {"answer_hours": (self._answer & waiting, oldest)}
        for name, kind in (("queue_hours", "assigned"), ("reply_hours", "message_out")):
            found[name] = (self._is(kind) & (threads.count_before(self._is(kind)) == 0) & (first >= 0), first)
        return {
            name: np.where(ended & ~self._doubted, _hours(self._time - self._time[since]), MISSING)
            for name, (ended, since) in found.items()
        }

    def _before(self, mask: Mask, limit: Ints) -> Mask:
        """Whether the thread has a place after each one where `mask` holds, and which is earlier than `limit`."""
        return self._ends(mask) < limit

    def _ends(self, mask: Mask) -> Ints:
        """The instant of the next place where `mask` holds, `FOREVER` where there is none."""
        after = self._threads.next_after(mask)
        return np.where(after >= 0, self._time[after], FOREVER)

    def _spells(self, begins: Mask, ends: Mask) -> Log:
        places = np.flatnonzero(begins)
        return self._dated(places, self._time[places], {"end": self._ends(ends)[places]})

    def _dated(self, places: Ints, time: Ints, values: dict[str, Ints]) -> Log:
        unit = self.log.unit_of_row()[self._threads.order[places]]
        return dated_log(self.log, unit, time, values)


def dated_log(log: Log, unit: Ints, time: Ints, values: dict[str, Ints]) -> Log:
    """Facts about the units of `log`, each known when it is dated, as a log of their own."""
    order = np.lexsort((*values.values(), time, unit))
    return Log(
        calendar=log.calendar,
        starts=np.searchsorted(unit[order], np.arange(log.units + 1)).astype(np.int64),
        time=time[order],
        known=time[order],
        superseded=np.full(len(order), FOREVER),
        day=log.calendar.days_of(time[order]),
        values={name: column[order] for name, column in values.items()},
        gaps=log.gaps,
        plan=log.plan,
    )


def _hours(milliseconds: Ints) -> Ints:
    return milliseconds * FIXED_POINT // HOUR
