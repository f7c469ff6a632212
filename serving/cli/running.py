"""`tenure run` and `tenure refresh`: what has to be done again and again."""

from __future__ import annotations

import json
import threading
from typing import Annotated, Any

import typer

from tenure.pipelines.decisions.expressions import ExpressionWrong
from tenure.pipelines.decisions.saves import report_saves
from tenure.pipelines.decisions.saves_document import keep_saves
from tenure.pipelines.live.forgetting import forget_delivered
from tenure.pipelines.privacy.retention import forget_old, forget_old_feeds
from tenure.pipelines.registry import NoChampion
from tenure.pipelines.scoring.score import ScoreRefused
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.leases import holding
from tenure.pipelines.store.score_sets import published_set
from tenure.serving.cli.alerts import digests_of_today
from tenure.serving.cli.console import notes, results
from tenure.serving.cli.monitoring import findings_table, look
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, now, open_project
from tenure.serving.cli.retraining import retrain_if_due
from tenure.serving.cli.scoring import score_and_publish
from tenure.serving.cli.shadow import score_in_shadow
from tenure.serving.refresher import refresh_until


def run_command(
    config: Config = DEFAULT,
    again: Annotated[bool, typer.Option("--again", help="Score today once more, even if it was done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import what is new, score everybody as of today and look whether all is well: the one command for a schedule."""
    project = load_project(config)
    store = project_store(project)
    with holding(store, "run", now=now):
        forget_old_feeds(project, now=now())
        opened = open_project(config, quiet=as_json)
        done = {name: _score(opened, name, again=again, quiet=as_json) for name in project.outcome}
        for name in project.outcome:
            done[name]["saves"] = _count_saves(opened, name)
            done[name] |= _look_after_models(opened, name, quiet=as_json)
        forgotten = forget_delivered(store, now=now())
        expired = forget_old(project, store, now=now())
        digests = digests_of_today(project, store) if done[project.primary_outcome]["done"] else None
        watched = look(opened, quiet=as_json)
    if as_json:
        told = {"snapshot": opened.snapshot.snapshot_id, "outcomes": done, "forgotten": forgotten, "expired": expired}
        told["digests"] = digests
        told["monitor"] = watched.to_json()
        results.print_json(json.dumps(told))
    else:
        for name, found in done.items():
            notes.print(f"{name}: {found['said']}", markup=False)
            if found["retrained"] is not None:
                notes.print(f"{name}: {found['retrained']['sentence']}", markup=False)
        if expired:
            said = ", ".join(f"{count:,} {what}" for what, count in expired.items())
            notes.print(f"no longer kept: {said}", markup=False)
        if digests is not None:
            notes.print(digests, markup=False)
        notes.print(findings_table(watched))
    if not all(found["done"] for found in done.values()):
        raise typer.Exit(1)


def refresh_command(config: Config = DEFAULT) -> None:
    """Score again whoever has new interactions, until Ctrl-C; `tenure serve` does it by itself."""
    project = load_project(config)
    stop = threading.Event()
    try:
        refresh_until(stop, project, project_store(project))
    except KeyboardInterrupt:
        notes.print("stopping")


def _count_saves(opened: Opened, outcome: str) -> str:
    """Count for the desk what was saved; the sentence that says it."""
    report = report_saves(opened.study(outcome), opened.store)
    keep_saves(opened.project, report)
    return report.sentence


def _look_after_models(opened: Opened, outcome: str, *, quiet: bool) -> dict[str, Any]:
    """Train a candidate where one is due, and score the challenger in shadow; what came of both."""
    study = opened.study(outcome)
    retrained = retrain_if_due(opened, study, quiet=quiet)
    return {"retrained": retrained, "shadow": score_in_shadow(opened, study, quiet=quiet)}


def _score(opened: Opened, outcome: str, *, again: bool, quiet: bool) -> dict[str, Any]:
    """Score one outcome as of today, unless that was done with the champion of today."""
    study = opened.study(outcome)
    today = opened.today(study)
    try:
        registered, _ = opened.champion(study)
    except NoChampion as error:
        return {"done": False, "said": str(error)}
    with reading(opened.store) as connection:
        served = published_set(connection, outcome)
    if served is not None and not again and (served.as_of, served.model_version) == (today, registered.label):
        return {"done": True, "as_of": str(today), "said": f"was scored as of {today} already"}
    try:
        scored = score_and_publish(opened, study, today, quiet=quiet, tried=registered.label)
    except (ScoreRefused, ExpressionWrong) as error:
        return {"done": False, "said": str(error)}
    return {"done": True, "as_of": str(today), "units": len(scored), "said": f"scored as of {today}"}
