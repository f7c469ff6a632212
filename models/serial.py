"""A fitted race as plain JSON values, and back; the boosters travel beside it as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from tenure.models.blend import Blend
from tenure.models.boosted import read_boosted
from tenure.models.calibration import Calibration
from tenure.models.feature import Feature
from tenure.models.intervals import Band, Intervals
from tenure.models.likeness import Likeness
from tenure.models.logistic import LogisticModel, Preparation
from tenure.models.race import Race
from tenure.models.recency import RecencyModel

SCHEMA = 1
"""Raised whenever an older reader could misread what is written."""

_WHOLE = ("columns", "indicators")


class SchemaUnknown(ValueError):
    """The artefact was written by a version that this one cannot read."""


def race_to_json(race: Race) -> dict[str, Any]:
    """Everything but the boosters; floats survive the way through JSON exactly."""
    return {
        "schema": SCHEMA,
        "features": [asdict(feature) for feature in race.features],
        "recency": asdict(race.recency),
        "logistic": logistic_to_json(race.logistic),
        "boosted": {"trees": race.boosted.trees, "boosters": len(race.boosted.boosters)},
        "calibrations": {name: asdict(line) for name, line in race.calibrations.items()},
        "blend": asdict(race.blend),
        "report": race.report,
        "intervals": {name: asdict(one) for name, one in race.intervals.items()},
    }


def race_from_json(values: Mapping[str, Any], texts: Sequence[str]) -> Race:
    """Rebuild the race from checked values and the text of its boosters."""
    check_schema(values, SCHEMA)
    recency = values["recency"]
    return Race(
        tuple(Feature(**feature) for feature in values["features"]),
        RecencyModel(recency["column"], tuple(recency["knots"]), tuple(recency["heights"]), recency["missing"]),
        logistic_from_json(values["logistic"]),
        read_boosted(texts, trees=values["boosted"]["trees"]),
        {name: Calibration(**line) for name, line in values["calibrations"].items()},
        Blend(**{**values["blend"], "calibration": Calibration(**values["blend"]["calibration"])}),
        values["report"],
        {name: _intervals_from_json(one) for name, one in values.get("intervals", {}).items()},
    )


def _intervals_from_json(values: Mapping[str, Any]) -> Intervals:
    likeness = {**values["likeness"], "categories": tuple(map(tuple, values["likeness"]["categories"]))}
    bands = {
        name: Band(tuple(band["said"]), tuple(band["low"]), tuple(band["high"]), band["persons"])
        for name, band in values["bands"].items()
    }
    return Intervals(Likeness(**likeness), bands)


def check_schema(values: Mapping[str, Any], expected: int) -> None:
    """Raise `SchemaUnknown` where the values are not of this schema."""
    if values.get("schema") != expected:
        raise SchemaUnknown(
            f"expected a model of schema {expected}, found {values.get('schema')!r}; use the version of tenure "
            f"that wrote it, or train again"
        )


def logistic_to_json(model: LogisticModel) -> dict[str, Any]:
    """Plain values of a logistic regression."""
    return {
        "preparation": preparation_to_json(model.preparation),
        "weights": model.weights.tolist(),
        "intercept": model.intercept,
        "strength": model.strength,
    }


def logistic_from_json(values: Mapping[str, Any]) -> LogisticModel:
    """Rebuild a logistic regression."""
    weights = np.array(values["weights"], dtype=np.float64)
    return LogisticModel(preparation_from_json(values["preparation"]), weights, values["intercept"], values["strength"])


def preparation_to_json(preparation: Preparation) -> dict[str, Any]:
    """Plain values of how features become terms."""
    return {name: array.tolist() for name, array in vars(preparation).items()}


def preparation_from_json(values: Mapping[str, Any]) -> Preparation:
    """Rebuild how features become terms."""
    arrays: dict[str, Any] = {
        name: np.array(array, dtype=np.int64 if name in _WHOLE else np.float64) for name, array in values.items()
    }
    return Preparation(**arrays)
