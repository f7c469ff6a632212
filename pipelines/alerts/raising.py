"""Raising alerts: each transition once, whichever process sees it, and only where people may act on it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, bindparam, insert, select, update

from tenure.pipelines.alerts.crossing import who_crossed
from tenure.pipelines.alerts.judging import WEEK, State, judge, limits_of
from tenure.pipelines.alerts.standing import Standing, standings
from tenure.pipelines.alerts.starting import start_over, sweep
from tenure.pipelines.settings.alerts import Alerts
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.alert_tables import alert_marks, alert_states
from tenure.pipelines.store.alerts import Alert, keep_alerts
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.hold_outs import draw_on, held_out_among
from tenure.pipelines.store.score_sets import ScoreSet, published_number, published_set

AT_ONCE = 500
"""Customers who are decided on in one transaction, so that nobody waits long for the store."""


@dataclass(frozen=True)
class Raised:
    """How many alerts were raised, how many of them beyond an owner's limit, and how many not at all, by cause."""

    alerts: int = 0
    beyond: int = 0
    withheld: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Raised) -> Raised:
        withheld = Counter(self.withheld) + Counter(other.withheld)
        return Raised(self.alerts + other.alerts, self.beyond + other.beyond, dict(withheld))


class _Mark(NamedTuple):
    """The set that was looked through last, and the limits of the bands then."""

    score_set_id: int
    as_of: str
    model_version: str
    limits: str


def raise_alerts(project: Project, engine: Engine, outcome: str, *, now: dt.datetime) -> Raised:
    """Look through the set that is served for whoever entered a state since the set before, and keep the alerts.

    A set is looked through once. The first one, the first of another model or by other limits and one after a pause
    of more than a week only say what is so already: nobody entered anything by them. `now` is in UTC.
    """
    if project.alerts is None:
        return Raised()
    with reading(engine) as connection:
        found = published_set(connection, outcome)
        mark = _mark(connection, outcome)
        if found is None or (mark is not None and mark.score_set_id == found.score_set_id):
            return Raised()
        anew = mark is None or not _follows(project, found, mark)
        before = None if mark is None or mark.as_of >= found.as_of.isoformat() else mark.score_set_id
        names = [] if anew else who_crossed(connection, found, project.alerts, project.bands, before=before)
    raised = Raised()
    for start in range(0, len(names), AT_ONCE):
        with alone(engine) as connection:
            if published_number(connection, outcome) != found.score_set_id:
                return raised
            chosen = names[start : start + AT_ONCE]
            raised += _decide(connection, project, found, chosen, before=before, now=now)
    _finish(project, engine, found, today=today_of(project, found, now))
    return raised


def raise_again(
    connection: Connection,
    project: Project,
    found: ScoreSet,
    customers: Sequence[str],
    *,
    now: dt.datetime,
) -> Raised:
    """The same for customers who were scored again on top of a set, in the transaction that keeps their scores.

    Nothing where the set only says what is so already and was not looked through yet.
    """
    if project.alerts is None or not customers:
        return Raised()
    mark = _mark(connection, found.outcome)
    if mark is None or not _follows(project, found, mark):
        return Raised()
    before = None if mark.as_of >= found.as_of.isoformat() else mark.score_set_id
    return _decide(connection, project, found, customers, before=before, now=now)


def today_of(project: Project, found: ScoreSet, now: dt.datetime) -> dt.date:
    """The day it is for a project: by the clock, or that of its scores where time stands still."""
    if project.project.clock == "data":
        return found.as_of
    return now.astimezone(ZoneInfo(project.timezone)).date()


def _decide(
    connection: Connection,
    project: Project,
    found: ScoreSet,
    customers: Sequence[str],
    *,
    before: int | None,
    now: dt.datetime,
) -> Raised:
    """Judge some customers, note their states and keep the alerts; nobody else does at this moment."""
    settings = project.alerts or Alerts()
    today = today_of(project, found, now)
    raised: list[Alert] = []
    withheld: Counter[str] = Counter()
    changed: list[tuple[Standing, State]] = []
    known = standings(connection, found, customers, before=before, today=today)
    judged = [(one, *judge(one.risk, one.state, settings, project.bands)) for one in known]
    entering = [one.customer_id for one, _, entered in judged if entered]
    held = held_out_among(connection, found.score_set_id, draw_on(connection, today), entering)
    for one, after, entered in judged:
        cause = _cause(one, held)
        for kind, compared in entered:
            why = cause or ("cool_down" if _cooling(one.state, kind, settings, today) else None)
            if why is not None:
                withheld[why] += 1
                continue
            after = State(**{**after._asdict(), f"{kind}_on": today.isoformat()})
            raised.append(_alert(project, found, one, kind, compared, today=today, now=now))
        if after != one.state:
            changed.append((one, after))
    _note(connection, found.outcome, changed)
    return Raised(len(raised), keep_alerts(connection, raised, a_day=settings.a_day), dict(withheld))


