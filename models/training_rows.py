"""The examples of a race, checked and turned into arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tenure.models.feature import Feature, feature_matrix
from tenure.models.odds import Floats
from tenure.models.rehearsal import person_codes
from tenure.models.settings import RaceSettings

NEEDED = ("customer_id", "as_of", "label", "label_end")
"""Columns without which there is no race."""


class TooFewExamples(ValueError):
    """There is not enough to learn from: rows, positives, negatives or persons."""


class ExamplesRefused(ValueError):
    """The examples lack a column, or hold a label, weight or date that cannot be used."""


@dataclass(frozen=True)
class TrainingRows:
    """The examples as arrays; `sampling` are the weights given, `weights` also count age."""

    matrix: Floats
    labels: Floats
    sampling: Floats
    weights: Floats
    persons: NDArray[np.int64]


def check_examples(examples: pd.DataFrame, settings: RaceSettings) -> None:
    """Refuse what is malformed (`ExamplesRefused`) and what nothing can be learnt from (`TooFewExamples`)."""
    absent = [name for name in NEEDED if name not in examples]
    if absent:
        raise ExamplesRefused(f"examples need the columns {', '.join(NEEDED)}; missing: {', '.join(absent)}")
    labels = examples["label"].to_numpy(dtype=np.float64, na_value=np.nan)
    _check_values(examples, labels)
    _check_counts(examples, labels, settings)


def training_rows(examples: pd.DataFrame, *, features: tuple[Feature, ...], settings: RaceSettings) -> TrainingRows:
    """Take checked examples apart."""
    labels = examples["label"].to_numpy(dtype=np.float64)
    sampling = np.ones(len(labels))
    if "weight" in examples:
        sampling = examples["weight"].to_numpy(dtype=np.float64)
    weights = sampling * _age_weights(examples["as_of"], settings.half_life_days)
    persons = person_codes(examples["customer_id"])
    return TrainingRows(feature_matrix(examples, features), labels, sampling, weights, persons)


def _check_values(examples: pd.DataFrame, labels: Floats) -> None:
    unknown = ~np.isin(labels, (0.0, 1.0))
    if unknown.any():
        ids = ", ".join(str(name) for name in examples["customer_id"].to_numpy()[unknown][:3])
        raise ExamplesRefused(
            f"every label must be 0 or 1, found {int(unknown.sum())} others (customers {ids}); "
            f"drop the rows whose label is not known"
        )
    for column in ("customer_id", "as_of", "label_end"):
        empty = int(examples[column].isna().sum())
        if empty:
            raise ExamplesRefused(f"column {column} of the examples must be filled, found {empty} empty")
    if "weight" in examples:
        weights = examples["weight"].to_numpy(dtype=np.float64, na_value=np.nan)
        if not ((weights > 0) & np.isfinite(weights)).all():
            raise ExamplesRefused("every weight must be above 0 and finite; leave out rows that shall not count")


def _check_counts(examples: pd.DataFrame, labels: Floats, settings: RaceSettings) -> None:
    counts = {
        "rows": (len(labels), settings.least_rows),
        "positives": (int(labels.sum()), settings.least_positives),
        "negatives": (int(len(labels) - labels.sum()), settings.least_positives),
        "persons": (int(examples["customer_id"].nunique()), settings.least_persons),
    }
    for what, (found, least) in counts.items():
        if found < least:
            raise TooFewExamples(
                f"a model needs at least {least} {what} to learn from, found {found} among {len(labels)} "
                f"examples; widen the outcome or give more history"
            )


def _age_weights(as_of: pd.Series[Any], half_life_days: float | None) -> Floats:
    if half_life_days is None:
        return np.ones(len(as_of))
    days = (as_of.max() - as_of).dt.total_seconds().to_numpy(dtype=np.float64) / 86_400.0
    return np.asarray(0.5 ** (days / half_life_days), dtype=np.float64)
