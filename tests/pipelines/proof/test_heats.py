"""Fits side by side: an origin with too little to learn from ends nothing for the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tenure.models.feature import Feature
from tenure.models.settings import RaceSettings
from tenure.pipelines.proof.heats import Heat, run_heats

FEATURES = (Feature("days_since_last"), Feature("count_28d"))


def heat(rows: int) -> Heat:
    generator = np.random.default_rng(rows)
    as_of = pd.Timestamp("2024-01-01") + pd.to_timedelta(generator.integers(0, 20, rows) * 7, unit="D")
    frame = pd.DataFrame({"customer_id": [f"c{i % 200}" for i in range(rows)], "as_of": as_of})
    frame["label"] = generator.integers(0, 2, rows).astype(float)
    frame["label_end"] = frame["as_of"] + pd.Timedelta(days=28)
    frame = frame.assign(days_since_last=generator.random(rows) * 30, count_28d=generator.integers(0, 9, rows) * 1.0)
    return Heat(frame, FEATURES, RaceSettings(recency="days_since_last"), [frame.head(5)])


def test_too_few_examples_are_told_and_the_other_heats_go_on() -> None:
    few, enough = run_heats([lambda: heat(20), lambda: heat(600)], 1, None)
    assert few[0] == []
    assert "at least 40 rows" in few[1]["too_few"]
    assert [len(found) for found in enough[0]] == [5]
