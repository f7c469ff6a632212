"""What a candidate must show before it is served, and how often one is trained."""

from __future__ import annotations

from pydantic import Field

from tenure.pipelines.settings.frozen import Frozen


class GateRules(Frozen):
    """`[gate]`: by how much a candidate may be worse than the champion on later data that neither has learned from.

    It may rank worse by less than `auc_margin` of ROC AUC, and bring less expected profit by less than the share
    `profit_margin`: the lower end of each paired difference must stay above. No group of customers may be ranked worse
    by more than `slice_margin` beyond noise. Its calibration error may be what chance explains, or `rate_margin` of
    the rate at which it happens, whichever is more.
    """

    auc_margin: float = Field(0.005, gt=0, lt=0.5)
    profit_margin: float = Field(0.01, gt=0, lt=1)
    slice_margin: float = Field(0.05, gt=0, lt=0.5)
    rate_margin: float = Field(0.05, ge=0, lt=1)


class Retrain(Frozen):
    """`[retrain]`: how often `tenure run` trains a candidate and puts it through the gate; left out, never."""

    every_days: int | None = Field(None, ge=1)
