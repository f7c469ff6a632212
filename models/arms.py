"""Two arms of a trial: the mean of each, weighted and adjusted, and what every person adds to its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tenure.models.odds import EDGE, Floats, Mask

LEAST_TO_ADJUST = 50
"""With fewer persons in an arm nothing is adjusted: the slope would be noise."""


@dataclass(frozen=True)
class Arm:
    """The mean of an arm, the `parts` of its error by person, and the number of `persons` in it."""

    mean: float
    parts: Floats
    persons: int
    kish: float
    """As many rows of equal weight would be as precise, were all independent (Kish 1965)."""

    @property
    def error(self) -> float:
        """The standard error of the mean, persons being independent of each other and their rows not."""
        return float(np.sqrt(self.parts @ self.parts))


@dataclass(frozen=True)
class Arms:
    """The arm that was held out, and the one that was to be contacted."""

    held_out: Arm
    contacts: Arm

    @property
    def difference(self) -> float:
        """Held out minus contacted."""
        return self.held_out.mean - self.contacts.mean

    @property
    def error(self) -> float:
        """The standard error of the difference; a person may have been in both arms at different times."""
        parts = self.held_out.parts - self.contacts.parts
        return float(np.sqrt(parts @ parts))

    @property
    def correlation(self) -> float:
        """Of the two means, which share persons."""
        scale = self.held_out.error * self.contacts.error
        return float(self.held_out.parts @ self.contacts.parts / scale) if scale else 0.0


def arms(
    members: pd.DataFrame, values: Floats, covariate: Floats | None = None, *, sizes: Floats | None = None
) -> Arms:
    """The mean of `values` in both arms of `members` (person, held_out, propensity), each row as large as its `sizes`.

    Rows to be contacted weigh 1, rows held out `propensity / (1 - propensity)`: so both arms stand for those who were
    to be contacted, whichever share was held out on which list (Hajek 1971; Imbens and Rubin 2015, chapter 17). With a
    `covariate` each mean is moved along the arm's own slope to where the covariate is alike in both (Lin 2013).
    Errors are summed by person (Liang and Zeger 1986), what a slope explains by chance given back (HC3, MacKinnon and
    White 1985).
    """
    held_out = members["held_out"].to_numpy(dtype=bool)
    propensity = members["propensity"].to_numpy(dtype=np.float64)
    size = np.ones(len(members)) if sizes is None else sizes
    weight = size * np.where(held_out, propensity / (1.0 - propensity), 1.0)
    codes, names = pd.factorize(members["person"])
    if covariate is not None and not _worth_adjusting(codes, held_out, covariate):
        covariate = None
    target = None if covariate is None else float(np.average(covariate, weights=size * propensity))
    found = [_arm(values, covariate, target, weight, codes, len(names), mask) for mask in (held_out, ~held_out)]
    return Arms(*found)


def _worth_adjusting(codes: np.ndarray, held_out: Mask, covariate: Floats) -> bool:
    if not np.isfinite(covariate).all():
        return False
    both = [mask for mask in (held_out, ~held_out) if len(np.unique(codes[mask])) >= LEAST_TO_ADJUST]
    return len(both) == 2 and all(np.ptp(covariate[mask]) > 0 for mask in both)


def _arm(
    values: Floats,
    covariate: Floats | None,
    target: float | None,
    weight: Floats,
    codes: np.ndarray,
    persons: int,
    mask: Mask,
) -> Arm:
    y, w, who = values[mask], weight[mask], codes[mask]
    total = w.sum()
    mean = float(w @ y / total)
    rest, share = y - mean, w / total
    if covariate is not None and target is not None:
        x = covariate[mask] - w @ covariate[mask] / total
        moved = target - float(w @ covariate[mask] / total)
        spread = float(w @ (x * x))
        slope = float(w @ (x * y)) / spread
        mean += slope * moved
        leverage = w / total + w * x * x / spread
        rest = (rest - slope * x) / np.maximum(1.0 - leverage, EDGE)
        share = share + moved * w * x / spread
    parts = np.bincount(who, weights=share * rest, minlength=persons).astype(np.float64)
    return Arm(mean, parts, len(np.unique(who)), float(total**2 / (w @ w)))
