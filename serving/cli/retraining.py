"""`tenure retrain`: a candidate from new data, through the gate, served or kept as challenger."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tenure.models.gate import SERVABLE, Decision
from tenure.models.preflight import preflight
from tenure.models.training_rows import TooFewExamples
from tenure.pipelines.examples.cutoffs import report_origins
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.promotion.changing import PromotionRefused, finish_interrupted
from tenure.pipelines.promotion.due import due
from tenure.pipelines.promotion.gating import decision_document, keep, pass_gate, same_model
from tenure.pipelines.promotion.pairing import NotTheSameRows
from tenure.pipelines.proof.backtest import BacktestResult, NothingToTest, example_dates
from tenure.pipelines.registry import Registered, Registry
from tenure.pipelines.scoring.golden import COMMAND
from tenure.pipelines.scoring.model import open_model
from tenure.pipelines.scoring.score import ScoreRefused
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.leases import holding
from tenure.pipelines.store.monitor_runs import MonitorRun, newest_runs
from tenure.pipelines.store.promotions import PROMOTE
from tenure.pipelines.training import Trained
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, OutcomeName, now, open_project
from tenure.serving.cli.promoting import champion_of, serve_model
from tenure.serving.cli.proof import fit_and_register, prove
from tenure.serving.cli.scoring import score_and_publish
from tenure.serving.cli.shadow import BROKEN, score_in_shadow
from tenure.serving.cli.tables import proof_table

CANNOT_BE_DONE = (NothingToTest, TooFewExamples, NotTheSameRows, PromotionRefused, ScoreRefused, *BROKEN)
"""What keeps a candidate from being made or served, and nothing else from being done that night."""

MARKS = {True: Text("✓", style="green"), False: Text("✗", style="bold red"), None: Text("?", style="yellow")}


@dataclass(frozen=True)
class Retrained:
    """A candidate, its proof, what the gate said of it, and whether it is served now."""

    trained: Trained
    content: dict[str, Any]
    decision: Decision
    champion: str | None
    served: bool
    same: bool = False
    """Whether the candidate is the champion over again, byte for byte."""

    def document(self) -> dict[str, Any]:
        """The same as plain data."""
        about = {"candidate": self.trained.registered.label, "before": self.champion, "served": self.served}
        return about | {"verdict": self.trained.verdict} | decision_document(self.decision)


def retrain_command(
    config: Config = DEFAULT,
    outcome: OutcomeName = None,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Only where [retrain] every_days have passed since the last one.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Also keep the report here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import what is new, back-test, fit a candidate, and serve it if the gate lets it through."""
    project = load_project(config)
    store = project_store(project)
    with holding(store, "run", now=now):
        opened = open_project(config, quiet=as_json)
        study = opened.study(outcome)
        why = due(study, _newest_run(opened))
        if if_due and not why.due:
            _say_not_due(study, why.sentence, as_json=as_json)
            return
        done = retrain(opened, study, out=out, quiet=as_json)
    if as_json:
        results.print_json(json.dumps({"outcome": study.name, "due": why.due, **done.document()}))
    else:
        results.print(proof_table(done.content))
        results.print(gate_table(done.decision))
    end(done)


def retrain(opened: Opened, study: Study, *, out: Path | None = None, quiet: bool = False) -> Retrained:
    """Back-test, fit, decide, and serve the candidate or keep it as challenger; the caller holds the lease."""
    finish_interrupted(opened.project, opened.store, study.name, now=now())
    champion = champion_of(opened, study)
    folder = out or opened.project.data / "reports" / study.name
    origins = report_origins(study)
    with step(f"describing the customers of {study.name}", quiet=quiet) as work:
        cutoffs, knowledge = example_dates(study, origins)
        examples = build_examples(study, cutoffs, knowledge=knowledge, progress=work.progress)
    result, content = prove(opened, study, origins, folder, examples=examples, quiet=quiet)
    trained = fit_and_register(study, content, folder, as_challenger=champion is not None, quiet=quiet)
    candidate = trained.registered
    decision = _decided(study, champion, trained, result, examples, quiet=quiet)
    registry = Registry(opened.project.data)
    keep(opened.store, registry, decision, candidate, champion, outcome=study.name, now=now())
    served = decision.name == "promote"
    if not served:
        score_in_shadow(opened, study, quiet=quiet)
    if served and champion is not None:
        serve_model(opened, study, candidate, action=PROMOTE, reason=decision.sentence, quiet=quiet)
    elif served:
        score_and_publish(opened, study, opened.today(study), quiet=quiet, tried=candidate.label)
    before = None if champion is None else champion.label
    return Retrained(
        trained, content, decision, before, served, champion is not None and same_model(champion, candidate)
    )


