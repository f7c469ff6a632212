"""Golden cases: invented feature rows whose probabilities must come out bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tenure.models.feature import Feature, feature_names
from tenure.models.race import MODELS, Race

CASES = 12
"""The number of invented rows."""


class GoldenDiffer(ValueError):
    """A model does not give the probabilities it gave when it was saved."""


def golden_cases(race: Race, *, seed: int = 7) -> dict[str, Any]:
    """Invent rows that hold nobody's data, and note what the model says to them."""
    frame = invented_rows(race.features, seed=seed)
    rows = [[None if np.isnan(value) else value for value in row] for row in frame.to_numpy().tolist()]
    found = _answers(race, frame)
    return {"rows": rows, "probabilities": {name: found.pop(name) for name in MODELS}, **found}


def check_golden(race: Race, cases: dict[str, Any]) -> int:
    """Predict the rows again, in a batch and one by one; give the number of cases.

    Raises `GoldenDiffer` at the first bit of difference.
    """
    names = feature_names(race.features)
    frame = pd.DataFrame(cases["rows"], columns=names, dtype=np.float64)
    rows = [_answers(race, frame.iloc[[row]]) for row in range(len(frame))]
    alone = {name: [value for row in rows for value in row[name]] for name in rows[0]}
    for how, found in (("in a batch", _answers(race, frame)), ("one by one", alone)):
        for name, values in found.items():
            expected = cases["probabilities"][name] if name in MODELS else cases[name]
            _compare(expected, values, f"{name}, {how}")
    return len(frame)


def _answers(race: Race, frame: pd.DataFrame) -> dict[str, list[float]]:
    """What each model says of the rows, and both ends of the intervals of the risk, where the race has any."""
    found = race.predict(frame)
    said = {name: found[name].tolist() for name in MODELS}
    if not race.intervals:
        return said
    low, high = race.interval(frame, found["risk"].to_numpy())
    return {**said, "low": low.tolist(), "high": high.tolist()}


def _compare(expected: list[float], found: list[float], where: str) -> None:
    different = [row for row, (a, b) in enumerate(zip(expected, found, strict=True)) if a != b]
    if different:
        row = different[0]
        raise GoldenDiffer(
            f"{len(different)} of {len(expected)} golden cases differ ({where}): case {row} expected "
            f"{expected[row]!r}, found {found[row]!r}; install the locked versions, or train again here"
        )


def invented_rows(features: tuple[Feature, ...], *, seed: int = 7) -> pd.DataFrame:
    """Rows of small, large, negative and missing values; the first is all missing."""
    generator = np.random.default_rng(seed)
    size = (CASES, len(features))
    values = generator.lognormal(1.0, 2.0, size) * np.where(generator.random(size) < 0.1, -1.0, 1.0)
    values[generator.random(size) < 0.15] = np.nan
    values[0] = np.nan
    return pd.DataFrame(values.round(3), columns=feature_names(features))
