"""A fitted effect model as plain JSON values, and back; boosters travel beside it as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from tenure.models.boosted import read_boosted
from tenure.models.calibration import Calibration
from tenure.models.feature import Feature
from tenure.models.serial import (
    check_schema,
    logistic_from_json,
    logistic_to_json,
    preparation_from_json,
    preparation_to_json,
)
from tenure.models.uplift.effect import EffectModel
from tenure.models.uplift.leaving import KnownRisk, Leaving
from tenure.models.uplift.members import Members
from tenure.models.uplift.mixing import Mixture
from tenure.models.uplift.odds_ratio import Level, OddsLine
from tenure.models.uplift.score_line import ScoreLine
from tenure.models.uplift.trees import read_trees

SCHEMA = 1
"""Raised whenever an older reader could misread what is written."""

TREES = "trees.txt"
"""The file of the trees of the odds ratio."""


def effect_to_json(model: EffectModel) -> dict[str, Any]:
    """Everything but the boosters; floats survive the way through JSON exactly."""
    members, mixture = model.members, model.mixture
    return {
        "schema": SCHEMA,
        "features": [asdict(feature) for feature in model.features],
        "risk": _risk_to_json(members.risk),
        "untouched": _leaving_to_json(members.untouched),
        "contacted": _leaving_to_json(members.contacted),
        "level": asdict(members.level),
        "preparation": preparation_to_json(members.preparation),
        "line": asdict(members.line) | {"weights": members.line.weights.tolist()},
        "scores": {
            "weights": members.scores.weights.tolist(),
            "centres": members.scores.centres.tolist(),
            "level": members.scores.level,
        },
        "mixture": asdict(mixture) | {"shares": mixture.shares.tolist()},
        "centres": model.centres.tolist(),
        "average": model.average,
        "report": model.report,
    }


def effect_texts(model: EffectModel) -> dict[str, str]:
    """The boosters in LightGBM's text format, by file name."""
    members = model.members
    texts = {TREES: members.trees.text()}
    for name, leaving in (("risk", members.risk), ("untouched", members.untouched), ("contacted", members.contacted)):
        if isinstance(leaving, Leaving):
            texts |= {_file(name, place): text for place, text in enumerate(leaving.boosted.texts())}
    return texts


def effect_from_json(values: Mapping[str, Any], texts: Mapping[str, str]) -> EffectModel:
    """Rebuild the model from checked values and the texts of its boosters; raises `SchemaUnknown`."""
    check_schema(values, SCHEMA)
    line, scores, mixture = values["line"], values["scores"], values["mixture"]
    known = values["risk"].get("column")
    members = Members(
        risk=_leaving("risk", values, texts)
        if known is None
        else KnownRisk(known, Calibration(**values["risk"]["line"])),
        level=Level(**values["level"]),
        preparation=preparation_from_json(values["preparation"]),
        line=OddsLine(**{**line, "weights": _floats(line["weights"])}),
        trees=read_trees(texts[TREES]),
        untouched=_leaving("untouched", values, texts),
        contacted=_leaving("contacted", values, texts),
        scores=ScoreLine(_floats(scores["weights"]), _floats(scores["centres"]), scores["level"]),
    )
    return EffectModel(
        tuple(Feature(**feature) for feature in values["features"]),
        members,
        Mixture(**{**mixture, "shares": _floats(mixture["shares"])}),
        _floats(values["centres"]),
        values["average"],
        values["report"],
    )


def _risk_to_json(risk: KnownRisk | Leaving) -> dict[str, Any]:
    if isinstance(risk, Leaving):
        return _leaving_to_json(risk)
    return {"column": risk.column, "line": asdict(risk.line)}


def _leaving_to_json(leaving: Leaving) -> dict[str, Any]:
    boosted = leaving.boosted
    return {
        "logistic": logistic_to_json(leaving.logistic),
        "trees": boosted.trees,
        "boosters": len(boosted.boosters),
    }


def _leaving(name: str, values: Mapping[str, Any], texts: Mapping[str, str]) -> Leaving:
    found = values[name]
    boosters = [texts[_file(name, place)] for place in range(found["boosters"])]
    return Leaving(logistic_from_json(found["logistic"]), read_boosted(boosters, trees=found["trees"]))


def _file(name: str, place: int) -> str:
    return f"{name}-{place}.txt"


def _floats(values: list[float]) -> np.ndarray:
    return np.array(values, dtype=np.float64)
