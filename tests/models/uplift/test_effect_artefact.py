from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tenure.models.artefact import ArtefactExists
from tenure.models.feature import Feature
from tenure.models.golden import GoldenDiffer
from tenure.models.manifest import ArtefactCorrupt, write_manifest
from tenure.models.serial import SchemaUnknown
from tenure.models.uplift.artefact import load_effect, save_effect
from tenure.models.uplift.effect import FittedEffect, fit_effect
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.trial import Trial


@pytest.fixture
def saved(fitted: FittedEffect, tmp_path: Path) -> Path:
    save_effect(fitted.model, tmp_path / "effect", extra={"verdict": "use uplift"})
    return tmp_path / "effect"


def test_what_is_loaded_predicts_the_same_bits(
    saved: Path, fitted: FittedEffect, split: tuple[Trial, np.ndarray]
) -> None:
    found = load_effect(saved)
    frame = pd.DataFrame(split[0].matrix, columns=[feature.name for feature in fitted.model.features])
    assert found.model.predict(frame).equals(fitted.model.predict(frame))
    assert found.extra == {"verdict": "use uplift"}
    assert found.model.report == fitted.model.report
    assert found.model.features == fitted.model.features


def test_there_is_no_pickle(saved: Path) -> None:
    assert sorted(path.name for path in saved.iterdir()) == [
        "contacted-0.txt",
        "extra.json",
        "golden.json",
        "manifest.json",
        "model.json",
        "risk-0.txt",
        "trees.txt",
        "untouched-0.txt",
    ]


def test_saved_again_it_is_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    found = load_effect(saved)
    assert save_effect(found.model, tmp_path / "again", extra=found.extra) == found.digest


def test_a_model_on_a_known_risk_comes_back(
    split: tuple[Trial, np.ndarray], settings: EffectSettings, tmp_path: Path
) -> None:
    trial = split[0].rows(np.arange(1_000))
    risk = np.linspace(0.05, 0.6, 1_000)
    known = replace(trial, matrix=np.column_stack([trial.matrix, risk]), features=(*trial.features, Feature("risk")))
    model = fit_effect(known, settings=settings).model
    save_effect(model, tmp_path / "effect")
    assert np.array_equal(load_effect(tmp_path / "effect").model.effects(known.matrix), model.effects(known.matrix))


@pytest.mark.parametrize("name", ["model.json", "trees.txt", "golden.json"])
def test_a_changed_byte_is_refused(saved: Path, name: str) -> None:
    content = bytearray((saved / name).read_bytes())
    content[len(content) // 2] ^= 1
    (saved / name).write_bytes(content)
    with pytest.raises(ArtefactCorrupt, match=name):
        load_effect(saved)


@pytest.mark.parametrize(
    ("name", "key", "value", "refusal"),
    [("model.json", "average", 9.0, GoldenDiffer), ("model.json", "schema", 99, SchemaUnknown)],
)
def test_another_model_under_a_true_manifest_is_refused(
    saved: Path, name: str, key: str, value: float, refusal: type[Exception]
) -> None:
    values = json.loads((saved / name).read_text())
    (saved / name).write_text(json.dumps({**values, key: value}))
    write_manifest(saved)
    with pytest.raises(refusal, match="expected"):
        load_effect(saved)


def test_an_effect_is_never_overwritten(saved: Path, fitted: FittedEffect) -> None:
    with pytest.raises(ArtefactExists, match="not empty"):
        save_effect(fitted.model, saved)