def _cause(one: Standing, held_out: frozenset[str]) -> str | None:
    """Why nobody is told of a customer, whatever they enter."""
    if one.care.status in ("snoozed", "addressed"):
        return one.care.status
    if one.barred:
        return "barred"
    return "hold_out" if one.customer_id in held_out else None


def _cooling(state: State, kind: str, settings: Alerts, today: dt.date) -> bool:
    last = getattr(state, f"{kind}_on")
    return last is not None and (today - dt.date.fromisoformat(last)).days < settings.cool_down_days


def _alert(
    project: Project,
    found: ScoreSet,
    one: Standing,
    kind: str,
    compared: float | None,
    *,
    today: dt.date,
    now: dt.datetime,
) -> Alert:
    probability = one.risk.probability or 0.0
    return Alert(
        at=now.astimezone(dt.UTC).replace(tzinfo=None),
        day=today.isoformat(),
        outcome=found.outcome,
        customer_id=one.customer_id,
        unit_id=one.unit_id,
        kind=kind,
        from_band=None if one.risk.last is None else project.bands.of(one.risk.last),
        band=project.bands.of(probability),
        before=one.risk.last if compared is None else compared,
        probability=probability,
        owner=one.care.owner,
        reasons=one.reasons,
        beyond=False,
        as_of=one.risk.as_of.isoformat(),
        model_version=found.model_version,
    )


def _note(connection: Connection, outcome: str, changed: Sequence[tuple[Standing, State]]) -> None:
    fresh: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    for one, after in changed:
        if one.known:
            known.append({"theirs": one.customer_id, **after._asdict()})
        else:
            fresh.append({"outcome": outcome, "customer_id": one.customer_id, **after._asdict()})
    if fresh:
        connection.execute(insert(alert_states), fresh)
    if known:
        mine = (alert_states.c.outcome == outcome) & (alert_states.c.customer_id == bindparam("theirs"))
        values: dict[str, Any] = {name: bindparam(name) for name in State._fields}
        connection.execute(update(alert_states).where(mine).values(values), known)


def _follows(project: Project, found: ScoreSet, mark: _Mark) -> bool:
    """Whether a set says what changed since another: same model and limits, later, and by no more than a week."""
    days = (found.as_of - dt.date.fromisoformat(mark.as_of)).days
    same = (found.model_version, _limits(project)) == (mark.model_version, mark.limits)
    return same and 0 <= days <= WEEK


def _limits(project: Project) -> str:
    limits = limits_of(project.alerts or Alerts(), project.bands)
    return " ".join(f"{name}={limit:g}" for name, limit in limits.items())


def _finish(project: Project, engine: Engine, found: ScoreSet, *, today: dt.date) -> None:
    """Note that a set was looked through, and begin anew with one that does not follow from the last."""
    settings = project.alerts or Alerts()
    with alone(engine) as connection:
        if published_number(connection, found.outcome) != found.score_set_id:
            return
        mark = _mark(connection, found.outcome)
        if mark is not None and mark.score_set_id == found.score_set_id:
            return
        if mark is None or not _follows(project, found, mark):
            start_over(connection, found, settings, project.bands)
        values = {
            "score_set_id": found.score_set_id,
            "as_of": found.as_of.isoformat(),
            "model_version": found.model_version,
            "limits": _limits(project),
        }
        mine = alert_marks.c.outcome == found.outcome
        if connection.execute(update(alert_marks).where(mine).values(values)).rowcount == 0:
            connection.execute(insert(alert_marks).values(outcome=found.outcome, **values))
        sweep(connection, found.outcome, settings, today=today)


def _mark(connection: Connection, outcome: str) -> _Mark | None:
    query = select(*(alert_marks.c[name] for name in _Mark._fields)).where(alert_marks.c.outcome == outcome)
    row = connection.execute(query).one_or_none()
    return None if row is None else _Mark(*row)
