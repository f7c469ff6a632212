"""`tenure backtest`: prove a model; and what every command that makes one does: prove it, fit and register it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tenure.pipelines.examples.cutoffs import development_origins, report_origins
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples
from tenure.pipelines.proof.backtest import BacktestResult, backtest
from tenure.pipelines.proof.document import document, write_document
from tenure.pipelines.proof.lead_document import kept
from tenure.pipelines.store.ledger import looks, record_look
from tenure.pipelines.training import Trained, train
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, OutcomeName, now, open_project, parse_day
from tenure.serving.cli.tables import proof_table

Out = Annotated[Path, typer.Option("--out", help="The folder for backtest.json and report.html.")]
Origins = Annotated[list[str], typer.Option("--origin", help="Test at this date instead; may be repeated.")]

Sample = Annotated[
    float, typer.Option("--sample", help="Only this share of the customers, by a hash of their id; 0.1 is a tenth.")
]


def backtest_command(
    config: Config = DEFAULT,
    out: Out = Path("backtest"),
    outcome: OutcomeName = None,
    origin: Origins = [],  # noqa: B006 (typer wants a list)
    development: Annotated[bool, typer.Option("--development", help="Test at the development origins.")] = False,
    sample: Sample = 1.0,
    as_json: AsJson = False,
) -> None:
    """Prove the model on past dates: at each one it learns from the past alone and is tested on what then happened."""
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome, sample=sample)
    chosen = [day for text in origin if (day := parse_day(text))]
    origins = chosen or (development_origins(study) if development else report_origins(study))
    _, content = prove(opened, study, origins, out, quiet=as_json)
    if as_json:
        results.print_json(json.dumps(content))
    else:
        results.print(proof_table(content))
        notes.print(f"{out / 'report.html'}   {out / 'backtest.json'}")


def prove(
    opened: Opened,
    study: Study,
    origins: list[dt.date],
    out: Path,
    *,
    examples: Examples | None = None,
    quiet: bool = False,
) -> tuple[BacktestResult, dict[str, Any]]:
    """Back-test, write JSON and report, and append the look at report origins to the ledger."""
    from tenure.pipelines.report.page import write_report  # draws, which only this command waits for

    with step(f"testing {study.name} at {len(origins)} past dates", quiet=quiet) as work:
        result = backtest(study, origins, examples=examples, slices=True, progress=work.progress)
        work.summary = f"tested at {len(origins)} past dates: {result.verdict.name}"
    content = document(result)
    write_document(content, out)
    note_look(opened, study, origins, {"verdict": result.verdict.name, "summary": content["summary"]["risk"]})
    write_report(result, content, out, looks=len(looks(opened.store, study.name)), leads=kept(study))
    return result, content


def note_look(opened: Opened, study: Study, origins: list[dt.date], result: dict[str, Any]) -> None:
    """Append a look at report origins to the ledger; development origins may be looked at freely."""
    if set(origins) & set(report_origins(study)):
        record_look(
            opened.store,
            looked_at=now(),
            outcome=study.name,
            origins=origins,
            config=_fingerprint(study),
            result=result,
        )


def fit_and_register(
    study: Study,
    content: dict[str, Any],
    documents: Path,
    *,
    examples: Examples | None = None,
    as_challenger: bool = False,
    quiet: bool = False,
) -> Trained:
    """Fit the final model and register it with its proof; `as_challenger` leaves the champion in its place."""
    with step("fitting the final model", quiet=quiet) as work:
        trained = train(
            study,
            verdict=content["verdict"],
            proof=content,
            documents=documents,
            examples=examples,
            as_challenger=as_challenger,
            progress=work.progress,
        )
        role = "champion" if trained.promoted else "challenger"
        work.summary = f"registered {trained.registered.label} as {role}"
    if trained.corrected.said and not quiet:
        notes.print(f"[dim]{trained.corrected.said}[/]")
    return trained


def _fingerprint(study: Study) -> str:
    settings = study.project.model_dump(mode="json", exclude={"root"})
    asked = [settings, study.snapshot.fingerprint, *([study.sample] if study.sample < 1 else [])]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
