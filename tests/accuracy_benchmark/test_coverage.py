"""The benchmark of intervals: what it counts as covered, and that it sees intervals that are wrong."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from interval_coverage import LEAST, TENTHS, divided, summed_up

from tenure.models.feature import Feature
from tenure.models.likeness import Likeness


def race(width: float, *, wrong: float = 0.0) -> Any:
    """One that says of each row the share `x`, from `width` below to `width` above, moved by `wrong`."""

    def interval(frame: pd.DataFrame, risk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.clip(risk + wrong - width, 0, 1), np.clip(risk + wrong + width, 0, 1)

    return SimpleNamespace(
        features=(Feature("x"), Feature("age")),
        blend=SimpleNamespace(name="blend"),
        intervals={"blend": SimpleNamespace(likeness=Likeness(age=1, new_days=10.0))},
        predict=lambda frame: pd.DataFrame({"risk": frame["x"].to_numpy()}),
        interval=interval,
    )


@pytest.fixture(scope="module")
def asked() -> tuple[pd.DataFrame, np.ndarray]:
    """Four thousand rows of whom two hundred are new, and what happened."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"x": draw.uniform(0.05, 0.6, 4_000), "age": np.where(np.arange(4_000) < 200, 5.0, 50.0)})
    return frame, (draw.random(4_000) < frame["x"]).astype(float).to_numpy()


def figures(race: Any, asked: tuple[pd.DataFrame, np.ndarray]) -> dict[str, Any]:
    return summed_up(pd.DataFrame(divided(race, *asked)))


def test_true_intervals_are_covered_group_by_group(asked: tuple[pd.DataFrame, np.ndarray]) -> None:
    found = figures(race(0.05), asked)
    assert found["all"]["covered"] >= 0.9
    assert (found["settled"]["cells"], found["new"]["cells"]) == (TENTHS, 200 // LEAST)
    assert found["all"]["rows"] == 4_000


def test_intervals_beside_the_truth_are_not(asked: tuple[pd.DataFrame, np.ndarray]) -> None:
    assert figures(race(0.02, wrong=0.12), asked)["all"]["covered"] < 0.3
    assert figures(race(0.02, wrong=-0.12), asked)["all"]["covered"] < 0.3


def test_groups_too_small_for_a_tenth_are_left_out(asked: tuple[pd.DataFrame, np.ndarray]) -> None:
    frame, happened = asked
    assert list(divided(race(0.05), frame.head(LEAST - 1), happened[: LEAST - 1])) == []
