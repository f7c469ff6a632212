"""Remarks on flags beside what came of them: was the flag wrong, and does who says so know more than the model?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import NamedTuple

import pandas as pd

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.work import describe_history
from tenure.pipelines.features.column import Fitted
from tenure.pipelines.lake.buckets import bucket_of
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.store.feedback import Feedback

CLAIMS = {"over": 0, "stays": 0, "pauses": 0, "gone": 1}
"""What reasons say the label will be; that something shown is not true says nothing of it."""


class Remark(NamedTuple):
    """A remark, the label of its score where that is known by now, and whether the remark was right, where it says."""

    said: Feedback
    label: int | None

    @property
    def right(self) -> bool | None:
        """Whether it came as the remark says."""
        claim = CLAIMS.get(self.said.why)
        return None if claim is None or self.label is None else claim == self.label


@dataclass(frozen=True)
class Tally:
    """The remarks of one reason.

    `known` are those whose label is known; to `happened` of them the outcome happened, where the scores they were
    about had said `expected`. `right` are the remarks that were right, of those that say what will come.
    """

    why: str
    remarks: int
    bands: dict[str, int]
    known: int
    happened: int
    expected: float | None
    right: int | None


def judge_remarks(study: Study, remarks: Sequence[Feedback]) -> list[Remark]:
    """Join remarks with the labels of the scores they are about, as of the same midnight.

    A customer with several units has the label 1 where it happened to any that was asked about.
    """
    mature = {r for r in remarks if label_end(study.outcome, dt.date.fromisoformat(r.as_of)) <= study.watermark}
    known = _labels(study, mature)
    return [Remark(said, known.get((said.customer_id, said.as_of)) if said in mature else None) for said in remarks]


def tallies(remarks: Iterable[Remark]) -> list[Tally]:
    """Count remarks by reason, the most frequent first."""
    by_why: dict[str, list[Remark]] = {}
    for remark in remarks:
        by_why.setdefault(remark.said.why, []).append(remark)
    found = [_tally(why, those) for why, those in by_why.items()]
    return sorted(found, key=lambda one: (-one.remarks, one.why))


def _tally(why: str, those: Sequence[Remark]) -> Tally:
    bands: dict[str, int] = {}
    for remark in those:
        band = remark.said.band or "none"
        bands[band] = bands.get(band, 0) + 1
    known = [remark for remark in those if remark.label is not None]
    expected = [remark.said.probability for remark in known if remark.said.probability is not None]
    right = sum(remark.right is True for remark in known) if why in CLAIMS and known else None
    return Tally(
        why=why,
        remarks=len(those),
        bands=bands,
        known=len(known),
        happened=sum(remark.label == 1 for remark in known),
        expected=fmean(expected) if expected else None,
        right=right,
    )


def _labels(study: Study, remarks: Iterable[Feedback]) -> dict[tuple[str, str], int]:
    """The labels of customers by midnight, of those who were asked about then; no feature is computed."""
    wanted = {(said.customer_id, said.as_of) for said in remarks}
    recipe = study.recipe(Fitted(frozenset()))
    none = recipe.settings.model_copy(update={"families": (), "modules": ()})
    cutoffs = tuple(sorted({dt.date.fromisoformat(day) for _, day in wanted}))
    task = Task(replace(recipe, settings=none), study.outcome, cutoffs, mature_by=study.watermark)
    by_bucket: dict[int, set[str]] = {}
    for customer, _ in wanted:
        by_bucket.setdefault(bucket_of(customer, study.snapshot.buckets), set()).add(customer)
    found: dict[tuple[str, str], int] = {}
    for bucket, customers in sorted(by_bucket.items()):
        chosen = customers if study.outcome.unit == "customer" else None  # contracts may be shared
        history = task.recipe.history(*task.recipe.tables(bucket, chosen))
        for key, label in _told(describe_history(task, history).frame):
            if key in wanted:
                found[key] = max(label, found.get(key, 0))
    return found


def _told(frame: pd.DataFrame) -> list[tuple[tuple[str, str], int]]:
    known = frame.loc[frame["label"].notna(), ["customer_id", "as_of", "label"]]
    days = known["as_of"].dt.strftime("%Y-%m-%d")
    return [((c, d), int(x)) for c, d, x in zip(known["customer_id"], days, known["label"], strict=True)]
