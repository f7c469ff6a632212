"""Observing a scoring: what is counted of features and scores while they are at hand, for the monitor to look at."""

from __future__ import annotations

import datetime as dt
from hashlib import md5
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from tenure.models.feature import feature_matrix
from tenure.models.odds import Floats, probability
from tenure.models.race import Race
from tenure.models.reference import Reference
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.settings.monitor import Monitor
from tenure.pipelines.store.kept_scores import keep_set
from tenure.pipelines.store.steps import in_steps


class Observing:
    """Is called by a scoring with what was described and what came out, and counts both.

    `features` stay empty for artefacts of earlier releases, which hold no reference, and on a cluster.
    """

    def __init__(self, model: ScoringModel) -> None:
        self._race = model.artefact.race
        self._names = model.features
        self.reference = Reference.from_json(model.artefact.extra.get("reference"))
        self.features: dict[str, list[int]] = {}
        self.silence: pd.Series = pd.Series(dtype=float)

    def __call__(self, described: pd.DataFrame, scored: pd.DataFrame) -> None:
        """Count the features of whoever was scored, and note what days since last alone would have said."""
        chosen = scored["probability"].notna().to_numpy()
        frame = described.loc[chosen].reindex(columns=self._names)
        if self.reference is not None:
            self.features = self.reference.count(frame)
        silent = by_silence(self._race, frame)
        self.silence = pd.Series(silent, index=scored.loc[chosen, "unit_id"].to_numpy(), dtype=float)


def by_silence(race: Race, frame: pd.DataFrame) -> Floats:
    """The calibrated probability by days since last alone; the frame has exactly the features."""
    if frame.empty:
        return np.empty(0)
    raw = np.asarray(race.recency.log_odds(feature_matrix(frame, race.features)))
    return probability(race.calibrations["recency"].apply(raw))


def keep_observed(
    store: Engine,
    seen: Observing,
    scored: pd.DataFrame,
    *,
    outcome: str,
    as_of: dt.date,
    model_version: str,
    now: dt.datetime,
    limits: Monitor,
) -> None:
    """Keep what a published set was: counts, and of at most `keep_units` units the scores that are to be judged."""
    mine = scored.loc[scored["probability"].notna(), ["customer_id", "unit_id", "probability", "band"]]
    known = mine[mine["unit_id"].isin(seen.silence.index)]
    share = min(1.0, limits.keep_units / max(len(known), 1))
    sampled = known if share == 1.0 else known[[in_sample(name, share) for name in known["customer_id"]]]
    keep_set(
        store,
        outcome=outcome,
        as_of=as_of,
        model_version=model_version,
        now=now,
        figures=_figures(seen, scored, mine),
        rows=sampled.assign(silence=seen.silence.reindex(sampled["unit_id"]).to_numpy()),
        every_days=limits.keep_every_days,
        share=share,
    )


def in_sample(customer_id: str, share: float) -> bool:
    """Whether a customer is in the sample of a share, by a hash of the id: the same customers every week.

    >>> in_sample("ann", 1.0), in_sample("ann", 0.0)
    (True, False)
    """
    return int.from_bytes(md5(f"monitor {customer_id}".encode()).digest()[:8], "big") < share * 2**64


def _figures(seen: Observing, scored: pd.DataFrame, mine: pd.DataFrame) -> dict[str, Any]:
    return {
        "units": len(scored),
        "scored": len(mine),
        "mean": float(mine["probability"].mean()) if len(mine) else None,
        "bands": {str(band): int(count) for band, count in mine["band"].value_counts().items()},
        "histogram": in_steps(mine["probability"]),
        "features": seen.features,
    }
