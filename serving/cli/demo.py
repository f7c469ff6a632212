"""`tenure demo`: the whole way once, on a year of real grocery shopping, or on an invented subscription."""

from __future__ import annotations

import threading
import time
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from tenure.pipelines.examples.cutoffs import report_origins, training_cutoffs
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.outcomes.sentence import definition, happens
from tenure.pipelines.proof.backtest import example_dates
from tenure.pipelines.registry import Registry, tracking_uri
from tenure.pipelines.simulation.parameters import load_world
from tenure.pipelines.simulation.writing import PROJECT_FILE
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk import Filter, listed
from tenure.pipelines.store.reach import reach_on
from tenure.pipelines.store.score_sets import published_set
from tenure.pipelines.training import training_date
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import open_project
from tenure.serving.cli.proof import fit_and_register, prove
from tenure.serving.cli.scoring import score_and_publish
from tenure.serving.cli.service import Port, serve_until_stopped
from tenure.serving.cli.simulate import CUSTOMERS, write_simulated
from tenure.serving.cli.tables import proof_table, worth_table
from tenure.serving.settings import HOST, PORT

SHOWN = 10


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo project is kept.")] = Path(".demo"),
    world: Annotated[
        str | None, typer.Option("--world", help="An invented subscription instead: plain, weak or hostile.")
    ] = None,
    serving: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve at the end, or stop before.")] = True,
    port: Port = PORT,
) -> None:
    """Run the whole way on real data: 1,469,307 receipt lines to a proven model, an at-risk list and a live flag."""
    started = time.perf_counter()
    config = _project(folder) if world is None else _world(folder, world)
    threading.Thread(target=Registry, args=(config.parent / ".tenure",), daemon=True).start()
    opened = open_project(config)
    study = opened.study(None)
    results.print(f"[bold]{definition(study.name, study.outcome)}[/]")
    results.print(f"The demo lives on the last midnight of its data: {study.watermark}.", style="dim")
    origins, until = report_origins(study), training_date(study)
    cutoffs, knowledge = example_dates(study, origins)
    cutoffs |= set(training_cutoffs(study, until))
    with step("describing customers") as work:
        examples = build_examples(study, cutoffs, knowledge=knowledge | {until}, progress=work.progress)
        work.summary = f"{len(examples.columns)} features of {len(examples.frame):,} customer-weeks"
    _, content = prove(opened, study, origins, config.parent / "backtest", examples=examples)
    results.print(proof_table(content))
    trained = fit_and_register(study, content, config.parent / "backtest", examples=examples)
    day = opened.today(study)
    score_and_publish(opened, study, day, out=config.parent / f"scores-{day}.parquet", tried=trained.registered.label)
    with reading(opened.store) as connection:
        found = published_set(connection, study.name)
        if found is not None:
            wanted = Filter(reach=reach_on(connection, opened.project, day))
            rows = listed(connection, found, wanted, limit=SHOWN, offset=0, today=day, by="gain")
            results.print(worth_table(found, rows, what=happens(study.outcome), room=SHOWN))
    notes.print(f"[dim]report   {config.parent / 'backtest' / 'report.html'}[/]", soft_wrap=True)
    notes.print(f"[dim]MLflow   mlflow ui --backend-store-uri {tracking_uri(opened.project.data)}[/]", soft_wrap=True)
    results.print(f"[bold]{time.perf_counter() - started:.0f} seconds from the records to the list.[/]")
    if serving:
        serve_until_stopped(config, HOST, port)


def _world(folder: Path, name: str) -> Path:
    """The project of an invented world, written once."""
    parameters = load_world(name)
    target = folder / f"world-{parameters.name}"
    if (target / PROJECT_FILE).exists():
        return target / PROJECT_FILE
    return write_simulated(target, parameters, customers=CUSTOMERS, seed=1)


def _project(folder: Path) -> Path:
    """The demo's project file, copied once, so that it can be looked at and changed."""
    target = folder / "completejourney" / "tenure.toml"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text((files("tenure.serving.demo") / "completejourney.toml").read_text(encoding="utf-8"))
    return target
