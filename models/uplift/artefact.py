"""An effect model in one directory without pickle, with golden rows that must come out bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tenure.models.artefact import EXTRA, GOLDEN, MODEL, write_whole
from tenure.models.feature import feature_names
from tenure.models.golden import GoldenDiffer, invented_rows
from tenure.models.manifest import canonical_json, read_checked
from tenure.models.uplift.effect import EffectModel
from tenure.models.uplift.serial import effect_from_json, effect_texts, effect_to_json
from tenure.models.uplift.trial import RISK


@dataclass(frozen=True)
class EffectArtefact:
    """A model read back, with what travelled beside it; `digest` names exactly this content."""

    model: EffectModel
    digest: str
    extra: dict[str, Any] = field(default_factory=dict)
    golden: dict[str, Any] = field(default_factory=dict)


def save_effect(model: EffectModel, directory: Path, *, extra: Mapping[str, Any] | None = None) -> str:
    """Write the artefact and give its digest; the same model gives the same bytes.

    `extra` is any JSON value, such as the verdict, handed back by `load_effect` as it is. Raises `ArtefactExists`
    where there is something in the directory.
    """
    files = {
        MODEL: canonical_json(effect_to_json(model)),
        EXTRA: canonical_json(dict(extra or {})),
        GOLDEN: canonical_json(_golden(model)),
    }
    files |= {name: text.encode() for name, text in effect_texts(model).items()}
    return write_whole(directory, files)


def load_effect(directory: Path) -> EffectArtefact:
    """Check every digest, then read the model and try its golden rows.

    Raises `ArtefactMissing`, `ArtefactCorrupt`, `SchemaUnknown` or `GoldenDiffer`.
    """
    files, digest = read_checked(directory)
    texts = {name: content.decode() for name, content in files.items() if name.endswith(".txt")}
    model = effect_from_json(json.loads(files[MODEL]), texts)
    golden = json.loads(files[GOLDEN])
    check_golden_effects(model, golden)
    return EffectArtefact(model, digest, json.loads(files[EXTRA]), golden)


def check_golden_effects(model: EffectModel, cases: Mapping[str, Any]) -> int:
    """Predict the golden rows again, in a batch and one by one; give their number or raise `GoldenDiffer`."""
    frame = pd.DataFrame(cases["rows"], columns=feature_names(model.features), dtype=np.float64)
    batch = model.predict(frame).tolist()
    alone = [model.predict(frame.iloc[[row]]).iloc[0] for row in range(len(frame))]
    for how, found in (("in a batch", batch), ("one by one", alone)):
        different = [row for row, (a, b) in enumerate(zip(cases["effects"], found, strict=True)) if a != b]
        if different:
            row = different[0]
            raise GoldenDiffer(
                f"{len(different)} of {len(frame)} golden effects differ ({how}): row {row} expected "
                f"{cases['effects'][row]!r}, found {found[row]!r}; install the locked versions, or fit again here"
            )
    return len(frame)


def _golden(model: EffectModel) -> dict[str, Any]:
    """Invented rows that hold nobody's data, and what the model says to them."""
    frame = invented_rows(model.features)
    if RISK in frame:
        frame[RISK] = np.linspace(0.01, 0.9, len(frame))
    rows = [[None if np.isnan(value) else value for value in row] for row in frame.to_numpy().tolist()]
    return {"rows": rows, "effects": model.predict(frame).tolist()}
