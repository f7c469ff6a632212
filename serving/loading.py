"""Where the service gets its models: the registered artefact, tried in a child process before use."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from tenure.models.manifest import ArtefactCorrupt, ArtefactMissing
from tenure.models.preflight import PreflightFailed, preflight
from tenure.pipelines.features.sums import tables_from_json
from tenure.pipelines.registry import NoChampion, Registry, model_name, registry_file
from tenure.pipelines.scoring.golden import COMMAND
from tenure.pipelines.scoring.live import history_of
from tenure.pipelines.scoring.model import PROBABILITY, ScoringModel, open_model
from tenure.pipelines.settings.project import Project
from tenure.serving.histories import History
from tenure.serving.scorer import ModelUnavailable, Reason, Scorer, UnitScore, as_told

log = logging.getLogger(__name__)

UNIT = ["unit_id", "customer_id", "status", *PROBABILITY, "reasons"]

REMEDY = "run `tenure train` and `tenure score`"


class ArtefactScorer:
    """A verified artefact that scores histories handed over in a request."""

    def __init__(self, model: ScoringModel) -> None:
        self._model = model

    def score(self, *, as_of: dt.date, customers: Sequence[History], context: Mapping[str, Any]) -> list[UnitScore]:
        """Score histories as of a local midnight with the kernel and the model of the batch."""
        rows = [
            {"customer_id": customer.customer_id} | row.model_dump()
            for customer in customers
            for row in customer.interactions
        ]
        facts = [
            {"customer_id": customer.customer_id} | fact.model_dump()
            for customer in customers
            for fact in customer.profiles
        ]
        history = history_of(self._model.question, rows, facts)
        scored = self._model.score(self._model.describe(history, as_of, tables=tables_from_json(context)))
        found = [_unit_score(*row) for row in scored[UNIT].itertuples(index=False, name=None)]
        seen = {unit.customer_id for unit in found}
        strangers = (c.customer_id for c in customers if c.customer_id not in seen)
        return found + [UnitScore(unit_id=name, customer_id=name, status="unknown") for name in strangers]


def load_scorer(project: Project, outcome: str, model_version: str) -> Scorer:
    """Load and verify the model of a version; raises `ModelUnavailable` with the remedy."""
    return ArtefactScorer(load_model(project, outcome, model_version))


def load_model(project: Project, outcome: str, model_version: str) -> ScoringModel:
    """The same as the model itself."""
    name, _, number = model_version.rpartition("/")
    try:
        if not registry_file(project.data).is_file():
            raise NoChampion(f"{registry_file(project.data)} is not there; nothing was trained here")
        registered = Registry(project.data).version(name or model_name(project.name, outcome), number)
        preflight(registered.directory, command=COMMAND)
        return open_model(registered.directory)
    except (NoChampion, ArtefactMissing, ArtefactCorrupt, PreflightFailed) as error:
        log.warning("model %s cannot be used: %s", model_version, error)  # callers are told no path of this machine
        raise ModelUnavailable(f"model {model_version} failed its check ({type(error).__name__}); {REMEDY}") from error


def _unit_score(
    unit: str,
    customer: str,
    status: str,
    probability: float,
    low: float,
    high: float,
    reasons: list[dict[str, object]] | None,
) -> UnitScore:
    said = (probability, low, high)
    known = {name: None if value != value else value for name, value in zip(PROBABILITY, said, strict=True)}
    found = tuple(Reason.model_validate(as_told(reason)) for reason in reasons or [])
    return UnitScore.model_validate(
        {"unit_id": unit, "customer_id": customer, "status": status, **known, "reasons": found}
    )
