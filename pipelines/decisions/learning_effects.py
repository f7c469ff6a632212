"""From published lists to a registered effect model: fitted, measured, judged, and used only where it may be."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from tenure.models.feature import feature_names
from tenure.models.preflight import preflight
from tenure.models.uplift.artefact import EffectArtefact, load_effect, save_effect
from tenure.models.uplift.effect import EffectModel
from tenure.models.uplift.measures import EffectMeasures
from tenure.models.uplift.preflight import COMMAND
from tenure.models.uplift.study import study_effect
from tenure.models.uplift.verdict import EffectVerdict
from tenure.pipelines.decisions.effects import Gathered, gather_trial
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.privacy.roster import keep_roster
from tenure.pipelines.registry import EFFECT_CODE, NoChampion, Registered, Registry, effect_name
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.score_sets import published_set

USABLE = "use uplift"
"""The verdict with which an effect model ranks contacts."""

LEAST_SHARE, MOST_SHARE = 0.05, 0.5
"""Between these the capacity is measured, as a share: of fewer people there is nothing to measure."""

MEASURED = ("average", "difference", "qini", "top", "slope", "over_random", "over_risk")


@dataclass(frozen=True)
class LearntEffect:
    """What came of it: the verdict, its measures, the version (None: too few data for one), and which one is in use."""

    verdict: EffectVerdict
    measures: EffectMeasures | None
    registered: Registered | None
    in_use: str | None
    arms: dict[str, int]
    left_out: dict[str, int]


def learn_effect(
    study: Study, store: Engine, model: ScoringModel, *, risk_model: str, progress: Progress | None = None
) -> LearntEffect:
    """Learn from all published lists what contacts change; the model becomes champion with the verdict *use uplift*.

    Another verdict removes no champion: that stays a decision, by `[economics] rank_by`. Raises `NoTrial`.
    """
    gathered = gather_trial(study, store, model, progress=progress)
    found = study_effect(gathered.trial, capacity=_share(study, store), value=gathered.values)
    registry, name = Registry(study.project.data), effect_name(study.project.name, study.name)
    registered = None
    if found.model is not None and found.measures is not None:
        registered = _registered(
            study, registry, name, found.model, found.measures, found.verdict, gathered, risk_model=risk_model
        )
        (registry.promote if found.verdict.name == USABLE else registry.challenge)(name, registered.version)
    champion = _champion(registry, name)
    in_use = champion.label if champion is not None and study.project.economics.rank_by == "best" else None
    return LearntEffect(found.verdict, found.measures, registered, in_use, gathered.trial.counts(), gathered.left_out)


def effect_in_use(project: Project, outcome: str) -> tuple[str, EffectArtefact] | None:
    """The label and the model by which contacts are ranked, tried in a child process; None: they are by risk."""
    if project.economics.rank_by == "risk":
        return None
    champion = _champion(Registry(project.data), effect_name(project.name, outcome))
    if champion is None:
        return None
    preflight(champion.directory, command=COMMAND)
    return champion.label, load_effect(champion.directory)


def _champion(registry: Registry, name: str) -> Registered | None:
    try:
        return registry.with_alias(name)
    except NoChampion:
        return None


def _share(study: Study, store: Engine) -> float:
    """The capacity as a share of those who are scored."""
    with reading(store) as connection:
        found = published_set(connection, study.name)
    scored = 0 if found is None else found.counts.get("scored", 0)
    share = study.project.economics.capacity / scored if scored else LEAST_SHARE
    return min(max(share, LEAST_SHARE), MOST_SHARE)


def _registered(
    study: Study,
    registry: Registry,
    name: str,
    model: EffectModel,
    measures: EffectMeasures,
    verdict: EffectVerdict,
    gathered: Gathered,
    *,
    risk_model: str,
) -> Registered:
    about: dict[str, Any] = {
        "project": study.project.name,
        "outcome": study.name,
        "risk_model": risk_model,
        "verdict": verdict.name,
        "sentence": verdict.sentence,
        "complete_until": study.watermark.isoformat(),
    }
    with tempfile.TemporaryDirectory(dir=study.project.data, prefix=".training-") as scratch:
        directory = Path(scratch) / "artefact"
        digest = save_effect(model, directory, extra=about)
        preflight(directory, command=COMMAND)
        registered = registry.register(
            name,
            directory,
            features=feature_names(model.features),
            parameters={
                **about,
                "people": len(gathered.trial),
                "capacity": measures.capacity,
                "features": len(model.features),
                **{f"left_out.{why}": count for why, count in gathered.left_out.items()},
            },
            metrics={f"effect.{one}": getattr(measures, one).value for one in MEASURED},
            tags={"verdict": verdict.name, "digest": digest, "snapshot": study.snapshot.snapshot_id},
            code=EFFECT_CODE,
        )
    keep_roster(study.project.data, name, registered.version, gathered.customers)
    return registered
