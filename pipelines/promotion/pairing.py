"""Two models on the same fresh rows, ready to be compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tenure.models.comparison import Pair
from tenure.models.odds import Floats
from tenure.models.profit import Stakes
from tenure.pipelines.decisions.customers import Units
from tenure.pipelines.decisions.worth import terms_of, values_of
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.promotion.fresh import KEYS, said_by
from tenure.pipelines.proof.backtest import BacktestResult, backtest, example_dates, rows_to_test
from tenure.pipelines.proof.slices import divide
from tenure.pipelines.scoring.model import ScoringModel


class NotTheSameRows(ValueError):
    """Two models that should answer the same question do not speak of the same units."""


@dataclass(frozen=True)
class Paired:
    """Pairs, a date each, and for each the group of every row in every division, None where that was not asked for."""

    pairs: tuple[Pair, ...]
    groups: tuple[pd.DataFrame | None, ...]


def pair_artefacts(
    study: Study,
    one: ScoringModel,
    other: ScoringModel,
    dates: Sequence[dt.date],
    progress: Progress | None = None,
    *,
    slices: bool = False,
) -> Paired:
    """Two registered models of one definition. What is lost with a customer is as the features of `one` know it.

    With `slices` the groups are kept that units are in.
    """
    first, second = (said_by(study, model, dates, progress) for model in (one, other))
    first = first.loc[first["label"].notna()].reset_index(drop=True)
    kept, _ = study.untreated(first)
    pairs: list[Pair] = []
    groups: list[pd.DataFrame | None] = []
    for day in sorted(dates):
        rows = kept.loc[kept["as_of"] == pd.Timestamp(day), first.columns].reset_index(drop=True)
        if rows.empty:
            continue
        said, lost = rows["probability"].to_numpy(dtype=float), values(study, day, rows)
        pairs.append(_pair(study, day, rows, said, second, lost))
        groups.append(divide(_units(study, day, rows)) if slices else None)
    return Paired(tuple(pairs), tuple(groups))


def pair_recipe(
    study: Study,
    champion: ScoringModel,
    dates: Sequence[dt.date],
    *,
    column: str,
    result: BacktestResult | None = None,
    examples: Examples | None = None,
    progress: Progress | None = None,
) -> Paired:
    """A candidate's recipe against the champion's artefact, on dates after all the champion has learned from.

    The candidate that would be registered has learned from the labels of these very dates, so it cannot be judged on
    them. Its recipe is: at each date it is fitted, as in the back-test, on what was known before it, and predicts
    what came after it; so does the champion, which has not changed since. Neither has learned from the rows it is
    judged on, both know what was known that day, and the candidate has just the lead in fresher labels that it will
    have when it is served. `column` is what of the race is to be served: `risk`, or `recency` alone.
    """
    held = {} if result is None else {origin.as_of: origin for origin in result.origins if origin.divided is not None}
    if examples is None or not set(dates) <= set(held):
        cutoffs, knowledge = example_dates(study, dates)
        examples = build_examples(study, cutoffs, knowledge=knowledge, progress=progress)
        again = backtest(study, dates, examples=examples, slices=True, progress=progress)
        held = {origin.as_of: origin for origin in again.origins}
    said = said_by(study, champion, dates, progress)
    pairs, groups = [], []
    for day in sorted(set(dates) & set(held)):
        origin = held[day]
        rows = rows_to_test(study, examples, day, origin.learned_until)
        predicted = origin.tested.predictions[column].to_numpy(dtype=float)
        lost = None if origin.tested.values is None else np.asarray(origin.tested.values, dtype=float)
        pairs.append(_pair(study, day, rows, predicted, said, lost))
        groups.append(origin.divided)
    return Paired(tuple(pairs), tuple(groups))


def values(study: Study, day: dt.date, rows: pd.DataFrame) -> Floats:
    """What is lost with each unit, as it was known at a date."""
    return values_of(_units(study, day, rows))


def _units(study: Study, day: dt.date, rows: pd.DataFrame) -> Units:
    figures = rows.drop(columns=[*KEYS, "label", "probability"])
    return Units(study, day, rows[["unit_id", "customer_id"]], figures)


def _pair(study: Study, day: dt.date, rows: pd.DataFrame, one: Floats, said: pd.DataFrame, lost: Floats | None) -> Pair:
    """The rows of a date with what one model predicted, and what the other said of the same units."""
    theirs = said.loc[said["as_of"] == pd.Timestamp(day)].set_index(["unit_id", "customer_id"])["probability"]
    index = pd.MultiIndex.from_frame(rows[["unit_id", "customer_id"]])
    other = theirs.reindex(index).to_numpy(dtype=float)
    missing = np.isnan(other)
    if missing.any():
        first = ", ".join(repr(name) for name in rows["unit_id"][missing].head(3))
        raise NotTheSameRows(
            f"as of {day} the champion says nothing of {int(missing.sum())} of {len(rows)} units that the candidate is "
            f"tested on, first {first}; they answer different questions, so compare them with `tenure compare`"
        )
    economics = study.project.economics
    room = economics.capacity * min(study.sample, 1.0)
    stakes = None if lost is None else Stakes(lost, terms_of(economics), room)
    persons = rows["customer_id"].to_numpy(dtype=str)
    return Pair(day.isoformat(), persons, rows["label"].to_numpy(dtype=float), one, other, stakes)
