"""Where the service gets its models: the registered artefact, verified before use."""

from __future__ import annotations

from tenure.pipelines.settings.project import Project
from tenure.serving.scorer import ModelUnavailable, Scorer


def load_scorer(project: Project, outcome: str, model_version: str) -> Scorer:
    """Load and verify the model of a version; raises `ModelUnavailable` with the remedy."""
    raise ModelUnavailable(f"model {model_version} of {project.name}-{outcome} cannot be loaded; run `tenure train`")
