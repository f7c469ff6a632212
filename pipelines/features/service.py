"""Service: how long the customer waited, who dealt with the cases, how they ended, and what is still open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tenure.pipelines.features.activity import log_rate_ratio
from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.features.subject import SLIM_WINDOWS
from tenure.pipelines.history.cases import Cases, cases_of
from tenure.pipelines.history.history import View
from tenure.pipelines.history.past import Past

COLUMNS = ("case_id", "agent_id", "team_id")
LONG_WINDOWS = (91, 364)
TROUBLE = ("escalated", "reopened", "dispute", "complaint")
THEME, WORK = "service", "work on cases"
QUARTER, YEAR = 91, 364


@dataclass(frozen=True)
class Wait:
    """A duration in column `column` of some rows: `noun` stands in meanings, `grain` is what a trend adds to both."""

    name: str
    column: str
    noun: str
    mark: str
    grain: float
    theme: str = THEME


IN_CASES = (
    Wait(
        "queue_hours", "queue_hours", "hours from a case's first contact until it was given to somebody", "queue", 0.1
    ),
    Wait("reply_hours", "reply_hours", "hours from a case's first contact to our first message", "reply", 0.1),
    Wait("answer_hours", "answer_hours", "hours that messages in cases waited for our answer", "reply", 0.1),
)
AS_GIVEN = (
    Wait("wait_seconds", "wait_seconds", "seconds waited in queues, as given by the source", "wait", 10.0),
    Wait("handle_seconds", "handle_seconds", "seconds of talk or work, as given by the source", "handle", 10.0, WORK),
)


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Waits wherever they are given; all else of customers who have cases."""
    marks = fitted.named("has")
    for wait in AS_GIVEN:
        if wait.mark in marks:
            yield from _waits(view, view.any, wait)
    if "trouble" in marks:
        yield from _trouble(view)
    if "case" in marks:
        yield from _of_cases(view, marks)


def _of_cases(view: View, marks: tuple[str, ...]) -> Iterator[Column]:
    cases = cases_of(view)
    rows = view.past(cases.rows)
    yield from _counts(view, rows)
    yield from _open(view, cases)
    for wait in IN_CASES:
        if wait.mark in marks:
            yield from _waits(view, rows, wait)
    if "reply" in marks:
        yield from _unanswered(view, cases)
    if "agent" in marks:
        yield from _transfers(view, rows, cases)
    if "switch" in marks:
        yield from _totals(view, rows, "switch", "channel_switches", "changes of channel inside a case", "switch")
    if "solved" in marks:
        yield from _solved(view.past(cases.solved), agents="solver" in marks)
    if "promise" in marks:
        yield from _promises(view, cases)


def _counts(view: View, rows: Past) -> Iterator[Column]:
    yield from _totals(view, rows, "opened", "cases_count", "cases opened", "case")
    if view.observes(YEAR):
        recent, all_ = (rows.total("opened", days) for days in (QUARTER, YEAR))
        meaning = "pace of cases opened in the last 91 days against the 273 before (log ratio)"
        yield _column("cases_trend_91d_364d", log_rate_ratio(recent, all_, QUARTER, YEAR), meaning, "case")


def _open(view: View, cases: Cases) -> Iterator[Column]:
    spells = view.spells(cases.open)
    yield _column("open_cases", spells.still(), "cases open now", "case")
    yield _column("open_days", spells.days_of_oldest(), "days since the oldest open case was opened", "case")


def _unanswered(view: View, cases: Cases) -> Iterator[Column]:
    spells = view.spells(cases.unanswered)
    yield _column("unanswered_count", spells.still(), "messages of the customer that wait for an answer", "reply")
    meaning = "days since the oldest message that waits for an answer"
    yield _column("unanswered_days", spells.days_of_oldest(), meaning, "reply")


