"""What support writes down of the cases of a week, from the first contact to the survey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tenure.pipelines.simulation.draws import Floats, Ints, Mask
from tenure.pipelines.simulation.messages import Words
from tenure.pipelines.simulation.parameters import Records
from tenure.pipelines.simulation.people import People
from tenure.pipelines.simulation.rows import AGENTS, CHANNEL, INBOUND, OUTBOUND, TEAMS, Rows
from tenure.pipelines.simulation.weeks import WEEK, Week

HOUR = 1 / 24
SHARES = {
    "phone": 26.0, "email": 26.0, "chat": 16.0, "sms": 3.0, "social": 3.0, "letter": 1.0, "fax": 0.5,
    "in_person": 1.5, "video": 2.0, "web": 8.0, "app": 5.0, "portal": 4.0, "bot": 4.0,
}  # fmt: skip
"""How many of a hundred cases begin on each channel."""

QUEUES = ("phone", "chat", "video", "in_person")
"""Channels on which one waits in a queue that counts seconds."""

PAPER = ("letter", "fax")
PAPER_DAYS = 3.0
"""Days until what came on paper is known."""


@dataclass(frozen=True)
class Desk:
    """The cases of a week as support sees them; `chance` gives whatever else is random."""

    week: Week
    people: People
    words: Words
    name: Ints
    chance: np.random.Generator
    first_case: int
    records: Records

    def rows(self) -> list[Rows]:
        """All rows of the cases, also those of days after the week."""
        cases, size = self.week.cases, len(self.week.cases.customer)
        edges = np.cumsum([SHARES[name] for name in CHANNEL])
        channel = np.searchsorted(edges / edges[-1], self.chance.random(size), side="right")
        begin = WEEK * self.week.number + self._any(0, 7).astype(np.int64) + self._any(7, 20) * HOUR
        queue = np.where(cases.slow, self._any(16, 60), self._any(0.1, 3)) * HOUR
        reply = begin + queue + self._any(0.1, 2) * HOUR
        promise = reply + 2 * HOUR
        due = promise + self._any(24, 96) * HOUR
        back = np.where(cases.broken, due + self._any(24, 240) * HOUR, due - self._any(1, 12) * HOUR)
        cared = reply + self._any(12, 30) * HOUR
        ends = np.maximum(np.where(cases.promised, back, reply + 6 * HOUR), np.where(cases.passed_on, cared, 0))
        solved = ends + self._any(0.5, 3) * HOUR
        again = solved + self._any(24, 120) * HOUR
        last = np.where(cases.reopened, again + self._any(20, 60) * HOUR, solved)
        agents = (np.arange(size) * 7 + self.first_case) % AGENTS, self._any(0, AGENTS).astype(np.int64)
        ours = {"direction": OUTBOUND, "agent": agents[0]}
        grave, everybody = cases.felt >= 1.0, np.ones(size, dtype=bool)
        bad_from = np.clip(0.1 + 0.3 * self.week.feeling.trouble[cases.customer], 0, 0.75)
        bot, queued = np.isin(channel, _codes("bot")), np.isin(channel, _codes(*QUEUES))
        waited = np.where(queued, np.where(cases.slow, self._any(900, 3000), self._any(5, 240)), np.nan)

        def made(kind: str, mask: Mask, day: Floats, **more: object) -> Rows:
            return self._row(kind, mask, day, channel, more)

        told = self._said(everybody, bad_from)
        return [
            made("contact_opened", everybody, begin, direction=INBOUND, wait_seconds=waited),
            made("message_in", everybody, begin + 0.02 * HOUR, direction=INBOUND, text=told),
            made("bot_handover", bot, begin + 0.05 * HOUR, direction=OUTBOUND),
            made("assigned", everybody, begin + queue, **ours),
            made("message_out", everybody, reply, **ours, text=self._answer(cases.slow), handle_seconds=self._work()),
            made("assigned", cases.passed_on, reply + HOUR, direction=OUTBOUND, agent=agents[1]),
            made("followed_up", cases.passed_on & ~cases.left_alone, cared, direction=OUTBOUND, agent=agents[1]),
            made("escalated", cases.escalated, reply + 1.5 * HOUR, **ours),
            made("callback_promised", cases.promised, promise, **ours, due=due),
            made("message_in", cases.broken & self._share(0.6), due + 10 * HOUR, direction=INBOUND, text=self._cross()),
            made("followed_up", cases.promised, back, **ours),
            made("complaint", grave & self._share(0.3), solved - 0.2 * HOUR, direction=INBOUND, text=self._cross()),
            made("resolved", everybody, solved, **ours),
            made("reopened", cases.reopened, again, direction=INBOUND),
            made("message_in", cases.reopened, again + 0.02 * HOUR, direction=INBOUND, text=self._cross()),
            made("message_out", cases.reopened, again + 4 * HOUR, **ours, text=self._answer(cases.reopened)),
            made("resolved", cases.reopened, last, **ours),
            *self._survey(made, last, grave),
        ]

    def _survey(self, made: Callable[..., Rows], last: Floats, grave: Mask) -> list[Rows]:
        felt = self.week.cases.felt
        asked = self._share(0.5)
        willing = np.where(grave, 0.08, 0.5) if self.records.choosy else np.full(len(felt), 0.4)
        answered = asked & (self.chance.random(len(felt)) < willing)
        rating = np.clip(0.85 - 0.35 * felt + 0.2 * self.chance.standard_normal(len(felt)), 0, 1)
        return [
            made("survey_sent", asked, last + 24 * HOUR, direction=OUTBOUND),
            made(
                "survey_answered",
                answered,
                last + self._any(26, 90) * HOUR,
                direction=INBOUND,
                rating=np.round(4 * rating) / 4,
            ),
        ]

    def _row(self, kind: str, mask: Mask, day: Floats, channel: Ints, more: dict[str, object]) -> Rows:
        size = len(day)
        columns: dict[str, Ints | Floats] = {"channel": channel, "case": self.first_case + np.arange(size)}
        for name, given in more.items():
            column = np.broadcast_to(np.asarray(given), (size,))
            if name == "agent":
                columns |= {"agent_id": column, "team_id": column % TEAMS}
            else:
                columns[name] = column
        if self.records.weekly_support:
            late = WEEK * np.ceil(day / WEEK) - day
        else:
            late = np.where(np.isin(channel, _codes(*PAPER)), PAPER_DAYS, 0.0)
        return Rows(kind, self.week.cases.customer, day, columns, late).where(mask)

    def _said(self, mask: Mask, bad: Floats) -> Ints:
        """A text of the customer: bad in this share of the cases, else good or middling."""
        chance = self.chance.random(len(mask))
        mood = np.where(chance < bad, 2, np.where(chance < bad + 0.5 * (1 - bad), 1, 0))
        return self.words.of_customers(self._language, mood, self.chance.random(len(mask)))

    def _cross(self) -> Ints:
        size = len(self.week.cases.customer)
        return self._said(np.ones(size, dtype=bool), np.full(size, 0.8))

    def _answer(self, sorry: Mask) -> Ints:
        apologetic = self.chance.random(len(sorry)) < np.where(sorry, 0.7, 0.15)
        name = self.name[self.week.cases.customer]
        return self.words.of_agents(self._language, name, apologetic, self.chance.random(len(sorry)))

    @property
    def _language(self) -> Ints:
        return self.people.language[self.week.cases.customer]

    def _work(self) -> Floats:
        return np.round(self._any(60, 1500))

    def _any(self, low: float, high: float) -> Floats:
        return low + (high - low) * self.chance.random(len(self.week.cases.customer))

    def _share(self, rate: float) -> Mask:
        return self.chance.random(len(self.week.cases.customer)) < rate


def _codes(*names: str) -> list[int]:
    return [CHANNEL.index(name) for name in names]
