"""What acting earlier costs: customers scored some days before a date, by models that knew no more than was known then.

An origin and its window of events stay the same, whatever the lead. With a lead of L days the customers are scored L
days before the origin, by a model that learned until then, from labels that had come to pass by then, the outcome with
L days more of lead. The customers are the same at every lead; see `tenure.pipelines.proof.lead_roster`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd

from tenure.models.bootstrap import Bootstrap, Interval, mean_over
from tenure.models.odds import Floats
from tenure.models.verdict import Tested
from tenure.pipelines.examples.cutoffs import training_cutoffs
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.outcomes.earlier import asked_earlier
from tenure.pipelines.proof.backtest import (
    SMALL_ROWS,
    NothingToTest,
    drawn_of,
    heat_of,
    learned_until,
    require_origins,
    values_at,
)
from tenure.pipelines.proof.heats import run_heats
from tenure.pipelines.proof.lead_roster import Counts, Roster, rosters

DAYS = (7, 14, 28)
"""The leads that are tried beside the day itself where nothing else is asked for."""

AUC_MARGIN, PRECISION_MARGIN = 0.01, 0.02
"""What acting earlier may cost: ROC AUC, and precision at capacity.

Twice the ROC AUC that age may cost a model, for age brings nothing and time to act does; and two contacts of a hundred
that go to somebody who would have stayed. The ROC AUC is that of whoever can be reached: those who cannot, at the
bottom of every ranking, would make every difference smaller, the more so the longer the longest lead tried is.
"""

REACHED = "roc_auc_reached"
"""ROC AUC of those about whom a list can be right or wrong; `roc_auc` is that of all, the missed at the bottom."""

ON_THE_DAY, RECENCY = "0", "recency"

OF_PROBABILITIES = ("brier", "log_loss", "calibration_error", "calibration_in_the_large", "calibration_slope")
"""Metrics that ask whether a probability was right; of those whom no list could reach nobody had given one."""

T = TypeVar("T")


class Said(NamedTuple):
    """What the model of an origin and a lead said of the people of the roster, and what is lost with all of them."""

    predicted: pd.DataFrame
    values: Floats


@dataclass(frozen=True)
class Lead:
    """Lists made some days before each of the same origins, about the same people.

    `drawn` has a "model" a lead, named by its days, and days since last as of the day itself; means over `origins`.
    Rankings are judged with those whom no list could reach at the bottom of each; `REACHED` and what asks whether a
    probability was right, without them.
    `left_out` are origins at which there was too little to learn from for the longest lead.
    """

    study: Study
    origins: tuple[dt.date, ...]
    left_out: tuple[dt.date, ...]
    days: tuple[int, ...]
    counts: Counts
    drawn: Bootstrap

    def cost(self, days: int, metric: str) -> Interval:
        """The figure of so many days ahead minus that of the day itself, paired by person."""
        return self.drawn.difference(str(days), ON_THE_DAY, metric)

    def too_costly(self, days: int) -> bool:
        """Whether acting so many days ahead costs more than the margins, beyond noise."""
        area, precision = self.cost(days, REACHED), self.cost(days, "precision_at_capacity")
        return any(
            cost.value < -margin and cost.high < 0.0
            for cost, margin in ((area, AUC_MARGIN), (precision, PRECISION_MARGIN))
        )

    @property
    def act_ahead(self) -> int:
        """The most days ahead before the first that cost too much; 0 where the fewest do already."""
        affordable = 0
        for days in self.days:
            if self.too_costly(days):
                return affordable
            affordable = days
        return affordable


def lead_study(
    study: Study,
    origins: Sequence[dt.date],
    *,
    days: Sequence[int] = DAYS,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Lead:
    """Test lists made so many days before every origin, and on the day itself.

    Raises `NothingToTest` where no origin has enough history for the longest lead, or people who are compared.
    """
    require_origins(study, origins)
    leads = (0, *sorted(set(days)))
    for origin in origins:
        study.require_mature(origin)
    enough = [o for o in sorted(origins) if _cutoffs(study, o, leads[-1], max(origins))]
    if not enough:
        raise NothingToTest(
            f"outcome {study.name!r}: before no origin is there enough history to learn what happens after "
            f"{leads[-1]} days more of lead; give fewer days with --days, or later origins"
        )
    found = rosters(study, enough, leads, processes=processes, progress=progress)
    people = {origin: roster for origin, roster in found.items() if roster.tells}
    if not people:
        raise NothingToTest(
            f"outcome {study.name!r}: at none of {len(enough)} origins was anybody asked about at all of {len(leads)} "
            "dates, to some of whom it happened and to some not; give fewer days with --days"
        )
    said = {lead: _said(study, people, lead, processes, progress) for lead in leads}
    tested = {o: _tested(o, people[o], said) for o in people if all(o in given for given in said.values())}
    if not tested:
        raise NothingToTest(
            f"outcome {study.name!r}: at no origin could a model be fitted for each of {len(leads)} leads; give fewer "
            "days with --days, or later origins"
        )
    universe = np.unique(np.concatenate([people[o].rows["customer_id"].to_numpy(dtype=str) for o in tested]))
    drawn = mean_over([_drawn(study, what, people[o], universe) for o, what in tested.items()])
    counts = sum((people[o].counts for o in tested), Counts())
    return Lead(study, tuple(tested), tuple(o for o in sorted(origins) if o not in tested), leads[1:], counts, drawn)


def _cutoffs(study: Study, origin: dt.date, lead: int, anchor: dt.date) -> list[dt.date]:
    """The cut-offs that the model of an origin and a lead learns from."""
    earlier = dt.timedelta(lead)
    asked = replace(study, outcome=asked_earlier(study.outcome, lead))
    return training_cutoffs(asked, learned_until(study, origin - earlier), anchor - earlier)


def _said(
    study: Study,
    people: Mapping[dt.date, Roster],
    lead: int,
    processes: int | None,
    progress: Progress | None,
) -> dict[dt.date, Said]:
    """What was said so many days before each origin; one is missing where there was too little to learn from."""
    asked = replace(study, outcome=asked_earlier(study.outcome, lead))
    days = {origin: origin - dt.timedelta(lead) for origin in people}
    until = {origin: learned_until(study, day) for origin, day in days.items()}
    cutoffs = {day for origin in people for day in _cutoffs(study, origin, lead, max(people))}
    knowledge = set(until.values())
    examples = build_examples(
        asked, cutoffs | set(days.values()), knowledge=knowledge, processes=processes, progress=progress
    )
    by_knowledge: dict[dt.date, list[dt.date]] = {}
    for origin, known in until.items():
        by_knowledge.setdefault(known, []).append(origin)
    rows = {o: _rows(examples, people[o].reached, days[o], until[o]) for o in people}
    heats = [partial(heat_of, asked, examples, known, [rows[o] for o in some]) for known, some in by_knowledge.items()]
    if len(examples.frame) < SMALL_ROWS:
        processes = 1
    found: dict[dt.date, Said] = {}
    for some, (predictions, _) in zip(
        by_knowledge.values(), run_heats(heats, processes, progress, study.cache), strict=True
    ):
        for origin, predicted in zip(some, predictions, strict=False):
            found[origin] = Said(predicted, _values(study, examples, people[origin].rows, days[origin], until[origin]))
    return found


def _rows(examples: Examples, wanted: pd.DataFrame, day: dt.date, known: dt.date) -> pd.DataFrame:
    """The examples of some people as of a day, in their order."""
    return examples.at(day, known).set_index("unit_id").reindex(wanted["unit_id"]).reset_index()


def _values(study: Study, examples: Examples, wanted: pd.DataFrame, day: dt.date, known: dt.date) -> Floats:
    rows = _rows(examples, wanted, day, known)
    return values_at(study, day, rows.assign(customer_id=wanted["customer_id"]))


def _tested(origin: dt.date, roster: Roster, said: Mapping[int, Mapping[dt.date, Said]]) -> Tested:
    """The predictions of all leads at an origin.

    What is lost with each is what was known of it at the earliest date, for every lead alike, so that profits differ
    by nothing but the predictions. Whom no list could reach stands at the bottom of every ranking.
    """
    columns = {str(lead): found[origin].predicted["risk"].to_numpy() for lead, found in said.items()}
    columns[RECENCY] = said[0][origin].predicted["recency"].to_numpy()
    rows, reached = roster.rows, ~roster.rows["missed"].to_numpy()
    predictions = pd.DataFrame({name: np.zeros(len(rows)) for name in columns})
    predictions.loc[reached, list(columns)] = np.column_stack(list(columns.values()))
    persons = rows["customer_id"].to_numpy(dtype=str)
    return Tested(origin.isoformat(), persons, rows["label"], predictions, said[max(said)][origin].values)


def _where(tested: Tested, chosen: np.ndarray) -> Tested:
    persons, labels, values = (np.asarray(held)[chosen] for held in (tested.persons, tested.labels, tested.values))
    return Tested(tested.as_of, persons, labels, tested.predictions.loc[chosen].reset_index(drop=True), values)


def _drawn(study: Study, tested: Tested, roster: Roster, universe: np.ndarray) -> Bootstrap:
    """The metrics of an origin: of rankings on everybody, of probabilities on whoever had been given one."""
    everybody = drawn_of(study, tested, universe)
    reached = ~roster.rows["missed"].to_numpy()
    given = everybody if reached.all() else drawn_of(study, _where(tested, reached), universe)
    return Bootstrap(_joined(everybody.values, given.values), _joined(everybody.draws, given.draws))


def _joined(ranked: dict[str, dict[str, T]], given: dict[str, dict[str, T]]) -> dict[str, dict[str, T]]:
    """The figures of every model: those of probabilities from `given`, all others from `ranked`."""
    return {
        model: figures | {name: given[model][name] for name in OF_PROBABILITIES} | {REACHED: given[model]["roc_auc"]}
        for model, figures in ranked.items()
    }
