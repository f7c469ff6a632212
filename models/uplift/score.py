"""The doubly robust score of an effect: right on average for everybody, whatever the model of risk is worth."""

from __future__ import annotations

from tenure.models.odds import Floats


def doubly_robust(left: Floats, treated: Floats, propensity: Floats, *, untouched: Floats, contacted: Floats) -> Floats:
    """The score of each row; its mean over any group estimates the effect there, positive where contacts keep people.

    `untouched` and `contacted` are P(left) without and with a contact, predicted by models that have not seen the
    row. With known propensities the score is unbiased even where these are wrong; the better they are the less it
    scatters. Augmented inverse propensity weighting: Robins, Rotnitzky and Zhao, Estimation of regression coefficients
    when some regressors are not always observed, 1994; equation 2 of Kennedy, Towards optimal doubly robust estimation
    of heterogeneous causal effects, 2023, with the sign turned.

    >>> import numpy as np
    >>> one, half = np.ones(1), np.full(1, 0.5)
    >>> doubly_robust(one, one, half, untouched=half, contacted=half).tolist()  # contacted, and left
    [-1.0]
    >>> doubly_robust(one, 0 * one, half, untouched=half, contacted=half).tolist()  # not contacted, and left
    [1.0]
    """
    surprise = (1.0 - treated) * (left - untouched) / (1.0 - propensity) - treated * (left - contacted) / propensity
    return untouched - contacted + surprise
