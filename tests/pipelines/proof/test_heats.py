"""Fits side by side: an origin with too little to learn from ends nothing for the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tenure.models.feature import Feature
from tenure.models.settings import RaceSettings
from tenure.pipelines.cache.store import Store
from tenure.pipelines.proof import heats
from tenure.pipelines.proof.heats import Heat, run_heats
from tenure.pipelines.proof.remembered import table_digest

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


def test_a_heat_on_equal_rows_is_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Store(tmp_path, limit=10**8)
    ((first, _),) = run_heats([lambda: heat(600)], 1, None, cache)
    monkeypatch.setattr(heats, "run_heat", lambda _heat: pytest.fail("the heat was run a second time"))
    ((again, _),) = run_heats([lambda: heat(600)], 1, None, cache)
    pd.testing.assert_frame_equal(first[0], again[0])


def test_the_digest_of_a_table_is_that_of_its_values() -> None:
    def table(texts: list[str], dtype: str) -> pd.DataFrame:
        return pd.DataFrame({"id": pd.Series(["".join(list(text)) for text in texts], dtype=dtype), "n": [1.0, np.nan]})

    for dtype in ("str", "object"):
        kept = table_digest(table(["ab", "c"], dtype))
        assert kept == table_digest(table(["ab", "c"], dtype))
        assert kept != table_digest(table(["a", "bc"], dtype)), "the same letters cut elsewhere"
        assert kept != table_digest(table(["c", "ab"], dtype))
    assert table_digest(table(["a", "b"], "str")) != table_digest(table(["a", "b"], "str").assign(n=[1.0, 2.0]))
