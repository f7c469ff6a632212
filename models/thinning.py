"""Fewer rows for a large table: all positives, and the negatives of some persons, weighted up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tenure.models.rehearsal import person_codes


def thin(examples: pd.DataFrame, *, most_rows: int | None, seed: int) -> pd.DataFrame:
    """Keep about `most_rows` examples; tables within the limit are returned as they are.

    Negatives are kept or left out by person, and each one kept weighs as many as it stands for, so
    that rates and losses keep their expectation. A column `weight` is added or multiplied. At least a
    tenth of the negatives stays, however many the positives are.

    >>> table = pd.DataFrame({"customer_id": [1, 2, 3, 4], "label": [1, 0, 0, 0]})
    >>> thin(table, most_rows=9, seed=1) is table
    True
    """
    if most_rows is None or len(examples) <= most_rows:
        return examples
    positive = examples["label"].to_numpy() > 0
    negatives = len(examples) - int(positive.sum())
    share = max(0.1, (most_rows - int(positive.sum())) / max(negatives, 1))
    persons = person_codes(examples["customer_id"])
    lots = np.random.default_rng(seed).random(int(persons.max()) + 1)
    chosen = positive | (lots[persons] < share)
    weight = np.where(positive, 1.0, 1.0 / share)
    if "weight" in examples:
        weight = weight * examples["weight"].to_numpy(dtype=np.float64)
    return examples.assign(weight=weight)[chosen].reset_index(drop=True)
