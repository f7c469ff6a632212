"""Folds: people dealt into five hands by their id, so that nothing learnt from a person describes that person."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import md5

import numpy as np

from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import Ints

FOLDS = 5
"""What a family learns is learnt `FOLDS` times, each time without the people of one fold."""


def fold_of(customer_id: str) -> int:
    """The fold of a person; independent of the bucket, and the same at training, test and serving.

    >>> [fold_of(name) for name in ("ann", "ben", "cem")]
    [0, 4, 0]
    """
    return int.from_bytes(md5(customer_id.encode(errors="surrogatepass")).digest()[:8], "little") % FOLDS


def folds(view: View) -> Ints:
    """The fold of the person of each unit of a view."""
    history = view.history
    every = history.rows.once("folds", lambda: folds_of(history.customer_ids))
    return every[view.units]


def folds_of(customer_ids: Iterable[str]) -> Ints:
    """The folds of many people."""
    return np.array([fold_of(str(name)) for name in customer_ids], dtype=np.int64)
