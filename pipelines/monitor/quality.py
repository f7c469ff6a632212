"""The quality of served scores, as their horizons pass: judged once, kept, and held against what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from tenure.models.bootstrap import Interval
from tenure.models.matured import TooFewOutcomes, judge
from tenure.pipelines.decisions.ripe import outcomes_of
from tenure.pipelines.examples.study import Study
from tenure.pipelines.monitor.finding import TREND, Finding, Level, plain
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.settings.monitor import Monitor
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.kept_scores import KeptSet, keep_quality, kept_scores_of

SLOPE = 2.0
"""The factor by which the slope of calibration may differ from 1."""


def judge_matured(study: Study, store: Engine, sets: Sequence[KeptSet]) -> int:
    """Judge the sets whose horizon has passed in the data and that nobody has judged yet; how many these were."""
    due = [s for s in sets if s.share and s.quality is None and label_end(study.outcome, s.day) <= study.watermark]
    for kept in due:
        with reading(store) as connection:
            rows = kept_scores_of(connection, kept)
        keep_quality(store, kept, _judged(study, kept, rows))
    return len(due)


def _judged(study: Study, kept: KeptSet, rows: pd.DataFrame) -> dict[str, Any]:
    members = rows.rename(columns={"unit_id": "unit", "customer_id": "person"}).assign(as_of=kept.day)
    known = outcomes_of(study, members)
    known = known[known["left"].notna()]
    asked = known.rename(columns={"person": "customer_id"}).assign(as_of=pd.Timestamp(kept.day))
    untouched, corrected = study.untreated(asked)
    about = {"units": len(rows), "known": len(known), "contacted": corrected.contacted}
    capacity = max(1.0, study.project.backtest.capacity * kept.share)
    try:
        found = judge(
            untouched["left"],
            untouched["probability"],
            untouched["silence"],
            persons=untouched["customer_id"],
            weights=untouched["weight"] if "weight" in untouched else np.ones(len(untouched)),
            capacity=capacity,
            seed=study.project.backtest.seed,
        )
    except TooFewOutcomes as error:
        return {**about, "said": str(error)}
    figures = {name: [plain(v) for v in (i.value, i.low, i.high)] for name, i in found.figures.items()}
    return {**about, "units": found.units, "positives": found.positives, "figures": figures}


def quality_findings(sets: Sequence[KeptSet], promised: float | None, limits: Monitor) -> list[Finding]:
    """What is found of the sets (the oldest first) that were judged; nothing where none was.

    `promised` is the ROC AUC of the back-test of the model that is served.
    """
    judged = [s for s in sets if s.quality is not None]
    if not judged:
        return []
    known = [s for s in judged if "figures" in (s.quality or {})]
    if not known:
        said = f"too little to judge the scores as of {judged[-1].as_of}: {(judged[-1].quality or {})['said']}"
        return [Finding("ranking", judged[-1].outcome, "ok", None, None, said)]
    found = [_against_silence(known), _calibration(known, limits), _slope(known), _precision(known)]
    return [*([] if promised is None else [_ranking(known, promised, limits)]), *found]


def _ranking(known: Sequence[KeptSet], promised: float, limits: Monitor) -> Finding:
    auc, limit = _figure(known[-1], "roc_auc"), promised - limits.auc_loss
    level: Level = "alarm" if auc.high < limit else "watch" if auc.value < limit else "ok"
    said = f"ROC AUC {_span(auc)} of the scores as of {known[-1].as_of}; the back-test promised {promised:.3f}"
    cause = None if level == "ok" else "has the model grown old? `tenure train` on newer data and compare"
    return _finding("ranking", known, "roc_auc", level, limit, said, cause)


def _against_silence(known: Sequence[KeptSet]) -> Finding:
    gain = _figure(known[-1], "brier_gain")
    level: Level = "alarm" if gain.high < 0 else "watch" if gain.value < 0 else "ok"
    worse = "lower (better)" if gain.value >= 0 else "higher (worse)"
    said = (
        f"Brier score {abs(gain.value):.4f} {worse} than by days since last alone, as of {known[-1].as_of} "
        f"(difference {gain.low:.4f} to {gain.high:.4f})"
    )
    cause = None if level == "ok" else "days since last alone would have done better: train again or withdraw the model"
    return _finding("gain over silence", known, "brier_gain", level, 0.0, said, cause)


def _calibration(known: Sequence[KeptSet], limits: Monitor) -> Finding:
    ratio, most = _figure(known[-1], "ratio"), limits.calibration
    clearly = ratio.low > most or ratio.high < 1 / most
    level: Level = "alarm" if clearly else "watch" if not 1 / most <= ratio.value <= most else "ok"
    said = f"it happened {_span(ratio, 2)} times as often as was said of the scores as of {known[-1].as_of}"
    cause = None if level == "ok" else "did something change for all customers? probabilities are off until retrained"
    return _finding("calibration", known, "ratio", level, most, said, cause)


def _slope(known: Sequence[KeptSet]) -> Finding:
    slope = _figure(known[-1], "calibration_slope")
    clearly = slope.low > SLOPE or slope.high < 1 / SLOPE
    level: Level = "alarm" if clearly else "watch" if not 1 / SLOPE <= slope.value <= SLOPE else "ok"
    said = f"slope of calibration {_span(slope, 2)} of the scores as of {known[-1].as_of}; 1 is right"
    cause = None if level == "ok" else "high risks are said too high" if slope.value < 1 else "risks are too alike"
    return _finding("calibration slope", known, "calibration_slope", level, SLOPE, said, cause)


def _precision(known: Sequence[KeptSet]) -> Finding:
    found = _figure(known[-1], "precision_at_capacity")
    said = f"of 100 at the top of the list as of {known[-1].as_of} it happened to {100 * found.value:.0f}"
    return _finding("precision", known, "precision_at_capacity", "ok", None, said, None)


def _finding(
    check: str, known: Sequence[KeptSet], name: str, level: Level, limit: float | None, said: str, cause: str | None
) -> Finding:
    trend = tuple(plain(_figure(s, name).value) for s in known[-TREND:])
    return Finding(
        check, known[-1].outcome, level, trend[-1], None if limit is None else plain(limit), said, cause, trend
    )


def _figure(kept: KeptSet, name: str) -> Interval:
    values = (kept.quality or {})["figures"][name]
    return Interval(*(float("nan") if v is None else float(v) for v in values))


def _span(found: Interval, digits: int = 3) -> str:
    return f"{found.value:.{digits}f} ({found.low:.{digits}f} to {found.high:.{digits}f})"
