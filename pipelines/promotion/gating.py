"""The gate at work: the candidate's recipe against the champion on fresh rows, and the decision kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine

from tenure.models.gate import Decision, Margins, decide
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.promotion.fresh import NothingFresh, require_fresh
from tenure.pipelines.promotion.pairing import pair_artefacts, pair_recipe
from tenure.pipelines.proof.backtest import BacktestResult
from tenure.pipelines.registry import Registered, Registry
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.store.gate_decisions import GateDecision, keep_decision


def pass_gate(
    study: Study,
    champion: Registered,
    model: ScoringModel,
    candidate: Registered,
    *,
    verdict: str,
    result: BacktestResult | None = None,
    examples: Examples | None = None,
    progress: Progress | None = None,
) -> Decision:
    """Whether a candidate may take the champion's place. `model` is the champion's, opened.

    `result` is the candidate's back-test with `slices` and `examples` its table, where they are there: what it has of
    the fresh dates is not worked out again.
    """
    no = _beforehand(study, champion, model, candidate)
    if no is not None:
        return no
    try:
        dates = require_fresh(study, model.learned_until, [champion.label])
    except NothingFresh as error:
        return Decision("cannot tell", f"Keep the champion for now: {error}.")
    column = "recency" if verdict == "use recency" else "risk"
    found = pair_recipe(study, model, dates, column=column, result=result, examples=examples, progress=progress)
    return decide(found.pairs, found.groups, verdict=verdict, margins=margins_of(study))


def pass_gate_as_it_is(
    study: Study,
    champion: Registered,
    model: ScoringModel,
    candidate: Registered,
    pushed: ScoringModel,
    *,
    progress: Progress | None = None,
) -> Decision:
    """The same for a candidate that was trained elsewhere: it cannot be fitted again here, so it is judged as it is.

    Dates count that lie after what both have learned from. `pushed` is the candidate, opened.
    """
    no = _beforehand(study, champion, model, candidate)
    if no is not None:
        return no
    learned = max(model.learned_until, pushed.learned_until)
    try:
        dates = require_fresh(study, learned, [champion.label, candidate.label])
    except NothingFresh as error:
        return Decision("cannot tell", f"Keep the champion for now: {error}.")
    found = pair_artefacts(study, pushed, model, dates, progress, slices=True)
    return decide(found.pairs, found.groups, verdict=pushed.verdict, margins=margins_of(study))


def _beforehand(study: Study, champion: Registered, model: ScoringModel, candidate: Registered) -> Decision | None:
    """What can be said without any comparison; None where there is something to compare."""
    if model.question.outcome != study.outcome:
        other = definition(study.name, model.question.outcome)
        return Decision(
            "cannot tell",
            f'Keep the champion for now: it answers another question, "{other}"; `tenure compare` sets both side by '
            "side, `tenure promote --new-definition --reason WHY` begins a new series.",
        )
    if same_model(champion, candidate):
        return Decision("keep", "Keep the champion: the candidate is the same model, byte for byte.")
    return None


def same_model(one: Registered, other: Registered) -> bool:
    """Whether two versions are one model, byte for byte."""
    return bool(one.tags.get("digest")) and one.tags.get("digest") == other.tags.get("digest")


def margins_of(study: Study) -> Margins:
    """The margins of the project file."""
    rules = study.project.gate
    return Margins(rules.auc_margin, rules.profit_margin, rules.slice_margin, rules.rate_margin)


def keep(
    engine: Engine,
    registry: Registry,
    decision: Decision,
    candidate: Registered,
    champion: Registered | None,
    *,
    outcome: str,
    now: dt.datetime,
) -> None:
    """Keep a decision with its figures in the store, and beside the candidate's version in the registry."""
    figures = decision_document(decision)
    label = None if champion is None else champion.label
    keep_decision(engine, GateDecision(now, outcome, candidate.label, label, decision.name, decision.sentence, figures))
    tags = {"gate": decision.name, "gate_sentence": decision.sentence, "gate_champion": label or "none"}
    registry.note(candidate, tags=tags, metrics=dict(_metrics(decision)))


def decision_document(decision: Decision) -> dict[str, Any]:
    """A decision as plain data."""
    checks = [
        {"check": one.name, "passed": one.passed, "sentence": one.sentence, "figures": one.figures}
        for one in decision.checks
    ]
    return {"decision": decision.name, "sentence": decision.sentence, "checks": checks}


def _metrics(decision: Decision) -> Iterator[tuple[str, float]]:
    for check in decision.checks:
        for name, value in check.figures.items():
            if isinstance(value, int | float):
                yield f"gate.{check.name}.{name}", float(value)
