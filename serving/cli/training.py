"""`tenure train`: a model of one's own making; the first by its verdict, every later one through the gate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tenure.pipelines.examples.cutoffs import report_origins
from tenure.pipelines.promotion.changing import definition_of
from tenure.pipelines.store.leases import holding
from tenure.pipelines.training import Trained
from tenure.serving.cli.console import notes, results
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, now, open_project
from tenure.serving.cli.promoting import champion_of
from tenure.serving.cli.proof import fit_and_register, prove
from tenure.serving.cli.retraining import Retrained, end, gate_table, retrain
from tenure.serving.cli.tables import proof_table


def train_command(
    config: Config = DEFAULT,
    outcome: OutcomeName = None,
    out: Annotated[Path | None, typer.Option("--out", help="Also keep the report here.")] = None,
    challenger: Annotated[
        bool, typer.Option("--challenger", help="Leave the champion in its place, whatever verdict and gate say.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Back-test, fit on everything known, register. The first model is served by its verdict, others by the gate."""
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome)
    champion = champion_of(opened, study)
    other = champion is not None and definition_of(champion) not in (None, study.outcome)
    if champion is not None and not (challenger or other):
        with holding(opened.store, "run", now=now):
            done = retrain(opened, study, out=out, quiet=as_json)
        _say_gated(done, as_json=as_json)
        return
    folder = out or opened.project.data / "reports" / study.name
    _, content = prove(opened, study, report_origins(study), folder, quiet=as_json)
    trained = fit_and_register(study, content, folder, as_challenger=challenger or other, quiet=as_json)
    if as_json:
        results.print_json(json.dumps(_answer(trained, served=trained.promoted)))
    else:
        results.print(proof_table(content))
    if trained.promoted:
        return
    label = trained.registered.label
    if other:
        notes.print(
            f"[yellow]{label} is challenger: the champion answers another question. `tenure compare` sets both side "
            "by side, `tenure promote --new-definition --reason` begins a new series[/]"
        )
    elif challenger:
        notes.print(f"{label} is challenger: `tenure compare` sets it beside the champion, `tenure promote` serves it")
    else:
        notes.print(f"[yellow]{label} is registered as challenger and will not be used[/]")
    if not challenger:
        raise typer.Exit(1)


def _say_gated(done: Retrained, *, as_json: bool) -> None:
    if as_json:
        results.print_json(json.dumps(_answer(done.trained, served=done.served) | {"gate": done.document()}))
    else:
        results.print(proof_table(done.content))
        results.print(gate_table(done.decision))
    end(done)


def _answer(trained: Trained, *, served: bool) -> dict[str, object]:
    about = {"model": trained.registered.label, "champion": served, "verdict": trained.verdict}
    return about | trained.corrected.parameters()
