"""Small invented histories, and the road from rows to features and labels that scoring takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
from courses import KINDS as COURSE_KINDS
from courses import draw_courses, draw_terms
from crowd import KEYS, LEARNT, crowd
from hypothesis import strategies as st

from tenure.models.text_model import fit_text
from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.features.census import MARKS
from tenure.pipelines.features.column import Context, Fitted
from tenure.pipelines.features.family import compute_columns, families, gather_tables
from tenure.pipelines.features.folds import FOLDS
from tenure.pipelines.features.sums import Tables
from tenure.pipelines.history.history import History
from tenure.pipelines.outcomes.horizon import Horizon
from tenure.pipelines.outcomes.label import labels
from tenure.pipelines.scoring.live import FOREVER, history_of
from tenure.pipelines.scoring.question import Question
from tenure.pipelines.settings.features import Features
from tenure.pipelines.settings.outcome import (
    AnyOutcome,
    Cancellation,
    Decline,
    Dissatisfaction,
    Eligible,
    Expression,
    Inactivity,
)
from tenure.pipelines.text.signals import SIGNALS

Row = dict[str, Any]

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Europe/Warsaw")
DATES = tuple(map(dt.date.fromisoformat, ("2024-03-11", "2024-04-01", "2024-06-15", "2024-10-28", "2024-11-04")))
"""Dates of which most come just after the clocks changed somewhere."""

KINDS = (
    "purchase", "refund", "visit", "signup", "renewal", "renewal_due", "notice", "cancellation", "plan_changed",
    "complaint", "survey_answered",
)  # fmt: skip
ALL_KINDS = tuple(sorted({*KINDS, *COURSE_KINDS}))
CHANNELS = (None, "phone", "web")
AMOUNTS = (None, 10.0, 0.1, 19.99, -5.5, 0.0, 1234.5678)
REASONS = (None, "death", "payment")
LEVELS = ("Lublin", "Kielce")
LIMIT = dt.timedelta(microseconds=1)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TIMELESS = dt.datetime(1900, 1, 2, tzinfo=dt.UTC)

OUTCOMES: dict[str, AnyOutcome] = {
    "inactivity": Inactivity(
        type="inactivity", kinds=("purchase",), horizon_days=28, eligible=Eligible(active_days=28)
    ),
    "decline": Decline(type="decline", kinds=("purchase", "visit"), horizon_days=21, below=0.5),
    "cancellation": Cancellation(
        type="cancellation", unit="contract", lead_days=3, horizon_days=14, exclude_reasons=("death",)
    ),
    "dissatisfaction": Dissatisfaction(type="dissatisfaction", horizon_days=21, maturity_days=2),
    "expression": Expression(type="expression", horizon_days=14, where="sum(amount) > 20 or count(*) = 0"),
}


def _hearing(fold: int) -> dict[str, np.ndarray]:
    """A state of the family voice, another one for each fold; fold 2 has learnt one signal only."""
    words = [text for text in TEXTS if text]
    labels = {name: np.array([float((place + fold + shift) % 2) for place in range(len(words))])
              for shift, name in enumerate(SIGNALS[: 1 if fold == 2 else None])}  # fmt: skip
    return fit_text(words, labels).to_arrays()


TEXTS = (
    None, "Chcę zrezygnować z umowy", "Благодаря за помощта", "the third time I write", "बहुत खराब सेवा", "Awful service",
    "Sorry, Ms Nowak", "Przykro nam, Panie Iwanie", "<p>Nie dzia&#322;a</p>", "\x00", "好",
)  # fmt: skip
NAMES = ("Anna Nowak", "Iwan")
FITTED = Fitted(
    frozenset(f"kind:{kind}" for kind in KINDS if kind not in ("complaint", "survey_answered", "refund"))
    | {"any", "channel:phone", "channel:web", "amount:purchase", "amount:refund"}
    | {f"level:city={level}" for level in LEVELS}
    | {f"has:{mark}" for mark in MARKS}
    | {"learnt:voice"}
    | KEYS,
    {"voice": tuple(map(_hearing, range(FOLDS)))} | LEARNT,
)
ALONE = Fitted(frozenset({"kind:purchase", "amount:purchase", "sole:purchase"}))


@dataclass(frozen=True)
class World:
    """Rows of a few customers around an `as_of`, and the question asked of them."""

    rows: tuple[Row, ...]
    facts: tuple[Row, ...]
    as_of: dt.date
    question: Question

    @property
    def midnight(self) -> dt.datetime:
        """The instant of `as_of`."""
        return instant(calendar_of(self.question.zone).midnight(self.as_of))

    def only(self, keep: Any) -> World:
        """The same world with the rows and facts for which `keep` holds."""
        return replace(self, rows=tuple(filter(keep, self.rows)), facts=tuple(filter(keep, self.facts)))

    def gathered(self, rows: tuple[Row, ...] = (), facts: tuple[Row, ...] = ()) -> Tables:
        """What the families gather of its people and of further rows."""
        asked = self.question
        history = history_of(asked, self.rows + rows, self.facts + facts)
        chosen = families(asked.context.settings, Path())
        return gather_tables(history.as_of(self.as_of), asked.context, asked.fitted, chosen)

    def among_others(self, rows: tuple[Row, ...] | None = None) -> World:
        """The same world with what is known of each other, gathered once: it stays when rows are left out."""
        others, facts = crowd(self.midnight)
        context = replace(self.question.context, tables=self.gathered(others if rows is None else rows, facts))
        return replace(self, question=replace(self.question, context=context))

    def asking(self, outcome: AnyOutcome) -> World:
        """The same world, asked for another outcome."""
        return replace(self, question=replace(self.question, outcome=outcome))

    def history(self) -> History:
        """The history of all its units."""
        return history_of(self.question, self.rows, self.facts)

    def features(self) -> pd.DataFrame:
        """All columns of all built-in families for every unit, eligible or not."""
        history, asked = self.history(), self.question
        chosen = families(asked.context.settings, Path())
        columns = compute_columns(history.as_of(self.as_of), asked.context, asked.fitted, chosen)
        table = np.array([c.values for c in columns], dtype=np.float64).reshape(len(columns), len(history))
        return pd.DataFrame(table.T, columns=[c.name for c in columns], index=history.unit_ids.astype(str))

    def labels(self, known_by: dt.date | None = None) -> pd.Series:
        """The label of every unit, known today or by a date."""
        history = self.history()
        until = None if known_by is None else history.calendar.midnight(known_by)
        units = np.arange(len(history))
        found = labels(Horizon(history, self.question.outcome, self.as_of, units, until))
        return pd.Series(found, index=history.unit_ids.astype(str), name="label")


def question(
    outcome: AnyOutcome,
    *,
    zone: str = "UTC",
    fitted: Fitted = FITTED,
    observed_from: dt.date = dt.date(2000, 1, 1),
    gaps: dict[str, tuple[tuple[int, int], ...]] | None = None,
) -> Question:
    """A question as training would have made it."""
    subject = outcome.kinds if isinstance(outcome, Inactivity | Decline) else ()
    context = Context(Features(), outcome.horizon_days, subject, {"age": "number", "city": "category"}, ("city",))
    begin = calendar_of(zone).midnight(observed_from)
    return Question("asked", outcome, zone, context, fitted, begin, gaps or {})


def told(text: str, *, zone: dt.tzinfo = dt.UTC) -> tuple[Row, ...]:
    """Rows written as lines `customer kind date key=value ...`; a date alone is its midnight.

    The customer `a/1` is contract `a/1` of customer `a`; `known` and `due` are dates, `reason`
    goes to the attributes, other values are numbers where they can be.
    """
    return tuple(_told(line.split(), zone) for line in text.strip().splitlines())


def _told(words: list[str], zone: dt.tzinfo) -> Row:
    def moment(word: str) -> dt.datetime:
        return dt.datetime.fromisoformat(word).replace(tzinfo=zone).astimezone(dt.UTC)

    unit, kind, when, *rest = words
    row: Row = {"customer_id": unit.split("/")[0], "kind": kind, "occurred_at": moment(when)}
    if "/" in unit:
        row["contract_id"] = unit
    for name, value in (word.split("=") for word in rest):
        match name:
            case "known" | "due" | "until":
                row[{"known": "known_at", "due": "due_at", "until": "superseded_at"}[name]] = moment(value)
            case "reason":
                row["attributes"] = {"reason": value}
            case "amount" | "rating" | "wait_seconds" | "handle_seconds":
                row[name] = float(value)
            case _:
                row[name] = value
    return row


def same_bits(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Fail, naming column and unit, unless two tables agree bit for bit, missing values in the same places."""
    units, names = found.index.intersection(expected.index), sorted(found.columns.union(expected.columns))
    left, right = _bits(found, names, units), _bits(expected, names, units)
    for row, column in np.argwhere(left.view(np.int64) != right.view(np.int64))[:1]:
        where = f"{names[column]} of {units[row]}"
        raise AssertionError(f"{where}: {left[row, column]!r} != {right[row, column]!r}")


