"""The weights of a decayed sum, by age in days."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tenure.pipelines.history.log import Ints

DECAY_ONE = 1 << 20
"""The weight of a row of today: weights are whole numbers, so that their sums are exact."""

HALF_LIVES = 20
"""After so many half-lives the weight is less than one, and nothing."""


@lru_cache(maxsize=64)
def decay_weights(half_life: int) -> Ints:
    """Weights by age in days: `DECAY_ONE` today, half of it after `half_life` days, at last 0.

    >>> decay_weights(7)[[0, 7, 14]].tolist(), len(decay_weights(7))
    ([1048576, 524288, 262144], 142)
    """
    ages = np.arange(HALF_LIVES * half_life + 2)
    weights = np.rint(DECAY_ONE * 0.5 ** (ages / half_life)).astype(np.int64)
    weights[-1] = 0
    return weights
