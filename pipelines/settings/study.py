"""How a project is proven and used: back-test, bands and fairness."""

from __future__ import annotations

import datetime as dt

from pydantic import Field, model_validator

from tenure.pipelines.settings.frozen import Frozen, Names


class Backtest(Frozen):
    """The dates on which the model is tested, and how far back it may learn.

    `origins` are the *report* origins, to be quoted; `development` ones are for work. Left
    out, both are placed automatically before the watermark. Training cut-offs come every
    `train_every_days` (left out: chosen by the horizon), at most `train_cutoffs` of them.
    No training label may end after `train_before`.
    """

    origins: tuple[dt.date, ...] = ()
    development: tuple[dt.date, ...] = ()
    train_every_days: int | None = Field(None, ge=1)
    train_cutoffs: int = Field(52, ge=1)
    train_before: dt.date | None = None
    capacity: int = Field(100, ge=1)
    bootstraps: int = Field(200, ge=20)
    seed: int = 20170101


class Bands(Frozen):
    """Lower probability limits of the bands; below `medium` is low."""

    medium: float = Field(0.1, gt=0, lt=1)
    high: float = Field(0.25, gt=0, lt=1)
    critical: float = Field(0.5, gt=0, lt=1)

    @model_validator(mode="after")
    def _rising(self) -> Bands:
        if not self.medium < self.high < self.critical:
            raise ValueError(f"must rise: medium < high < critical, found {self.medium}, {self.high}, {self.critical}")
        return self

    def of(self, probability: float) -> str:
        """Name the band of a probability.

        >>> Bands().of(0.3)
        'high'
        """
        limits = {"critical": self.critical, "high": self.high, "medium": self.medium}
        return next((name for name, low in limits.items() if probability >= low), "low")


class Fairness(Frozen):
    """Protected profile names that may be features after all, with intent."""

    allow: Names = ()
