"""Labels for messages, out of what the customer did next, as far as it was known as of a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.features.utterances import by_agents
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import FIXED_POINT, MISSING, Ints, Mask
from tenure.pipelines.history.messages import LABEL
from tenure.pipelines.settings.text import Text
from tenure.pipelines.text.signals import SIGNALS

BAD, GOOD = 0.4, 0.6
"""A rating up to the one labels a bad tone, from the other on a good one; between them neither."""

SETTLED_DAYS = 28
"""Days after which a message that nothing followed counts as one without effort."""

DAY = 86_400_000
GONE = ("notice", "cancellation")
COMPLAINTS = ("complaint", "dispute")

Labels = NDArray[np.float64]


def labelled(view: View, settings: Text) -> Mapping[str, NDArray]:
    """Customers' messages known as of the date: `unit`, `text`, and for each signal 1, 0, 0.5 (neither) or NaN."""
    history = view.history
    rows = _Rows.of(view)
    messages = np.flatnonzero(rows.theirs)
    made = {
        "tone": rows.tone(messages),
        "leave": rows.leave(messages, settings.leave_days),
        "effort": rows.effort(messages, settings.effort_messages),
        "complaint": rows.is_kind(*COMPLAINTS)[messages].astype(np.float64),
    }
    texts = np.array([*history.texts.texts, ""], dtype=object)
    given = {name: np.where(np.isnan(own := rows.given(name)[messages]), made[name], own) for name in SIGNALS}
    return {"unit": rows.owner[messages], "text": texts[rows.values["text"][messages]]} | given


@dataclass(frozen=True)
class _Rows:
    """All rows known as of the date: whose they are, when they happened, and their columns."""

    view: View
    owner: Ints
    time: Ints
    values: Mapping[str, Ints]
    theirs: Mask
    now: int

    @classmethod
    def of(cls, view: View) -> _Rows:
        past = view.any
        rows, owner = past.rows()
        values = {name: column[rows] for name, column in past.log.values.items()}
        values.setdefault("text", np.full(len(rows), -1, dtype=np.int64))
        theirs = (values["text"] >= 0) & ~by_agents(view.history, past.log)[rows]
        return cls(view, owner, past.log.time[rows], values, theirs, view.history.calendar.midnight(view.as_of))

    def is_kind(self, *names: str) -> Mask:
        kinds = self.view.history.kinds
        return np.isin(self.values["kind"], [kinds.index(name) for name in names if name in kinds])

    def given(self, name: str) -> Labels:
        """What the user said of each row."""
        column = self.values.get(f"{LABEL}{name}")
        return np.full(len(self.time), np.nan) if column is None else _number(column)

    @property
    def thread(self) -> Ints:
        """A number for each owner and case, -1 for rows outside of cases."""
        case = self.values.get("case_id", np.full(len(self.time), -1))
        return np.where(case < 0, -1, self.owner * (int(case.max(initial=0)) + 1) + case)

    def tone(self, messages: Ints) -> Labels:
        """By the lowest rating in the same case, or that of the row itself."""
        rating = _number(self.values["rating"]) if "rating" in self.values else np.full(len(self.time), np.nan)
        rated = np.flatnonzero(~np.isnan(rating) & (self.thread >= 0))
        threads, place = np.unique(self.thread[rated], return_inverse=True)
        lowest = np.full(len(threads) + 1, np.inf)
        np.minimum.at(lowest, place, rating[rated])
        mine = _places(threads, self.thread[messages])
        found = np.where(np.isnan(rating[messages]), lowest[mine], rating[messages])
        return np.where(np.isinf(found), np.nan, np.select([found <= BAD, found >= GOOD], [1.0, 0.0], 0.5))

    def leave(self, messages: Ints, days: int) -> Labels:
        """Whether notice or cancellation followed within so many days; unknown while they run."""
        wait = self._until(messages, self.is_kind(*GONE), self.owner, strictly=False)
        over = self.now - self.time[messages] >= days * DAY
        return np.where(wait <= days * DAY, 1.0, np.where(over, 0.0, np.nan))

    def effort(self, messages: Ints, more: int) -> Labels:
        """Whether the case was reopened, or so many messages of the customer followed in it."""
        thread = self.thread
        again = np.isfinite(self._until(messages, self.is_kind("reopened") & (thread >= 0), thread, strictly=True))
        many = self._after(messages, thread) >= more
        old = self.now - self.time[messages] >= SETTLED_DAYS * DAY
        found = np.where(again | many, 1.0, np.where(old, 0.0, np.nan))
        return np.where(thread[messages] < 0, np.nan, found)

    def _until(self, messages: Ints, events: Mask, group: Ints, *, strictly: bool) -> NDArray[np.float64]:
        """Milliseconds from each message to the next event of its group, infinite where there is none."""
        origin = int(self.time.min(initial=0))
        span = int(self.time.max(initial=0)) - origin + 2
        keys = np.sort(group[events] * span + (self.time[events] - origin))
        wanted = group[messages] * span + (self.time[messages] - origin)
        at = np.searchsorted(keys, wanted, side="right" if strictly else "left")
        after = np.append(keys, np.iinfo(np.int64).max)[at]
        return np.where(after < (group[messages] + 1) * span, (after - wanted).astype(np.float64), np.inf)

    def _after(self, messages: Ints, group: Ints) -> Ints:
        """How many messages of the customer follow each one in its group, later ones only."""
        origin = int(self.time.min(initial=0))
        span = int(self.time.max(initial=0)) - origin + 2
        keys = np.sort(group[self.theirs] * span + (self.time[self.theirs] - origin))
        wanted = group[messages] * span + (self.time[messages] - origin)
        return np.searchsorted(keys, (group[messages] + 1) * span) - np.searchsorted(keys, wanted, side="right")


def _places(sorted_: Ints, wanted: Ints) -> Ints:
    """Where each wanted number stands, one past the end where it does not."""
    place = np.searchsorted(sorted_, wanted)
    found = place < len(sorted_)
    found[found] = sorted_[place[found]] == wanted[found]
    return np.where(found, place, len(sorted_))


def _number(column: Ints) -> Labels:
    return np.where(column == MISSING, np.nan, column / FIXED_POINT)
