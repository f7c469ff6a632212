"""What was tried: settings are changed where they are named, and differences are averaged over questions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from accuracy.tried import METRICS, SETTINGS, as_table, means, with_settings
from oulad_grouped import FOLDS, median, over_folds

from tenure.models.settings import RaceSettings


def test_every_variant_changes_the_settings_and_nothing_else() -> None:
    usual = RaceSettings()
    for name, changed in SETTINGS.items():
        assert with_settings(changed, usual) != usual, name
    fewer = with_settings({"boosted": {"leaves": 4}}, usual)
    assert (fewer.boosted.leaves, fewer.boosted.trees, fewer.risk) == (4, usual.boosted.trees, usual.risk)


def test_differences_are_averaged_over_questions_and_a_variant_that_missed_one_is_left_out() -> None:
    def asked(**minus: float) -> dict[str, object]:
        rivals = {name: {"minus_ours": {m: {"value": value} for m in METRICS}} for name, value in minus.items()}
        return {"rivals": {"risk": {"minus_ours": {}}, **rivals}}

    first, second = asked(**{"4 leaves": 0.01, "15 leaves": 0.5}), asked(**{"4 leaves": -0.03})
    found = means({"one": first, "other": second})
    assert list(found) == ["4 leaves"]
    assert found["4 leaves"]["roc_auc"] == pytest.approx({"mean": -0.01, "least": -0.03, "most": 0.01})
    assert "| 4 leaves | -0.0100 (-0.0300 to +0.0100) |" in as_table({"means": found})


def test_a_student_is_in_one_fold_and_every_row_is_asked_about_once() -> None:
    generator = np.random.default_rng(3)
    students = np.repeat([f"s{n:03d}" for n in range(120)], 5)
    frame = pd.DataFrame({"customer_id": students, "label": (generator.random(600) < 0.3).astype(float)})
    frame["number"] = np.arange(600)
    seen: list[int] = []

    def rival(fit: pd.DataFrame, ask: pd.DataFrame, seed: int) -> np.ndarray:
        assert not set(fit["customer_id"]) & set(ask["customer_id"])
        assert len(fit) + len(ask) == 600
        seen.extend(ask["number"])
        return ask["label"].to_numpy() * 0.8 + 0.1

    figures = over_folds(frame, rival, seed=1)
    assert sorted(seen) == list(range(600))
    assert len(seen) == 600
    assert FOLDS == 3
    assert (figures["roc_auc"], figures["brier"]) == (1.0, 0.01)
    assert median([figures, {**figures, "roc_auc": 0.5}, {**figures, "roc_auc": 0.6}])["roc_auc"] == 0.6
