"""`tenure compare`: two registered models on the same later rows, or on both labels where their definitions differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tenure.models.bootstrap import Bootstrap, bootstrap, mean_over
from tenure.models.comparison import (
    Difference,
    Pair,
    auc_difference,
    listed,
    loss_difference,
    profit_difference,
    realised_difference,
)
from tenure.models.metrics import measure
from tenure.models.profit import Stakes, realised_profit
from tenure.pipelines.decisions.worth import terms_of
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.promotion.fresh import NothingFresh, require_fresh, said_by
from tenure.pipelines.promotion.pairing import pair_artefacts, values
from tenure.pipelines.registry import Registered
from tenure.pipelines.scoring.model import ScoringModel

SCHEMA = 1


class Contender(NamedTuple):
    """A registered model, opened."""

    registered: Registered
    model: ScoringModel

    def about(self) -> dict[str, Any]:
        """What it is, as plain data."""
        question = self.model.question
        return {
            "model": self.registered.label,
            "learned_until": self.model.learned_until.isoformat(),
            "verdict": self.model.verdict,
            "definition": definition(question.name, question.outcome),
        }


def compare(study: Study, one: Contender, other: Contender, progress: Progress | None = None) -> dict[str, Any]:
    """The comparison as plain data; `fresh` says why there are no figures where no later labels are known."""
    same = one.model.question.outcome == other.model.question.outcome
    content: dict[str, Any] = {
        "schema": SCHEMA, "outcome": study.name, "one": one.about(), "other": other.about(), "same_definition": same,
        "capacity": study.project.economics.capacity, "dates": [], "fresh": None,
    }  # fmt: skip
    asked = replace(study, outcome=one.model.question.outcome)
    learned = max(one.model.learned_until, other.model.learned_until)
    try:
        dates = require_fresh(asked, learned, [one.registered.label, other.registered.label])
        if same:
            pairs = pair_artefacts(asked, one.model, other.model, dates, progress).pairs
            return content | same_definition(asked, [pair for pair in pairs if pair.usable])
        theirs = replace(study, outcome=other.model.question.outcome)
        known = set(require_fresh(theirs, learned, [one.registered.label, other.registered.label]))
        longer = dates if len(dates) <= len(known) else sorted(known)
        both = [day for day in longer if _mature(asked, day) and _mature(theirs, day)]
        return content | two_definitions(asked, theirs, one.model, other.model, both, progress)
    except NothingFresh as error:
        return content | {"fresh": str(error)}


def same_definition(study: Study, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Every metric of both, one minus other with its interval by person, and how much of the lists is the same."""
    if not pairs:
        return {"fresh": "at none of the later dates did it happen to some and not to others"}
    drawn = _drawn(study, pairs)
    differences = {
        "roc_auc": auc_difference(pairs),
        "average_precision": _redrawn(drawn, "average_precision"),
        "brier": loss_difference(pairs, squared=True),
        "log_loss": loss_difference(pairs),
        "calibration_error": _redrawn(drawn, "calibration_error"),
        "expected_profit": profit_difference(pairs),
        "realised_profit": realised_difference(pairs),
    }
    return {
        "dates": [pair.as_of for pair in pairs],
        "customers": int(sum(len(pair.labels) for pair in pairs)),
        "positives": int(sum(pair.labels.sum() for pair in pairs)),
        "differences": {name: _plain(found) for name, found in differences.items()},
        "overlap_at_capacity": round(float(np.mean([_overlap(pair) for pair in pairs])), 4),
        "correlation": round(float(np.mean([_correlation(pair) for pair in pairs])), 4),
    }