def _bits(frame: pd.DataFrame, names: list[str], units: pd.Index) -> np.ndarray:
    """A profile that nobody here has is a missing column; every missing value has the same bits."""
    values = frame.reindex(index=units, columns=names).to_numpy(dtype=np.float64)
    return np.ascontiguousarray(np.where(np.isnan(values), np.nan, values))


def instant(milliseconds: int) -> dt.datetime:
    """An instant of the kernel as a time."""
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=milliseconds)


def usable(row: Row, at: dt.datetime) -> bool:
    """The rule of the whole product: happened before, known by then, not withdrawn by then."""
    known, until = row.get("known_at") or row["occurred_at"], row.get("superseded_at") or FOREVER
    return row["occurred_at"] < at and known <= at < until


_PLACES = st.one_of(
    st.sampled_from([dt.timedelta(0), -LIMIT, -DAY, -28 * DAY, -28 * DAY - LIMIT, 28 * DAY, 3 * DAY]),
    st.integers(-40, 40).map(lambda day: day * DAY + 10 * HOUR),
    st.integers(-9_600, 1_000).map(lambda hour: hour * HOUR),
)
_DELAYS = st.sampled_from([None, None, None, HOUR, DAY, 40 * DAY, "then", "just after"])
_CHANGES = st.sampled_from([None, None, None, "corrected", "retracted", "moved"])
_ROWS = st.tuples(
    st.integers(0, 3), st.integers(0, 2), _PLACES, st.sampled_from(("purchase",) * 6 + KINDS), st.sampled_from(CHANNELS),
    st.sampled_from(AMOUNTS), _DELAYS, _CHANGES, _DELAYS, st.sampled_from(REASONS),
)  # fmt: skip
_FACTS = st.tuples(
    st.integers(0, 3), st.sampled_from(["age", "city", "name"]), st.integers(18, 30), st.none() | _PLACES, _DELAYS, st.none() | _DELAYS
)  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn, outcomes: Sequence[str] = tuple(OUTCOMES), most: int = 30) -> World:
    """Up to four customers with late, corrected and withdrawn rows, ties, and rows after `as_of`."""
    zone, as_of = draw(st.sampled_from(ZONES)), draw(st.sampled_from(DATES))
    outcome = OUTCOMES[draw(st.sampled_from(tuple(outcomes)))]
    begin = draw(st.sampled_from([dt.date(2000, 1, 1), as_of - 60 * DAY, as_of - 28 * DAY]))
    asked = question(outcome, zone=zone, fitted=draw(st.sampled_from([FITTED, FITTED, ALONE])), observed_from=begin)
    now = instant(calendar_of(zone).midnight(as_of))
    drawn = draw(st.lists(_ROWS, min_size=1, max_size=most))
    rows = [row for number, values in enumerate(drawn) for row in _versions(number, values, now)]
    other = Random(draw(st.integers(0, 10**6)))
    courses = draw_courses(other, most=6) + draw_terms(other, most=1)
    rows += [row for number, values in enumerate(courses, start=100) for row in _versions(number, values, now)]
    facts = {
        (f["customer_id"], f["name"], f["occurred_at"]): f
        for f in (_fact(v, now) for v in draw(st.lists(_FACTS, max_size=6)))
    }
    return World(tuple(rows), tuple(facts.values()), as_of, asked).among_others()


