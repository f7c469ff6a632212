"""A randomised trial of contacts as checked arrays: who was contacted, by which chance, and who left."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tenure.models.feature import Feature, feature_matrix
from tenure.models.odds import Floats, Mask

LEAST = 20
"""Of those who left, and of those who stayed, in each arm: with fewer no effect model is fitted."""

RISK = "risk"
"""The feature that is taken for the probability to leave, as the model of risk in use predicts it."""

ARMS = ("not contacted", "contacted")
"""The two arms, as messages name them."""


class TrialRefused(ValueError):
    """Arrays that are not a randomised trial: other lengths, gaps, or a chance of 0 or 1."""


class TrialTooSmall(ValueError):
    """An arm in which too few left, or too few stayed, to learn an effect from."""


@dataclass(frozen=True)
class Trial:
    """One row per person and campaign; features are of the time before the contact.

    A feature called `risk` holds the probability to leave that was predicted then; the effect model builds on it.

    `treated` is 1 for those to be contacted, whatever became of it (intention to treat), `left` 1 for those who left
    within the horizon, `propensity` the known chance of being contacted. `persons` are numbers from 0 on: rows of one
    person are never parted.
    """

    features: tuple[Feature, ...]
    matrix: Floats
    treated: Floats
    left: Floats
    propensity: Floats
    persons: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        *,
        features: tuple[Feature, ...],
        treated: ArrayLike,
        left: ArrayLike,
        propensity: ArrayLike,
        persons: ArrayLike,
    ) -> Trial:
        """Check the arrays, which go by the rows of `frame`; a single `propensity` holds for all.

        Raises `TrialRefused`, and whatever `feature_matrix` raises where the columns are not the features.
        """
        rows = len(frame)
        chance = np.asarray(propensity, dtype=np.float64)
        arrays = {
            "treated": np.asarray(treated, dtype=np.float64),
            "left": np.asarray(left, dtype=np.float64),
            "propensity": np.full(rows, float(chance)) if chance.ndim == 0 else chance,
        }
        named = np.asarray(persons)
        for name, values in (*arrays.items(), ("persons", named)):
            if values.shape != (rows,):
                raise TrialRefused(f"expected {name} to have a value for each of the {rows} rows, found {values.shape}")
        for name in ("treated", "left"):
            _refuse(~np.isin(arrays[name], (0.0, 1.0)), f"every value of {name} must be 0 or 1", named)
        inside = (arrays["propensity"] > 0.0) & (arrays["propensity"] < 1.0)  # NaN is not inside either
        _refuse(
            ~inside,
            "every propensity must lie between 0 and 1, both excluded: leave out those who were always or never "
            "to be contacted",
            named,
        )
        codes, _ = pd.factorize(named, sort=True, use_na_sentinel=True)
        _refuse(codes < 0, "every row needs a person", named)
        matrix = feature_matrix(frame, features)
        for column in (place for place, feature in enumerate(features) if feature.name == RISK):
            risk = matrix[:, column]
            _refuse(~((risk >= 0.0) & (risk <= 1.0)), "every risk must be a probability between 0 and 1", named)
        return cls(features, matrix, **arrays, persons=np.asarray(codes, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.left)

    @property
    def risk_column(self) -> int | None:
        """The place of the feature `risk`, None where there is none."""
        return next((place for place, feature in enumerate(self.features) if feature.name == RISK), None)

    def rows(self, chosen: Mask | NDArray[np.int64]) -> Trial:
        """Some of the rows."""
        return replace(
            self,
            matrix=self.matrix[chosen],
            treated=self.treated[chosen],
            left=self.left[chosen],
            propensity=self.propensity[chosen],
            persons=self.persons[chosen],
        )

    def counts(self) -> dict[str, int]:
        """How many left and how many stayed, in each arm."""
        found = {}
        for arm, name in enumerate(ARMS):
            left = self.left[self.treated == arm]
            found[f"{name}, left"] = int(left.sum())
            found[f"{name}, stayed"] = len(left) - int(left.sum())
        return found

    def check_size(self, least: int = LEAST) -> None:
        """Raise `TrialTooSmall` where an arm has fewer than `least` who left, or who stayed."""
        for name, count in self.counts().items():
            if count < least:
                raise TrialTooSmall(
                    f"an effect model needs at least {least} people of each kind, found {count} ({name}); "
                    f"wait for more campaigns, or hold out a larger share"
                )


def _refuse(wrong: Mask, expected: str, persons: NDArray) -> None:
    if wrong.any():
        first = ", ".join(str(name) for name in persons[wrong][:3])
        raise TrialRefused(f"{expected}; found {int(wrong.sum())} others (persons {first})")