def two_definitions(
    study: Study,
    theirs: Study,
    one: ScoringModel,
    other: ScoringModel,
    dates: Sequence[dt.date],
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Both models on both labels, over the units that both definitions ask about, with as many contacts each.

    A list that finds more of the other label may still be the worse one: a label is what one wants to prevent. The
    money at the cut is what the contacts would have brought, had the label in question been the loss.
    """
    ours, others = said_by(study, one, dates, progress), said_by(theirs, other, dates, progress)
    keys = ["unit_id", "customer_id", "as_of"]
    joined = ours.merge(others[[*keys, "label", "probability"]], on=keys, suffixes=("", "_other"))
    joined = joined.loc[joined["label"].notna() & joined["label_other"].notna()].reset_index(drop=True)
    labels = {"one": "label", "other": "label_other"}
    said = {"one": "probability", "other": "probability_other"}
    parts = [joined.loc[joined["as_of"] == pd.Timestamp(day)].reset_index(drop=True) for day in dates]
    parts = [rows for rows in parts if len(rows)]
    if not parts:
        return {"fresh": "no unit is asked about by both definitions at the later dates"}
    economics = study.project.economics
    figures: dict[str, dict[str, dict[str, float | None]]] = {model: {} for model in said}
    for model, column in said.items():
        for name, label in labels.items():
            rows = [_on_label(study, part, part[column], part[label]) for part in parts]
            figures[model][name] = {
                key: _number(float(np.nanmean([row[key] for row in rows]))) for key in ("roc_auc", "hits", "money")
            }
    overlap = [_shared(study, part, part["probability"], part["probability_other"]) for part in parts]
    return {
        "dates": [rows["as_of"].iloc[0].date().isoformat() for rows in parts],
        "customers": sum(map(len, parts)),
        "only_one": len(ours) - len(joined),
        "only_other": len(others) - len(joined),
        "positives": {name: int(joined[label].sum()) for name, label in labels.items()},
        "both_positive": int((joined["label"] * joined["label_other"]).sum()),
        "on_labels": figures,
        "overlap_at_capacity": round(float(np.mean(overlap)), 4),
        "room": economics.capacity,
    }


def _mature(study: Study, day: dt.date) -> bool:
    """Whether the labels of a date are known by now."""
    return label_end(study.outcome, day) <= study.watermark


def _on_label(study: Study, rows: pd.DataFrame, said: pd.Series[float], label: pd.Series[float]) -> dict[str, float]:
    stakes = _stakes(study, rows)
    on_list = listed(np.asarray(said, dtype=np.float64), stakes)
    truth = label.to_numpy(dtype=float)
    brought = realised_profit(truth, stakes.values, terms=stakes.terms)
    auc = measure(truth, said.to_numpy(dtype=float), capacity=stakes.capacity)["roc_auc"]
    return {"roc_auc": auc, "hits": float(on_list @ truth), "money": float(on_list @ brought)}


def _shared(study: Study, rows: pd.DataFrame, one: pd.Series[float], other: pd.Series[float]) -> float:
    stakes = _stakes(study, rows)
    lists = [listed(np.asarray(said, dtype=np.float64), stakes) for said in (one, other)]
    return _common(lists[0], lists[1])


def _stakes(study: Study, rows: pd.DataFrame) -> Stakes:
    economics = study.project.economics
    bare = rows.drop(columns=["label_other", "probability_other"])
    lost = np.nan_to_num(values(study, rows["as_of"].iloc[0].date(), bare))
    return Stakes(lost, terms_of(economics), economics.capacity)


def _overlap(pair: Pair) -> float:
    if pair.stakes is None:
        return float("nan")
    return _common(listed(pair.one, pair.stakes), listed(pair.other, pair.stakes))


def _common(one: np.ndarray, other: np.ndarray) -> float:
    """The share of the longer list that is on both."""
    longest = max(one.sum(), other.sum())
    return float(np.minimum(one, other).sum() / longest) if longest else 1.0


def _correlation(pair: Pair) -> float:
    ranks = [pd.Series(said).rank() for said in (pair.one, pair.other)]
    return float(ranks[0].corr(ranks[1]))


def _drawn(study: Study, pairs: Sequence[Pair]) -> Bootstrap:
    settings = study.project.backtest
    universe = np.unique(np.concatenate([pair.persons for pair in pairs]))
    return mean_over(
        [
            bootstrap(
                {"one": pair.one, "other": pair.other}, pair.labels, pair.persons, capacity=settings.capacity,
                replicates=settings.bootstraps, seed=settings.seed, universe=universe,
            )
            for pair in pairs
        ]
    )  # fmt: skip


def _redrawn(drawn: Bootstrap, metric: str) -> Difference:
    gap = drawn.draws["one"][metric] - drawn.draws["other"][metric]
    one, other = drawn.values["one"][metric], drawn.values["other"][metric]
    return Difference(one, other, one - other, float(np.nanstd(gap)))


def _plain(found: Difference) -> dict[str, float | None]:
    interval = found.interval
    named = {"one": found.one, "other": found.other, "difference": found.value, "low": interval.low}
    return {name: _number(value) for name, value in (named | {"high": interval.high}).items()}


def _number(value: float) -> float | None:
    return round(value, 6) if np.isfinite(value) else None