def retrain_if_due(opened: Opened, study: Study, *, quiet: bool = False) -> dict[str, Any] | None:
    """Train a candidate where `[retrain]` says so; None where none is due, or no model was ever trained by hand.

    What cannot be done keeps nothing else from being done that night.
    """
    if study.project.retrain.every_days is None or champion_of(opened, study) is None:
        return None
    try:
        if not due(study, _newest_run(opened)).due:
            return None
        return retrain(opened, study, quiet=quiet).document()
    except CANNOT_BE_DONE as error:
        return {"served": False, "decision": "cannot tell", "sentence": f"No candidate: {error}"}


def gate_table(decision: Decision) -> Group:
    """The decision, then check by check what was found."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    table.add_column("check", no_wrap=True)
    table.add_column("what was found", overflow="fold")
    for check in decision.checks:
        table.add_row(MARKS[check.passed], check.name, Text(check.sentence))
    style = {"promote": "bold green", "keep": "bold red"}.get(decision.name, "bold yellow")
    return Group(Text(decision.sentence, style=style), *([table] if decision.checks else []))


def end(done: Retrained) -> None:
    """Exit with 1 where a candidate is not served, and say how it is served all the same; as it is, it is well."""
    if done.served or done.same:
        return
    label, verdict = done.trained.registered.label, done.trained.verdict
    how = "`tenure promote --reason WHY`" if done.decision.name == "keep" else "`tenure promote`"
    may = f"{how} serves it all the same" if verdict in SERVABLE else f"its verdict {verdict!r} does not allow its use"
    notes.print(f"[yellow]{label} is challenger; {may}[/]")
    raise typer.Exit(1)


def _newest_run(opened: Opened) -> list[MonitorRun]:
    with reading(opened.store) as connection:
        return newest_runs(connection, limit=1)


def _decided(
    study: Study,
    champion: Registered | None,
    trained: Trained,
    result: BacktestResult,
    examples: Examples,
    *,
    quiet: bool,
) -> Decision:
    """By the gate; by the verdict alone where there is no champion, or one that cannot be opened and serves nobody."""
    if champion is None:
        return _by_verdict(trained, "it is the first model")
    with step("comparing it with the champion on later dates", quiet=quiet) as work:
        try:
            preflight(champion.directory, command=COMMAND)
            model = open_model(champion.directory)
        except BROKEN as error:
            work.summary = f"{champion.label} cannot be opened: {error}"
            return _by_verdict(trained, f"the champion {champion.label} cannot be opened")
        decision = pass_gate(
            study, champion, model, trained.registered, verdict=trained.verdict, result=result, examples=examples,
            progress=work.progress,
        )  # fmt: skip
        work.summary = f"compared with {champion.label} on later dates: {decision.name}"
    return decision


def _by_verdict(trained: Trained, why: str) -> Decision:
    """There is nobody to be compared with, so the verdict decides."""
    if trained.verdict in SERVABLE:
        return Decision("promote", f"Promote: {why}, and its verdict {trained.verdict!r} allows its use.")
    return Decision("keep", f"Nothing is served: {why}, and its verdict {trained.verdict!r} does not allow its use.")


def _say_not_due(study: Study, sentence: str, *, as_json: bool) -> None:
    if as_json:
        results.print_json(json.dumps({"outcome": study.name, "due": False, "sentence": sentence}))
    else:
        notes.print(sentence, markup=False)
