"""The columns about service once more: one unit, one case, one row at a time, written from their meanings."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

NAN = math.nan
WINDOWS = (28, 91, 364)
WEEK = dt.timedelta(days=7)
ORDER = (
    "contact_opened", "message_in", "complaint", "dispute", "self_service", "bot_handover", "assigned", "escalated",
    "callback_promised", "message_out", "followed_up", "resolved", "reopened", "survey_sent", "survey_answered",
)  # fmt: skip

Row = dict[str, Any]
Fact = tuple[dt.datetime, float]
"""When something was known, and its number."""

Age = Callable[[dt.datetime], int]


class Case:
    """What became of one case, told row by row."""

    def __init__(self, rows: list[Row]) -> None:
        self.opened: list[dt.datetime] = []
        self.transfers: list[dt.datetime] = []
        self.switches: list[dt.datetime] = []
        self.waits: dict[str, list[Fact]] = {"queue": [], "reply": [], "answer": []}
        self.solved: list[dict[str, Any]] = []
        self.open_since: dt.datetime | None = None
        self.open_by_asking = self.trusted = True
        self.unanswered: list[dt.datetime] = []
        self.left: list[dt.datetime] = []
        self.owed: list[tuple[dt.datetime, dt.datetime]] = []
        self.kept: list[tuple[dt.datetime, dt.datetime]] = []
        self.seen: list[Row] = []
        for row in sorted(rows, key=_order):
            self._tell(row)
            self.seen.append(row)

    def _tell(self, row: Row) -> None:
        kind, at = row["kind"], row["occurred_at"]
        out = row.get("direction") == "outbound"
        contact, asks = kind == "contact_opened" and not out, kind in ("contact_opened", "message_in") and not out
        if self._impossible(row, contact):
            self.trusted, self.open_since, self.unanswered = False, None, []
        was_open = self.open_since is not None
        opens = contact or kind == "reopened" or (not self.seen and kind not in ORDER[-2:] and kind != "resolved")
        opens = opens and self.trusted
        if not self.seen and kind not in ("resolved", "survey_sent", "survey_answered"):
            self.opened.append(at)
        if opens and not was_open:
            self.open_since, self.open_by_asking = at, contact or kind == "reopened"
        self._pass_on(row, was_open or opens)
        if self._differs(row, "channel"):
            self.switches.append(at)
        self._wait(row)
        if kind == "resolved" and was_open:
            self._solve(at)
        if kind == "resolved":
            self.open_since = None
        self._answer(row, asks, out)

    def _impossible(self, row: Row, contact: bool) -> bool:
        """Solved before it was opened, or first answered after it, nobody having asked again."""
        kinds = [r["kind"] for r in self.seen]
        if "resolved" not in kinds:
            return False
        if contact:
            return not any(_contact(r) for r in self.seen)
        if row["kind"] not in ("message_out", "assigned") or "message_out" in kinds or "assigned" in kinds:
            return False
        after = self.seen[len(kinds) - kinds[::-1].index("resolved") :]
        return not any(_contact(r) or _asks(r) or r["kind"] == "reopened" for r in after)

    def _differs(self, row: Row, name: str) -> bool:
        before = [r[name] for r in self.seen if r.get(name) is not None]
        return row.get(name) is not None and bool(before) and row[name] != before[-1]

    def _pass_on(self, row: Row, open_: bool) -> None:
        agents = [r["agent_id"] for r in self.seen if r.get("agent_id") is not None]
        if row["kind"] == "followed_up" or (
            row["kind"] == "message_out" and (not agents or row.get("agent_id") == agents[0])
        ):
            self.left = []
        if open_ and (self._differs(row, "agent_id") or self._differs(row, "team_id")):
            self.transfers.append(row["occurred_at"])
            self.left.append(row["occurred_at"])

    def _wait(self, row: Row) -> None:
        kind, at, kinds = row["kind"], row["occurred_at"], [r["kind"] for r in self.seen]
        contacts = [r["occurred_at"] for r in self.seen if _contact(r)]
        if not self.trusted:
            return
        if kind == "assigned" and kind not in kinds and contacts:
            self.waits["queue"].append((at, _hours(at - contacts[0])))
        if kind == "message_out" and kind not in kinds and contacts:
            self.waits["reply"].append((at, _hours(at - contacts[0])))
        if kind in ("message_out", "followed_up") and self.unanswered:
            self.waits["answer"].append((at, _hours(at - self.unanswered[0])))

    def _solve(self, at: dt.datetime) -> None:
        contacts = sum(map(_contact, self.seen))
        escalated = any(r["kind"] == "escalated" for r in self.seen)
        # the row that solves is not yet among those seen; its agent counts and its own transfer does
        self.solved.append(
            {
                "at": at,
                "place": len(self.seen),
                "once": contacts <= 1 and not escalated and not self.transfers,
                "hours": _hours(at - self.open_since) if self.open_by_asking else NAN,
            }
        )

    def _answer(self, row: Row, asks: bool, out: bool) -> None:
        kind, at = row["kind"], row["occurred_at"]
        if asks and self.trusted:
            self.unanswered.append(at)
        if kind in ("message_out", "followed_up", "resolved"):
            self.unanswered = []
        if kind in ("message_out", "followed_up") or (kind == "contact_opened" and out):
            self.kept += [(due, at) for due, _ in self.owed]
            self.owed = []
        if kind == "callback_promised" and row.get("due_at"):
            self.owed.append((max(row["due_at"], at), at))


def _order(row: Row) -> tuple[Any, ...]:
    kind = row["kind"]
    words = [row.get(name) or "" for name in ("direction", "channel", "agent_id", "team_id")]
    place = ORDER.index(kind) if kind in ORDER else len(ORDER)
    never = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
    return row["occurred_at"], place, kind, *words, row.get("due_at") or never


def _contact(row: Row) -> bool:
    return row["kind"] == "contact_opened" and row.get("direction") != "outbound"


def _asks(row: Row) -> bool:
    return row["kind"] in ("contact_opened", "message_in") and row.get("direction") != "outbound"


def _hours(time: dt.timedelta) -> float:
    return math.floor(time / dt.timedelta(milliseconds=1) / 360) / 10_000


def expected_service(unit: Any, keys: frozenset[str]) -> dict[str, float]:
    """Every column of the family for one unit."""
    marks = {key[4:] for key in keys if key.startswith("has:")}
    found: dict[str, float] = {}
    for name, mark in (("wait_seconds", "wait"), ("handle_seconds", "handle")):
        given = [(r["occurred_at"], r[name]) for r in unit.rows if r.get(name) is not None]
        found |= {k: v for k, v in _waits(unit, name, given, 10.0).items() if mark in marks}
    trouble = unit.of("escalated", "reopened", "dispute", "complaint")
    found |= {f"trouble_count_{days}d": len(unit.ages(trouble, days)) * unit.scale(days) for days in WINDOWS}
    found["trouble_days_since"] = min(unit.ages(trouble), default=NAN)
    found |= _of_cases(unit)
    return {f"service_{name}": float(value) for name, value in found.items()}


def _of_cases(unit: Any) -> dict[str, float]:
    names = sorted({r["case_id"] for r in unit.rows if r.get("case_id")})
    grouped = {name: [r for r in unit.rows if r.get("case_id") == name] for name in names}
    cases = {name: Case(rows) for name, rows in grouped.items()}

    def all_(part: str) -> list[Any]:
        return [item for case in cases.values() for item in getattr(case, part)]

    def counts(name: str, times: list[dt.datetime]) -> dict[str, float]:
        ages = [_age(unit, at) for at in times]
        return {f"{name}_{d}d": sum(age <= d for age in ages) * unit.scale(d) for d in WINDOWS}

    opened = [_age(unit, at) for at in all_("opened")]
    now_open = [_age(unit, c.open_since) for c in cases.values() if c.open_since is not None]
    waiting, left = ([_age(unit, at) for at in all_(part)] for part in ("unanswered", "left"))
    found = counts("cases_count", all_("opened")) | counts("transfers_count", all_("transfers"))
    found |= counts("channel_switches", all_("switches"))
    found |= {f"transfers_left_{d}d": sum(age <= d for age in left) for d in WINDOWS}
    found |= {"open_cases": len(now_open), "open_days": max(now_open, default=NAN)}
    found |= {"unanswered_count": len(waiting), "unanswered_days": max(waiting, default=NAN)}
    found["transfers_left_days_since"] = min(left, default=NAN)
    if unit.observes(364):
        recent, year = (sum(age <= d for age in opened) for d in (91, 364))
        found["cases_trend_91d_364d"] = math.log((recent + 0.5) / 91) - math.log((year - recent + 0.5) / 273)
    for name in ("queue", "reply", "answer"):
        given = [fact for case in cases.values() for fact in case.waits[name]]
        found |= _waits(unit, f"{name}_hours", given, 0.1)
    return found | _solved(unit, cases) | _promises(unit, cases)


def _solved(unit: Any, cases: dict[str, Case]) -> dict[str, float]:
    facts: list[dict[str, float]] = []
    for case in cases.values():
        for solved in case.solved:
            until = solved["at"] + WEEK
            row, later = case.seen[solved["place"]], case.seen[solved["place"] + 1 :]
            if _age(unit, until) < 1 or _doubted(case.seen, solved["place"], until):
                continue
            again = any((_asks(r) or r["kind"] == "reopened") and r["occurred_at"] < until for r in later)
            moved = row["occurred_at"] in case.transfers and _moves(case.seen, solved["place"])
            agents = {r["agent_id"] for r in case.seen[: solved["place"] + 1] if r.get("agent_id")}
            facts.append(
                {
                    "age": _age(unit, until),
                    "first_contact_share": float(solved["once"] and not again and not moved),
                    "came_back_share": float(again),
                    "solution_hours_mean": solved["hours"],
                    "agents_mean": len(agents) or NAN,
                }
            )
    names = ("first_contact_share", "came_back_share", "solution_hours_mean", "agents_mean")
    return {
        f"{name}_{days}d": _mean([f[name] for f in facts if f["age"] <= days]) for name in names for days in (91, 364)
    }


def _moves(seen: list[Row], place: int) -> bool:
    row = seen[place]
    for name in ("agent_id", "team_id"):
        before = [r[name] for r in seen[:place] if r.get(name) is not None]
        if row.get(name) is not None and before and before[-1] != row[name]:
            return True
    return False


def _doubted(seen: list[Row], place: int, until: dt.datetime) -> bool:
    """Whether the case as it was at some instant before `until` is one that cannot be."""
    return any(
        not Case(seen[:length]).trusted
        for length in range(1, len(seen) + 1)
        if length <= place + 1 or seen[length - 1]["occurred_at"] < until
    )


def _promises(unit: Any, cases: dict[str, Case]) -> dict[str, float]:
    owed = [promise for case in cases.values() for promise in case.owed]
    missed = [due for due, _ in owed] + [due for case in cases.values() for due, made in case.kept if made > due]
    missed_ages = [age for due in missed if (age := _age(unit, due)) >= 1]
    overdue = [age for due, _ in owed if (age := _age(unit, due)) >= 1]
    found: dict[str, float] = {
        f"promises_missed_{d}d": sum(age <= d for age in missed_ages) * unit.scale(d) for d in (91, 364)
    }
    return found | {
        "promises_open": len(owed),
        "promises_overdue": len(overdue),
        "promises_overdue_days": max(overdue, default=NAN),
    }


def _waits(unit: Any, name: str, given: list[Fact], grain: float) -> dict[str, float]:
    def between(oldest: int, newest: int = 0) -> list[float]:
        return [value for at, value in given if newest < _age(unit, at) <= oldest]

    found = {f"{name}_mean_{days}d": _mean(between(days)) for days in WINDOWS}
    found |= {f"{name}_largest_{days}d": max(between(days), default=NAN) for days in (91, 364)}
    if unit.observes(364):
        now, before = _mean(between(91)), _mean(between(364, 91))
        found[f"{name}_trend_91d_364d"] = math.log(now + grain) - math.log(before + grain)
    return found


def _mean(values: list[float]) -> float:
    given = [value for value in values if not math.isnan(value)]
    return math.fsum(given) / len(given) if given else NAN


def _age(unit: Any, at: dt.datetime) -> int:
    return (unit.as_of - at.astimezone(unit.zone).date()).days
