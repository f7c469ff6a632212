"""Whether a trial may be believed: the sample ratio, the balance of the arms, and who was contacted all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import bdtr, bdtrc, ndtr

from tenure.models.arms import arms

ALARM = 0.001
"""A trial is not believed where chance alone would bring it about more seldom (Fabijan et al. 2019)."""


@dataclass(frozen=True)
class Ratio:
    """Of `people`, drawn with a `share`, so many were held out; `p_value` of it by chance, for all shares together."""

    share: float
    people: int
    held_out: int
    p_value: float

    @property
    def wrong(self) -> bool:
        """Whether this is no chance."""
        return self.p_value < ALARM


@dataclass(frozen=True)
class Balance:
    """The mean predicted risk of both arms, how far they are apart in standard deviations, and its p-value."""

    held_out: float
    contacts: float
    difference: float
    p_value: float

    @property
    def wrong(self) -> bool:
        """Whether this is no chance."""
        return self.p_value < ALARM


@dataclass(frozen=True)
class Contamination:
    """Places on lists where it went against the draw: held out and contacted, to be contacted and not."""

    held_out: int
    held_out_contacted: int
    contacts: int
    not_contacted: int


def binomial(found: int, tries: int, share: float) -> float:
    """The exact two-sided p-value of a count: twice the smaller tail.

    >>> round(binomial(1, 10, 0.5), 4), binomial(5, 10, 0.5)
    (0.0215, 1.0)
    """
    below = float(bdtr(found, tries, share))
    above = float(bdtrc(found - 1, tries, share)) if found else 1.0
    return min(1.0, 2.0 * min(below, above))


def sample_ratios(members: pd.DataFrame) -> list[Ratio]:
    """Whether as many people are held out as were to be, for each share that was drawn with.

    `members` (person, draw, held_out, propensity) count once a person and draw, which is how they were drawn.
    """
    drawn = members.drop_duplicates(["draw", "person"])
    groups = drawn.groupby("propensity", sort=True)["held_out"].agg(["size", "sum"])
    found = []
    for propensity, people, held_out in groups.itertuples():
        share = 1.0 - propensity
        chance = min(1.0, len(groups) * binomial(int(held_out), int(people), share))
        found.append(Ratio(round(share, 12), int(people), int(held_out), chance))
    return found


def ratio_wrong(ratios: Sequence[Ratio]) -> bool:
    """Whether the draw did not do what it was to do, at any of the shares."""
    return any(one.wrong for one in ratios)


def balance(members: pd.DataFrame) -> Balance | None:
    """How alike the predicted risk is in both arms; None where an arm is empty, or all risks are one."""
    risk = members["risk"].to_numpy(dtype=np.float64)
    if members["held_out"].nunique() < 2 or np.ptp(risk) == 0:
        return None
    found = arms(members, risk)
    return Balance(
        found.held_out.mean,
        found.contacts.mean,
        found.difference / float(risk.std()),
        float(2 * ndtr(-abs(found.difference) / found.error)) if found.error else 1.0,
    )


def contamination(members: pd.DataFrame) -> Contamination:
    """How often it went against the draw."""
    held_out, contacted = (members[name].to_numpy(dtype=bool) for name in ("held_out", "contacted"))
    counts = (held_out, held_out & contacted, ~held_out, ~held_out & ~contacted)
    return Contamination(*(int(mask.sum()) for mask in counts))
