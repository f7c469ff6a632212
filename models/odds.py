"""Probabilities and log-odds, and the array types used throughout the models."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
"""An array of float64."""

Mask = NDArray[np.bool_]
"""An array of booleans."""

EDGE = 1e-6
"""Probabilities closer than this to 0 or 1 are moved to it before they become log-odds."""


def log_odds(probabilities: ArrayLike) -> Floats:
    """Turn probabilities into log-odds, clipped at `EDGE`.

    >>> log_odds([0.5, 0.75]).round(3).tolist()
    [0.0, 1.099]
    """
    clipped = np.clip(np.asarray(probabilities, dtype=np.float64), EDGE, 1.0 - EDGE)
    return np.asarray(np.log(clipped) - np.log1p(-clipped), dtype=np.float64)


def probability(odds: ArrayLike) -> Floats:
    """Turn log-odds into probabilities.

    >>> probability([0.0, -1000.0]).tolist()
    [0.5, 0.0]
    """
    return np.asarray(expit(np.asarray(odds, dtype=np.float64)), dtype=np.float64)