def _waits(view: View, past: Past, wait: Wait) -> Iterator[Column]:
    means = {days: past.mean(wait.column, days) for days in SLIM_WINDOWS}
    for days, values in means.items():
        meaning = f"mean {wait.noun}, in the last {days} days"
        yield _column(f"{wait.name}_mean_{days}d", values, meaning, wait.mark, wait.theme)
    for days in LONG_WINDOWS:
        meaning = f"largest {wait.noun}, in the last {days} days"
        yield _column(f"{wait.name}_largest_{days}d", past.largest(wait.column, days), meaning, wait.mark, wait.theme)
    if view.observes(YEAR):
        before = _mean_before(past, wait.column, QUARTER, YEAR)
        values = np.log(means[QUARTER] + wait.grain) - np.log(before + wait.grain)
        meaning = f"mean {wait.noun}, in the last 91 days against the 273 before (log ratio)"
        yield _column(f"{wait.name}_trend_91d_364d", values, meaning, wait.mark, wait.theme)


def _mean_before(past: Past, column: str, recent: int, whole: int) -> Values:
    """The mean over the window `whole` without its most recent part."""
    total = past.total(column, whole) - past.total(column, recent)
    given = past.given(column, whole) - past.given(column, recent)
    return np.divide(total, given, out=np.full(len(total), np.nan), where=given > 0)


def _transfers(view: View, rows: Past, cases: Cases) -> Iterator[Column]:
    meaning = "times a case was passed to another agent or team"
    yield from _totals(view, rows, "transfer", "transfers_count", meaning, "agent")
    left = view.spells(cases.left)
    for days in SLIM_WINDOWS:
        meaning = f"transfers in the last {days} days after which nobody came back to the customer"
        yield _column(f"transfers_left_{days}d", left.still(days), meaning, "agent")
    meaning = "days since the last transfer after which nobody came back to the customer"
    yield _column("transfers_left_days_since", left.days_of_latest(), meaning, "agent")


def _solved(solved: Past, *, agents: bool) -> Iterator[Column]:
    for days in LONG_WINDOWS:
        known = f"in cases whose solution in the last {days} days had a week to prove itself"
        first = f"share solved at the first contact by one agent, {known}"
        yield _column(f"first_contact_share_{days}d", solved.mean("first_contact", days), first, "solved")
        again = f"share in which the customer came back within a week, {known}"
        yield _column(f"came_back_share_{days}d", solved.mean("again", days), again, "solved")
        hours = f"mean hours from opening to solution, {known}"
        yield _column(f"solution_hours_mean_{days}d", solved.mean("hours", days), hours, "solved")
        if agents:
            who = f"mean number of agents a case, {known}"
            yield _column(f"agents_mean_{days}d", solved.mean("agents", days), who, "solver", WORK)


def _promises(view: View, cases: Cases) -> Iterator[Column]:
    overdue, missed = view.spells(cases.overdue), view.past(cases.overdue)
    yield _column("promises_open", view.spells(cases.promised).still(), "promised callbacks not yet made", "promise")
    for days in LONG_WINDOWS:
        meaning = f"promised callbacks that were missed in the last {days} days"
        yield _column(f"promises_missed_{days}d", missed.count(days) * view.scale(days), meaning, "promise")
    yield _column("promises_overdue", overdue.still(), "promised callbacks that are overdue now", "promise")
    meaning = "days since the oldest overdue callback was due"
    yield _column("promises_overdue_days", overdue.days_of_oldest(), meaning, "promise")


def _trouble(view: View) -> Iterator[Column]:
    past, noun = view.kind(*TROUBLE), "escalations, re-openings, disputes and complaints"
    for days in SLIM_WINDOWS:
        values = past.count(days) * view.scale(days)
        yield _column(f"trouble_count_{days}d", values, f"{noun} in the last {days} days", "trouble")
    yield _column("trouble_days_since", past.days_since(), f"days since the last of {noun}", "trouble")


def _totals(view: View, past: Past, flag: str, name: str, noun: str, mark: str) -> Iterator[Column]:
    for days in SLIM_WINDOWS:
        values = past.total(flag, days) * view.scale(days)
        yield _column(f"{name}_{days}d", values, f"{noun} in the last {days} days", mark)


def _column(name: str, values: Values, meaning: str, mark: str, theme: str = THEME) -> Column:
    return Column(f"service_{name}", values, meaning, theme, 0, f"has:{mark}")
