"""The registered model as MLflow loads it: `mlflow.pyfunc.load_model("models:/NAME@champion")`.

MLflow keeps this file beside the artefact and runs it when the model is loaded, so that no
object is pickled. The input is a feature table as `tenure features` writes it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from tenure.pipelines.scoring.model import open_model


class TenureModel(PythonModel):
    """Calibrated probabilities of a feature table."""

    def load_context(self, context: Any) -> None:
        """Open the artefact, its digests checked."""
        self.model = open_model(Path(context.artifacts["artefact"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """The probability of each row, and what each model of the race says."""
        race = self.model.artefact.race
        return race.predict(model_input.reindex(columns=self.model.features))


set_model(TenureModel())
