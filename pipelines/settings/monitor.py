"""What `tenure monitor` calls unusual, drifted or wrong."""

from __future__ import annotations

import datetime as dt

from pydantic import Field, model_validator

from tenure.pipelines.settings.frozen import Frozen


class Monitor(Frozen):
    """`[monitor]`: how large a change must be, besides being unlike anything in the series' own past.

    Inputs: `volume` rows times as many as expected (or one part of it), `level` the same of the median of a number,
    `share` of rows that are new in some way, `missing` of empty ones, `repeats` of rows told again, `odd_hours` of rows
    at hours at which there were none. On `closed` days nothing is expected. `history_days` are looked at.

    Drift: `watch_psi` and `alarm_psi` are population stability indices. Quality: `auc_loss` against the back-test,
    `calibration` the factor by which what happened may differ from what was said. Scores are kept for judging every
    `keep_every_days`, of at most `keep_units` units a set. A model that learned nothing for `oldest_days` is too old.
    """

    history_days: int = Field(400, ge=60, le=2000)
    closed: tuple[dt.date, ...] = ()
    volume: float = Field(1.7, gt=1)
    level: float = Field(2.0, gt=1)
    share: float = Field(0.2, gt=0, lt=1)
    missing: float = Field(0.2, gt=0, lt=1)
    repeats: float = Field(0.15, gt=0, lt=1)
    odd_hours: float = Field(0.4, gt=0, lt=1)
    watch_psi: float = Field(0.1, gt=0)
    alarm_psi: float = Field(0.25, gt=0)
    auc_loss: float = Field(0.05, gt=0, lt=0.5)
    calibration: float = Field(1.5, gt=1)
    keep_every_days: int = Field(7, ge=1)
    keep_units: int = Field(200_000, ge=1000)
    oldest_days: int = Field(112, ge=1)

    @model_validator(mode="after")
    def _rising(self) -> Monitor:
        if self.watch_psi >= self.alarm_psi:
            raise ValueError(f"watch_psi = {self.watch_psi:g} must be below alarm_psi = {self.alarm_psi:g}")
        return self
