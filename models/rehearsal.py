"""The dress rehearsal inside the training rows: fit on one part, choose and calibrate on another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tenure.models.odds import Mask


@dataclass(frozen=True)
class Rehearsal:
    """Pairs of masks (fit here, judge there) and how they were made: `later` or `persons`."""

    method: str
    pairs: tuple[tuple[Mask, Mask], ...]

    def __iter__(self) -> Iterator[tuple[Mask, Mask]]:
        return iter(self.pairs)

    @property
    def judged(self) -> Mask:
        """Rows that are judged in some pair."""
        return np.asarray(np.logical_or.reduce([later for _, later in self.pairs]), dtype=np.bool_)


def plan_rehearsal(examples: pd.DataFrame, *, share: float, positives: int, folds: int, seed: int) -> Rehearsal:
    """Keep the newest cut-offs for judging; where history is too short, deal out persons.

    A later slice starts at a cut-off and is judged by models fitted on rows whose labels had ended
    by then. It must hold `share` of the rows and `positives` positives, and leave as many to fit.
    """
    later = _later_slice(examples, share=share, positives=positives)
    if later is not None:
        return Rehearsal("later", (later,))
    persons = person_codes(examples["customer_id"])
    return Rehearsal("persons", person_folds(persons, folds=folds, seed=seed))


def person_codes(customer_id: pd.Series[Any]) -> NDArray[np.int64]:
    """Number the persons in sorted order, so that row order does not matter.

    >>> person_codes(pd.Series(["b", "a", "b"])).tolist()
    [1, 0, 1]
    """
    codes, _ = pd.factorize(customer_id, sort=True)
    return np.asarray(codes, dtype=np.int64)


def _later_slice(examples: pd.DataFrame, *, share: float, positives: int) -> tuple[Mask, Mask] | None:
    as_of = examples["as_of"].to_numpy()
    ended = examples["label_end"].to_numpy()
    hit = examples["label"].to_numpy() > 0
    for start in np.unique(as_of)[::-1]:
        later = as_of >= start
        if later.mean() < share or hit[later].sum() < positives:
            continue
        before = ended <= start
        if hit[before].sum() < positives or before.sum() < later.sum():
            return None
        return before, later
    return None


def person_folds(persons: NDArray[np.int64], *, folds: int, seed: int) -> tuple[tuple[Mask, Mask], ...]:
    """Deal persons into folds: for each, the rows to fit on and those of the persons to judge on."""
    count = int(persons.max()) + 1
    folds = min(folds, count)
    dealt = np.random.default_rng(seed).permutation(count) % folds
    fold = dealt[persons]
    return tuple((fold != k, fold == k) for k in range(folds))
