"""`tenure promote` and `tenure rollback`: another model is served, wholly and at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from tenure.models.preflight import preflight
from tenure.pipelines.access.audit import Entry, append_entries
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.promotion.changing import (
    PromotionRefused,
    definition_of,
    finish,
    finish_interrupted,
    require_series,
    require_servable,
    served_day,
    served_now,
)
from tenure.pipelines.registry import CHALLENGER, PREVIOUS, NoChampion, Registered, Registry, model_name
from tenure.pipelines.scoring.golden import COMMAND
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.scoring.score import require_scorable
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.gate_decisions import decisions
from tenure.pipelines.store.leases import holding
from tenure.pipelines.store.promotions import PROMOTE, ROLLBACK, Promotion, change_served
from tenure.pipelines.store.score_sets import ScoreSet, set_of
from tenure.serving.cli.access import command_line
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, OutcomeName, now
from tenure.serving.cli.sets import Scored

Version = Annotated[str, typer.Argument(help="A version such as 3, or an alias.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why, in a sentence; kept with the change.")]


class Changed(NamedTuple):
    """A change of the model that is served, and whether its scores were made for it."""

    promotion: Promotion
    scored: bool


def promote_command(
    version: Version = CHALLENGER,
    config: Config = DEFAULT,
    outcome: OutcomeName = None,
    reason: Reason = None,
    new_definition: Annotated[
        bool, typer.Option("--new-definition", help="The outcome means something else now: begin a new series.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Serve another model from now on: the challenger, or a version. A running service needs no restart."""
    if new_definition and reason is None:
        raise typer.BadParameter("--new-definition needs --reason: a new series is not begun without saying why")
    _change(config, outcome, version, action=PROMOTE, reason=reason, new_definition=new_definition, quiet=as_json)


def rollback_command(
    config: Config = DEFAULT, outcome: OutcomeName = None, reason: Reason = None, as_json: AsJson = False
) -> None:
    """Serve the model of before again, from now on. A running service needs no restart."""
    _change(config, outcome, PREVIOUS, action=ROLLBACK, reason=reason, quiet=as_json)


def _change(
    config: Path,
    outcome: str | None,
    version: str,
    *,
    action: str,
    reason: str | None,
    new_definition: bool = False,
    quiet: bool,
) -> None:
    project = load_project(config)
    store = project_store(project)
    with holding(store, "run", now=now):
        opened = Opened(project, store, current_snapshot(project, store))
        study = opened.study(outcome)
        finish_interrupted(project, store, study.name, now=now())
        registered = Registry(project.data).named(model_name(project.name, study.name), version)
        if action == PROMOTE and reason is None:
            _require_no_refusal(opened, study, registered)
        changed = serve_model(
            opened, study, registered, action=action, reason=reason, new_definition=new_definition, quiet=quiet
        )
    told = changed.promotion
    if quiet:
        about = {"outcome": told.outcome, "action": action, "champion": told.champion, "before": told.before}
        results.print_json(json.dumps(about | {"as_of": told.as_of, "scored": changed.scored, "reason": reason}))
    else:
        before = f", in the place of {told.before}" if told.before else ""
        notes.print(f"{told.champion} is served as of {told.as_of}{before}", markup=False)


def serve_model(
    opened: Opened,
    study: Study,
    registered: Registered,
    *,
    action: str,
    reason: str | None = None,
    new_definition: bool = False,
    quiet: bool = False,
) -> Changed:
    """Serve a registered model: by its complete set as of the served date where there is one, else by a new one.

    Until the pointer names that set the model of before is served; whoever is killed leaves one of the two, whole.
    """
    before = champion_of(opened, study)
    served = served_now(opened.store, study.name)
    if before == registered and served is not None and served.model_version == registered.label:
        raise PromotionRefused(f"{registered.label} is the champion of {study.name!r} already; nothing was changed")
    preflight(registered.directory, command=COMMAND)
    model = open_model(registered.directory)
    require_servable(study, model, registered.label)
    if before is not None and before != registered:
        require_series(definition_of(before), model, registered.label, new_definition=new_definition)
    found = None if served is None else _made_before(opened, registered, served)
    made = found or _made_now(opened, study, registered, model, served, new_series=new_definition, quiet=quiet)
    promotion = change_served(
        opened.store,
        made,
        seen=None if served is None else served.score_set_id,
        before=None if before is None or before == registered else before.label,
        action=action,
        now=now(),
        reason=reason,
        new_series=new_definition,
    )
    finish(opened.project, opened.store, promotion, now=now())
    _record(opened, promotion)
    return Changed(promotion, found is None)


def _record(opened: Opened, promotion: Promotion) -> None:
    about = {"champion": promotion.champion, "before": promotion.before, "reason": promotion.reason}
    entry = Entry(promotion.at, command_line(), f"model.{promotion.action}", detail=about)
    append_entries(opened.store, [entry])


def _require_no_refusal(opened: Opened, study: Study, registered: Registered) -> None:
    """Raise where the gate kept a version out and nobody says why it should be served all the same."""
    with reading(opened.store) as connection:
        last = decisions(connection, study.name, candidate=registered.label, limit=1)
    if last and last[0].decision == "keep":
        raise PromotionRefused(
            f"{registered.label}: the gate kept it out ({last[0].sentence}); with --reason it is served all the same"
        )


def champion_of(opened: Opened, study: Study) -> Registered | None:
    """The version that is champion; None before the first."""
    try:
        return Registry(opened.project.data).with_alias(model_name(opened.project.name, study.name))
    except NoChampion:
        return None


def _made_before(opened: Opened, registered: Registered, served: ScoreSet) -> ScoreSet | None:
    """The set that a model has of the date and the data that are served."""
    day, snapshot = served.as_of, served.snapshot_id
    with reading(opened.store) as connection:
        return set_of(connection, served.outcome, registered.label, as_of=day, snapshot_id=snapshot)


def _made_now(
    opened: Opened,
    study: Study,
    registered: Registered,
    model: ScoringModel,
    served: ScoreSet | None,
    *,
    new_series: bool,
    quiet: bool,
) -> ScoreSet:
    day = served_day(served, model, opened.today(study))
    require_scorable(study, model, day, back_test=False, allow_stale=served is not None and served.stale)
    with step(f"scoring as of {day} with {registered.label}", quiet=quiet) as work:
        scored = Scored.by(opened, study, model, day, work)
        number = scored.write(opened, study, registered, new_series=new_series, quiet=quiet)
        work.summary = f"scored {len(scored.rows):,} as of {day} with {registered.label}"
    with reading(opened.store) as connection:
        found = set_of(connection, study.name, registered.label, as_of=day)
    if found is None or found.score_set_id != number:
        raise PromotionRefused(f"score set {number} of {registered.label} is gone again; run the command once more")
    return found
