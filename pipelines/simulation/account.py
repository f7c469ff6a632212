"""What the other systems write down in a week: contracts, bills and offers, and how the product is used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.simulation.draws import Floats, Ints, Mask
from tenure.pipelines.simulation.hazard import causes
from tenure.pipelines.simulation.parameters import Parameters
from tenure.pipelines.simulation.people import YEAR, People
from tenure.pipelines.simulation.rows import CODES, INBOUND, OUTBOUND, REASONS, Rows, code
from tenure.pipelines.simulation.weeks import WEEK, Week, price_of, renews_in

MONTH = YEAR / 12
NOON = 0.5
SESSIONS = 3
"""Rows of usage a week at the most; each says how often the product was used in a part of the week."""

HELP = ("help_viewed", "help_searched", "help_search_failed", "self_service", "visit")
CLEAR = 0.25
"""A cause that adds less than this to the log-hazard is not what people say when they leave."""


@dataclass(frozen=True)
class Account:
    """The customers of a week as the other systems see them; `chance` gives whatever else is random."""

    week: Week
    people: People
    parameters: Parameters
    left: Floats
    chance: np.random.Generator

    @property
    def _start(self) -> float:
        return float(WEEK * self.week.number)

    @property
    def _present(self) -> Mask:
        return self.week.active & (self.left > self._start)

    def usage(self, uses: Ints) -> list[Rows]:
        """Parts of the week with what was used in each, and visits to the help pages."""
        found = []
        by_app = np.where(self.people.troubled < 0.7, *(code("channel", word, len(uses)) for word in ("app", "web")))
        for part in range(SESSIONS):
            amount = (uses + part) // SESSIONS
            held = np.flatnonzero((amount > 0) & self._present)
            day = self._start + (part + self.chance.random(len(held))) * WEEK / SESSIONS
            columns: dict[str, NDArray] = {"channel": by_app[held], "amount": amount[held].astype(np.float64)}
            found.append(Rows("usage", held, day, columns))
        helped = self._some(0.06)
        which = self.chance.integers(0, len(HELP), len(helped))
        day = self._any_day(len(helped))
        for place, kind in enumerate(HELP):
            mine = which == place
            columns = {"channel": code("channel", "portal", int(mine.sum()))}
            found.append(Rows(kind, helped[mine], day[mine], columns))
        return found

    def billing(self) -> list[Rows]:
        """Contracts signed, renewed and ended, prices, payments, purchases and offers."""
        return [*self._contracts(), *self._prices(), *self._payments(), *self._offers(), self._cancellations()]

    def _contracts(self) -> list[Rows]:
        price, signed = price_of(self.people, self.week.feeling), self.people.signed
        begun = (signed >= self._start) & (signed < self._start + WEEK)
        new = np.flatnonzero(begun | (signed < 0) if self.week.number == 0 else begun)
        columns = {"amount": price[new], "plan": self.week.feeling.plan[new]}
        days = renews_in(self.people, self.week.number)
        due = np.flatnonzero(self.week.announced & self._present)
        told = self._start + np.minimum(self.chance.random(len(due)) * WEEK, 6.5)
        today = days % YEAR
        renewed = np.flatnonzero(self._present & (today < WEEK))
        after = price_of(self.people, self.week.after)
        return [
            Rows("signup", new, signed[new] + 10 / 24, columns),
            Rows("renewal_due", due, told, self._sent(len(due)) | {"due": self._start + days[due]}),
            Rows("renewal", renewed, self._start + today[renewed] + 8 / 24, {"amount": after[renewed]}),
        ]

    def _prices(self) -> list[Rows]:
        after = price_of(self.people, self.week.after)
        raised = np.flatnonzero((self.week.raised > 0) & self._present)
        day = self._start + 6.6 + 0.3 * self.chance.random(len(raised))
        angry = self.chance.random(len(raised)) < 0.08
        disputed = day + 1 + 5 * self.chance.random(len(raised))
        moved = np.flatnonzero((self.week.feeling.plan != self.week.after.plan) & self._present)
        plans = {
            "amount": after[moved],
            "plan": self.week.after.plan[moved],
            "channel": code("channel", "portal", len(moved)),
        }
        dispute = {"channel": code("channel", "email", len(raised)), "direction": np.full(len(raised), INBOUND)}
        refund = {"amount": np.round(after[raised] * 0.5, 2)}
        return [
            Rows("price_changed", raised, day, self._sent(len(raised)) | {"amount": after[raised]}),
            Rows("dispute", raised, disputed, dispute).where(angry),
            Rows("refund", raised, disputed + 4, refund).where(angry & (self.chance.random(len(raised)) < 0.5)),
            Rows("plan_changed", moved, self._any_day(len(moved)), plans),
        ]

    def _payments(self) -> list[Rows]:
        age = self._start - self.people.signed
        months = np.floor((age + WEEK) / MONTH)
        due = np.flatnonzero(self._present & (months > np.floor(age / MONTH)))
        day = self.people.signed[due] + months[due] * MONTH + 0.25
        price = price_of(self.people, self.week.feeling)[due]
        failed = self.chance.random(len(due)) < 0.02
        bought = self._some(0.03)
        spent = np.round(np.exp(2.5 + 0.6 * self.chance.standard_normal(len(bought))), 2)
        product = self.chance.integers(0, len(CODES["product_id"]), len(bought))
        extra: dict[str, NDArray] = {
            "amount": spent,
            "product_id": product,
            "channel": code("channel", "web", len(bought)),
        }
        return [
            Rows("payment", due, np.where(failed, day + 3, day), {"amount": price}),
            Rows("payment_failed", due, day, {"amount": price}).where(failed),
            Rows("purchase", bought, self._any_day(len(bought)), extra),
        ]

    def _offers(self) -> list[Rows]:
        rate = np.full(len(self.people), 0.01)
        if self.parameters.records.choosy:
            rate = np.where(self.week.feeling.trouble >= 0.7, 0.15, 0.003)
        offered, day = self._some(rate), self._start + 6.5
        days = day + 0.4 * self.chance.random(len(offered))
        taken = self.chance.random(len(offered)) < 0.25
        mailed = self._some(0.05 * self.people.consent)
        answer = {"channel": code("channel", "email", len(offered)), "direction": np.full(len(offered), INBOUND)}
        return [
            Rows("offer_made", offered, days, self._sent(len(offered))),
            Rows("offer_accepted", offered, days + 2, answer).where(taken),
            Rows("campaign_sent", mailed, self._any_day(len(mailed)), self._sent(len(mailed))),
        ]

    def _cancellations(self) -> Rows:
        gone = np.flatnonzero((self.left >= self._start) & (self.left < self._start + WEEK))
        found = causes(self.parameters, self.people, self.week.feeling, self.week.number)
        parts = np.array([found[name][gone] for name in ("service", "use", "price", "life")])
        told = self.chance.random(len(gone)) < 0.6
        clear = told & (parts.max(axis=0) >= CLEAR) if len(gone) else told
        reason = np.where(clear, parts.argmax(axis=0), len(REASONS) - 1)
        late = self.parameters.records.late_outcomes_days * self.chance.random(len(gone))
        columns = {"reason": reason, "channel": code("channel", "portal", len(gone))}
        return Rows("cancellation", gone, self.left[gone], columns, late)

    def _sent(self, size: int) -> dict[str, NDArray]:
        return {"channel": code("channel", "email", size), "direction": np.full(size, OUTBOUND)}

    def _some(self, rate: float | NDArray) -> Ints:
        return np.flatnonzero(self._present & (self.chance.random(len(self.people)) < rate))

    def _any_day(self, size: int) -> Floats:
        return self._start + np.floor(WEEK * self.chance.random(size)) + (7 + 14 * self.chance.random(size)) / 24
