"""The truth about customers on a date: how likely they leave, with a contact and without, and by which causes."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from tenure.pipelines.simulation.contacts import Contacts, hazard_in_week
from tenure.pipelines.simulation.draws import Draws, Floats, Ints
from tenure.pipelines.simulation.hazard import causes, log_hazard, response
from tenure.pipelines.simulation.parameters import Parameters
from tenure.pipelines.simulation.people import LANGUAGES, PLANS, SEGMENTS, People, customer_id
from tenure.pipelines.simulation.weeks import WEEK, Feeling, live_a_week, price_of


@dataclass(frozen=True)
class Futures:
    """Where customers stand on the Monday that begins a week, from which many futures go on."""

    parameters: Parameters
    people: People
    feeling: Feeling
    contacts: Contacts
    seed: int
    week: int

    def of(self, rows: Ints) -> Futures:
        """The same for some of the customers."""
        people = People(*(getattr(self.people, field.name)[rows] for field in fields(People)))
        feeling, contacts = self.feeling.of(rows), self.contacts.of(rows)
        return Futures(self.parameters, people, feeling, contacts, self.seed, self.week)

    def risks(self, *, weeks: int, futures: int) -> tuple[Floats, Floats]:
        """Probabilities to leave within so many weeks, without a contact now and with one."""
        everybody = np.arange(len(self.people))
        day = np.full(len(self.people), float(WEEK * self.week))
        moved = response(self.parameters, self.people, self.feeling)
        contacted = self.contacts.joined(everybody, day, moved, lasting=self.parameters.response.days)
        stays = [np.zeros(len(self.people)), np.zeros(len(self.people))]
        for future in range(1, futures + 1):
            sums = self._hazards(future, weeks, (self.contacts, contacted))
            for total, hazard in zip(stays, sums, strict=True):
                total += np.exp(-hazard)
        return 1 - stays[0] / futures, 1 - stays[1] / futures

    def _hazards(self, future: int, weeks: int, arms: tuple[Contacts, Contacts]) -> list[Floats]:
        draws = Draws(self.seed, len(self.people), course=future)
        feeling, sums = self.feeling, [np.zeros(len(self.people)) for _ in arms]
        for week in range(self.week, self.week + weeks):
            hazard = np.exp(log_hazard(self.parameters, causes(self.parameters, self.people, feeling, week)))
            for total, contacts in zip(sums, arms, strict=True):
                total += hazard_in_week(hazard, contacts, start=float(WEEK * week))
            if week < self.week + weeks - 1:
                feeling = live_a_week(self.parameters, self.people, feeling, draws, week).after
        return sums


def state_frame(everybody: Futures, rows: Ints, *, weeks: int, futures: int) -> pd.DataFrame:
    """The columns of `World.at`, a row for each of the customers with these numbers."""
    course = everybody.of(rows)
    people, feeling = course.people, course.feeling
    found = causes(course.parameters, people, feeling, course.week)
    risk, contacted = course.risks(weeks=weeks, futures=futures)
    price = price_of(people, feeling)
    named = {
        "plan": np.array([plan.name for plan in PLANS])[feeling.plan],
        "segment": np.array(SEGMENTS)[people.segment],
        "language": np.array(LANGUAGES)[people.language],
    }
    return pd.DataFrame(
        {
            "customer_id": [customer_id(number) for number in rows.tolist()],
            "risk": risk,
            "risk_if_contacted": contacted,
            "saved": risk - contacted,
            "log_hazard": log_hazard(course.parameters, found),
            **{f"cause_{name}": column for name, column in found.items()},
            "response": response(course.parameters, people, feeling),
            "value": np.round(12 * price, 2),
            "price": price,
            **named,
            "age_days": WEEK * course.week - people.signed,
        }
    )