def busy_world(drawn: Random) -> World:
    """A world of many cases, all of one draw."""
    zone, as_of = drawn.choice(ZONES), drawn.choice(DATES)
    begin = drawn.choice([dt.date(2000, 1, 1), as_of - 60 * DAY])
    asked = question(OUTCOMES[drawn.choice(tuple(OUTCOMES))], zone=zone, observed_from=begin)
    now = instant(calendar_of(zone).midnight(as_of))
    courses = draw_courses(drawn, most=9) + draw_terms(drawn, most=4)
    rows = tuple(row for n, values in enumerate(courses) for row in _versions(n, values, now))
    return World(rows, (), as_of, asked).among_others()


def _versions(number: int, values: tuple[Any, ...], now: dt.datetime) -> list[Row]:
    customer, contract, place, kind, channel, amount, delay, change, after, reason, *service = values
    case_id, agent, team, direction, seconds = service or (None,) * 5
    due = 20 * DAY if kind in ("signup", "renewal_due", "cancellation", "notice") else None
    due = 2 * DAY if kind == "callback_promised" else due
    first = {
        "interaction_id": f"i{number:03d}",
        "customer_id": f"c{customer}",
        "contract_id": f"c{customer}-{contract}" if contract else None,
        "occurred_at": now + place,
        "known_at": _later(now + place, delay, now),
        "due_at": now + place + (number % 5 - 1) * due if due else None,
        "kind": kind,
        "channel": channel,
        "direction": direction,
        "case_id": case_id,
        "agent_id": agent,
        "team_id": team,
        "amount": amount,
        "wait_seconds": seconds,
        "handle_seconds": seconds and 2 * seconds,
        "rating": 0.2 * (number % 7) if kind == "survey_answered" else None,  # 1.2 is outside the scale
        "attributes": {"reason": reason} if reason else None,
        "text": TEXTS[number * 7 % len(TEXTS)],
    }
    until = _later(first["known_at"], after or DAY, now)
    if change is None or until <= first["known_at"]:
        return [first]
    second = first | {"known_at": until, "amount": 77.77}
    if change == "moved":
        second["agent_id"] = "y"
        second["text"] = TEXTS[(number * 7 + 1) % len(TEXTS)]
        second["occurred_at"] = min(first["occurred_at"] - 30 * HOUR, until)
    return [first | {"superseded_at": until}] + ([] if change == "retracted" else [second])


def _fact(values: tuple[Any, ...], now: dt.datetime) -> Row:
    customer, name, number, place, delay, until = values
    occurred = TIMELESS if place is None else now + place
    known = occurred if place is None else _later(occurred, delay, now)
    return {
        "customer_id": f"c{customer}",
        "name": name,
        "value": {"age": str(number), "city": LEVELS[number % 2], "name": NAMES[number % 2]}[name],
        "occurred_at": occurred,
        "known_at": known,
        "superseded_at": FOREVER if until is None else max(_later(known, until, now), known + LIMIT),
    }


def _later(start: dt.datetime, delay: dt.timedelta | str | None, now: dt.datetime) -> dt.datetime:
    if isinstance(delay, dt.timedelta):
        return start + delay
    return max(start, {"then": now, "just after": now + LIMIT, None: start}[delay])
