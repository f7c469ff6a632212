"""Whether a model may be used, said in one of four verdicts and one sentence with figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tenure.models.bootstrap import Bootstrap, Interval, bootstrap, mean_over
from tenure.models.odds import Floats

LEAST_POSITIVES = 100
"""Fewer tested positives than this, over all origins, decide nothing."""

LEAST_ORIGINS = 2
"""Fewer usable origins than this decide nothing."""

Name = Literal["use", "use recency", "no signal", "not enough data"]


@dataclass(frozen=True)
class Tested:
    """One origin: who was tested, what happened, what each model had said, and what is lost with each of them."""

    as_of: str
    persons: ArrayLike
    labels: ArrayLike
    predictions: pd.DataFrame
    values: ArrayLike | None = None

    @property
    def usable(self) -> bool:
        """Whether both outcomes occur, so that a ranking can be right or wrong."""
        labels = np.asarray(self.labels, dtype=np.float64)
        return bool(len(labels)) and 0.0 < labels.sum() < len(labels)


@dataclass(frozen=True)
class Verdict:
    """The verdict and the sentence that justifies it."""

    name: Name
    sentence: str


def judge(tested: Sequence[Tested], *, replicates: int = 200, seed: int) -> Verdict:
    """Judge `risk` against calibrated recency, and recency against the base rate.

    A model beats another when its ROC AUC, as a mean over origins, is higher in at least 97.5 of 100
    redraws of persons, and its log loss is not higher. The base rate is the mean recency prediction.
    """
    usable = [origin for origin in tested if origin.usable]
    positives = int(sum(np.asarray(origin.labels, dtype=np.float64).sum() for origin in usable))
    if len(usable) < LEAST_ORIGINS or positives < LEAST_POSITIVES:
        return Verdict(
            "not enough data",
            f"Not enough data: {positives} positives at {len(usable)} usable origins, needed are at least "
            f"{LEAST_POSITIVES} at {LEAST_ORIGINS}.",
        )
    drawn = _drawn(usable, replicates=replicates, seed=seed)
    over = f"over {len(usable)} origins with {positives:,} positives"
    gain, baseline = drawn.difference("risk", "recency", "roc_auc"), drawn.interval("recency", "roc_auc")
    risk = drawn.values["risk"]["roc_auc"]
    if gain.low > 0.0 and _no_worse(drawn, "risk", "recency"):
        return Verdict(
            "use",
            f"Use: risk ranks better than days since last beyond noise, ROC AUC {risk:.3f} against "
            f"{baseline.value:.3f} (difference {_range(gain)}) {over}.",
        )
    if baseline.low > 0.5 and _no_worse(drawn, "recency", "base"):
        return Verdict(
            "use recency",
            f"Use recency: days since last ranks better than chance, ROC AUC {_range(baseline)}, and "
            f"the other features add nothing beyond noise (difference {_range(gain)}) {over}.",
        )
    return Verdict(
        "no signal",
        f"No signal: neither risk (ROC AUC {_range(drawn.interval('risk', 'roc_auc'))}) nor days since last "
        f"({_range(baseline)}) ranks beyond noise {over}.",
    )


def _drawn(usable: Sequence[Tested], *, replicates: int, seed: int) -> Bootstrap:
    universe = np.unique(np.concatenate([np.asarray(origin.persons) for origin in usable]))
    parts = []
    for origin in usable:
        recency = origin.predictions["recency"].to_numpy(dtype=np.float64)
        models: dict[str, Floats] = {
            "risk": origin.predictions["risk"].to_numpy(dtype=np.float64),
            "recency": recency,
            "base": np.full(len(recency), recency.mean()),
        }
        parts.append(
            bootstrap(
                models,
                origin.labels,
                origin.persons,
                capacity=1,
                replicates=replicates,
                seed=seed,
                universe=universe,
            )
        )
    return mean_over(parts)


def _no_worse(drawn: Bootstrap, model: str, other: str) -> bool:
    return drawn.values[model]["log_loss"] <= drawn.values[other]["log_loss"]


def _range(interval: Interval) -> str:
    return f"{interval.value:.3f}, {interval.low:.3f} to {interval.high:.3f}"
