"""`[model]`: the settings of the race that may be chosen by the past."""

from __future__ import annotations

from pydantic import Field

from tenure.models.boosted import BoostedSettings
from tenure.models.logistic import LogisticSettings
from tenure.models.settings import RaceSettings, RiskSettings
from tenure.pipelines.settings.frozen import Frozen


class Model(Frozen):
    """How the race is fitted; `tenure tune` tries other values and says whether they are better.

    Of several numbers of `trees` the past chooses at every fit. `learning_rate`, `leaves`, `leaf_rows`,
    `column_share`, `row_share` and `ridge` shape the boosted trees, `boosted_share` is their part in the blend,
    and a cut-off loses half its weight every `half_life_days` (left out: all weigh the same).
    """

    trees: tuple[int, ...] = Field((50, 100, 150), min_length=1)
    learning_rate: float = Field(0.06, gt=0, le=1)
    leaves: int = Field(6, ge=2, le=64)
    leaf_rows: int = Field(100, ge=5)
    column_share: float = Field(0.3, gt=0, le=1)
    row_share: float = Field(0.7, gt=0, le=1)
    ridge: float = Field(10.0, ge=0)
    boosted_share: float = Field(0.5, gt=0, lt=1)
    half_life_days: float | None = Field(None, gt=0)

    def race(
        self,
        *,
        recency: str | None,
        seed: int,
        age: str | None = None,
        categories: tuple[tuple[str, ...], ...] = (),
    ) -> RaceSettings:
        """The settings of a race whose features of days since last and first are `recency` and `age`.

        `categories` are the features that are levels of one category each.

        >>> Model().race(recency=None, seed=20170101) == RaceSettings()
        True
        """
        return RaceSettings(
            recency=recency,
            age=age,
            categories=categories,
            seed=seed,
            half_life_days=self.half_life_days,
            logistic=LogisticSettings(),
            boosted=BoostedSettings(
                trees=self.trees,
                learning_rate=self.learning_rate,
                leaves=self.leaves,
                depth=max(BoostedSettings.depth, self.leaves.bit_length()),
                leaf_rows=self.leaf_rows,
                column_share=self.column_share,
                row_share=self.row_share,
                ridge=self.ridge,
            ),
            risk=RiskSettings(share=self.boosted_share),
        )
