"""The registered effect model as MLflow loads it: `mlflow.pyfunc.load_model("models:/NAME-effect@champion")`.

MLflow keeps this file beside the artefact and runs it when the model is loaded, so that no object is pickled.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from tenure.models.feature import feature_names
from tenure.models.uplift.artefact import load_effect


class TenureEffect(PythonModel):
    """By how much a contact lowers the probability to leave, for each row of a feature table with its `risk`."""

    def load_context(self, context: Any) -> None:
        """Open the artefact, its digests checked."""
        self.model = load_effect(Path(context.artifacts["artefact"])).model

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.Series:
        """The effect on each row."""
        return self.model.predict(model_input.reindex(columns=feature_names(self.model.features)))


set_model(TenureEffect())
