"""Changing the model that is served: one pointer in the store decides, alerts and the registry's aliases follow it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine

from tenure.models.gate import SERVABLE
from tenure.models.manifest import ArtefactCorrupt, ArtefactMissing
from tenure.models.serial import SchemaUnknown
from tenure.pipelines.alerts.raising import raise_alerts
from tenure.pipelines.examples.study import Study
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.registry import Registered, Registry, model_name
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.settings.outcome import AnyOutcome
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.past import remember_scores
from tenure.pipelines.store.promotions import Promotion, settle, unsettled
from tenure.pipelines.store.score_sets import ScoreSet, published_number, published_set, sweep


class PromotionRefused(ValueError):
    """A model may not be served; the message says why and what to do."""


def finish(project: Project, engine: Engine, promotion: Promotion, *, now: dt.datetime) -> None:
    """Let everything follow a change that was made; it may be done again, after it was interrupted anywhere.

    Nobody is told of anybody: alerts begin anew with the first set of another model.
    """
    _, _, number = promotion.champion.rpartition("/")
    previous = None if promotion.before is None else promotion.before.rpartition("/")[2]
    name = model_name(project.name, promotion.outcome)
    Registry(project.data).settle(name, champion=number, previous=previous)
    with reading(engine) as connection:
        served = published_number(connection, promotion.outcome)
    if served == promotion.score_set_id:
        remember_scores(engine, promotion.score_set_id)
        raise_alerts(project, engine, promotion.outcome, now=now)
        sweep(engine, promotion.outcome)
    settle(engine, promotion)


def finish_interrupted(project: Project, engine: Engine, outcome: str, *, now: dt.datetime) -> Promotion | None:
    """Finish the last change of an outcome where whoever made it was killed half-way; None where nobody was."""
    with reading(engine) as connection:
        found = unsettled(connection, outcome)
    if found is not None:
        finish(project, engine, found, now=now)
    return found


def require_servable(study: Study, model: ScoringModel, label: str) -> None:
    """Raise unless a model answers the question that the project file asks, with a verdict that allows its use."""
    asked, answered = study.outcome, model.question.outcome
    if answered != asked:
        raise PromotionRefused(
            f'outcome {study.name!r}: {label} was trained for "{definition(study.name, answered)}", the project file '
            f'says "{definition(study.name, asked)}"; change the file, or choose a version of today\'s definition'
        )
    if model.verdict not in SERVABLE:
        raise PromotionRefused(
            f"{label}: its verdict is {model.verdict!r}, so it may not be served; expected one of "
            f"{', '.join(map(repr, SERVABLE))}. `tenure backtest` says what is missing"
        )


def require_series(before: AnyOutcome | None, model: ScoringModel, label: str, *, new_definition: bool) -> None:
    """Raise where a model would go on with a series of scores by another definition, or begin one without need.

    `before` is the champion's definition, None where nobody can say any more.
    """
    if before is None:
        return
    differences = differ(before, model.question.outcome)
    if differences and not new_definition:
        raise PromotionRefused(
            f"{label} answers another question than the champion ({', '.join(differences)}): its scores, alerts and "
            "saves would not go on from those of before. `tenure compare` sets both side by side; `tenure promote "
            f"{label.rpartition('/')[2]} --new-definition --reason WHY` begins a new series"
        )
    if new_definition and not differences:
        raise PromotionRefused(
            f"{label} answers the same question as the champion, so that no new series begins; leave out "
            "--new-definition"
        )


def definition_of(registered: Registered) -> AnyOutcome | None:
    """What the outcome of a registered model means; None where its artefact is gone, broken or of another release."""
    try:
        return open_model(registered.directory).question.outcome
    except (ArtefactMissing, ArtefactCorrupt, SchemaUnknown):
        return None


def differ(one: AnyOutcome, other: AnyOutcome) -> list[str]:
    """In what two definitions differ, key by key, such as `horizon_days 28 -> 14`.

    >>> from tenure.pipelines.settings.outcome import Inactivity
    >>> lapse = Inactivity(type="inactivity", kinds=("purchase",), horizon_days=28)
    >>> differ(lapse, lapse.model_copy(update={"horizon_days": 14}))
    ['horizon_days 28 -> 14']
    """
    ours, theirs = one.model_dump(mode="json"), other.model_dump(mode="json")
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    return [f"{name} {_shown(ours.get(name))} -> {_shown(theirs.get(name))}" for name in names]


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)


def served_day(served: ScoreSet | None, model: ScoringModel, today: dt.date) -> dt.date:
    """As of when another model is to be served: as what is served, or today where it has learned from later labels."""
    return today if served is None or served.as_of < model.learned_until else served.as_of


def served_now(engine: Engine, outcome: str) -> ScoreSet | None:
    """The header of the set that is served."""
    with reading(engine) as connection:
        return published_set(connection, outcome)
