"""`tenure push`: a model that was trained here goes to another project, whose own gate decides about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

import typer

from tenure.models.gate import Decision
from tenure.models.preflight import preflight
from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.promotion.changing import finish_interrupted, require_servable
from tenure.pipelines.promotion.gating import decision_document, keep, pass_gate_as_it_is
from tenure.pipelines.registry import CHAMPION, Registered, Registry, model_name
from tenure.pipelines.scoring.golden import COMMAND
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.leases import holding
from tenure.pipelines.store.promotions import PROMOTE
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, OutcomeName, now
from tenure.serving.cli.promoting import champion_of, serve_model
from tenure.serving.cli.retraining import gate_table
from tenure.serving.cli.shadow import score_in_shadow

NOBODY = "Not served yet: there is no champion to compare it with; `tenure promote` serves it."


@dataclass(frozen=True)
class Pushed:
    """The version that a model became elsewhere, and what the gate there said of it."""

    registered: Registered
    decision: Decision
    served: bool


def push_command(
    version: Annotated[str, typer.Argument(help="A version such as 3, or an alias.")] = CHAMPION,
    config: Config = DEFAULT,
    target: Annotated[str, typer.Option("--target", help="The NAME of a section [target.NAME].")] = "prod",
    outcome: OutcomeName = None,
    as_json: AsJson = False,
) -> None:
    """Bring a model to another project, and let the gate there decide on that project's own data."""
    project = load_project(config)
    if target not in project.target:
        known = ", ".join(project.target) or "none"
        raise typer.BadParameter(f"--target {target}: the project file has no [target.{target}]; it has {known}")
    name, _ = project.outcome_named(outcome)
    registered = Registry(project.data).named(model_name(project.name, name), version)
    preflight(registered.directory, command=COMMAND)
    there = load_project(project.root / project.target[target].project)
    done = push(project, there, name, registered, open_model(registered.directory), quiet=as_json)
    if as_json:
        about = {"model": registered.label, "target": target, "became": done.registered.label, "served": done.served}
        results.print_json(json.dumps(about | decision_document(done.decision)))
    else:
        notes.print(f"{registered.label} became {done.registered.label} of {there.name}", markup=False)
        results.print(gate_table(done.decision))
    if not done.served:
        raise typer.Exit(1)


def push(
    project: Project, there: Project, outcome: str, registered: Registered, model: ScoringModel, *, quiet: bool = False
) -> Pushed:
    """Register a model's artefact in another project as challenger, pass its gate, and serve it where it does."""
    store = project_store(there)
    with holding(store, "run", now=now):
        opened = Opened(there, store, current_snapshot(there, store))
        study = opened.study(outcome)
        finish_interrupted(there, store, outcome, now=now())
        require_servable(study, model, registered.label)
        registry = Registry(there.data)
        with step(f"bringing {registered.label} to {there.name}", quiet=quiet) as work:
            made = _register(project, registry, model_name(there.name, outcome), registered, model)
            work.summary = f"brought {registered.label} to {there.name} as {made.label}"
        champion = champion_of(opened, study)
        if champion is None:
            decision = Decision("cannot tell", NOBODY)
        else:
            preflight(champion.directory, command=COMMAND)
            with step(f"comparing it with {champion.label} on the data there", quiet=quiet) as work:
                decision = pass_gate_as_it_is(
                    study, champion, open_model(champion.directory), made, model, progress=work.progress
                )
                work.summary = f"compared with {champion.label} on the data there: {decision.name}"
        keep(store, registry, decision, made, champion, outcome=outcome, now=now())
        served = decision.name == "promote"
        if served:
            serve_model(opened, study, made, action=PROMOTE, reason=decision.sentence, quiet=quiet)
        else:
            score_in_shadow(opened, study, quiet=quiet)
    return Pushed(made, decision, served)


def _register(
    project: Project, registry: Registry, name: str, registered: Registered, model: ScoringModel
) -> Registered:
    """The same artefact, byte for byte, as a challenger of another registry; where it came from is on it."""
    tags = {key: registered.tags[key] for key in ("verdict", "digest") if key in registered.tags}
    made = registry.register(
        name,
        registered.directory,
        features=model.features,
        parameters={"pushed_from": registered.label, "learned_until": model.learned_until},
        metrics={},
        tags=tags | {"pushed_from": registered.label},
        documents=Registry(project.data).documents(registered),
        description=f"Trained as {registered.label}.",
    )
    registry.challenge(name, made.version)
    return made
