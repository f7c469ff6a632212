"""Golden cases that start at interactions: invented histories whose probabilities must come out again.

Run as a program it is the child process in which a model is tried before it is used:
`python -m tenure.pipelines.scoring.golden DIRECTORY`.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tenure.models.golden import GoldenDiffer, check_golden
from tenure.models.preflight import answer
from tenure.models.reading import fit_nothing
from tenure.pipelines.scoring.live import history_of
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.scoring.question import Question

CUSTOMERS = 8
FILE = "golden_histories.json"
COMMAND = (sys.executable, "-m", "tenure.pipelines.scoring.golden")


def invent(question: Question, as_of: dt.date, *, seed: int = 11) -> list[dict[str, Any]]:
    """Histories of customers who never were: the question's kinds at random times before `as_of`."""
    generator = np.random.default_rng(seed)
    kinds = question.fitted.named("kind") or ("purchase",)
    paid = question.fitted.named("amount")
    end = dt.datetime.combine(as_of, dt.time(), dt.UTC) - dt.timedelta(days=1)
    rows: list[dict[str, Any]] = []
    for number in range(CUSTOMERS):
        customer = f"golden-{number}"
        contract = f"{customer}-contract" if question.outcome.unit == "contract" else None
        if question.outcome.type == "cancellation":
            start = end - dt.timedelta(days=20 + 10 * number)
            rows.append(_row(customer, contract, start, "signup", None))
        for _ in range(2 + 3 * number):
            kind = str(generator.choice([k for k in kinds if k not in ("cancellation", "notice")] or ["visit"]))
            moment = end - dt.timedelta(minutes=int(generator.integers(0, 60 * 24 * 100)))
            amount = round(float(generator.gamma(2.0, 20.0)), 2) if kind in paid else None
            rows.append(_row(customer, contract, moment, kind, amount))
    return rows


def golden_file(model: ScoringModel, as_of: dt.date) -> dict[str, bytes]:
    """Invented histories and what the model says to them, as a file for the artefact."""
    rows = invent(model.question, as_of)
    content = {"as_of": as_of.isoformat(), "interactions": rows, "answers": _answers(model, rows, as_of)}
    return {FILE: json.dumps(content, indent=1).encode()}


def check(directory: Path) -> int:
    """Compare a model's answers, from interactions on, with those it gave when it was saved.

    Gives the number of cases; raises `GoldenDiffer`.
    """
    model = open_model(directory)
    count = check_golden(model.artefact.race, model.artefact.golden)
    held = json.loads(model.artefact.attachments[FILE])
    expected = held["answers"]
    found = _answers(model, held["interactions"], dt.date.fromisoformat(held["as_of"]))
    different = sorted(unit for unit in expected if unit not in found or found[unit] != expected[unit])
    if different:
        raise GoldenDiffer(
            f"{len(different)} of {len(expected)} invented histories score differently ({', '.join(different[:3])}); "
            "install the locked versions, or train again here"
        )
    return count + len(expected)


def _answers(model: ScoringModel, rows: list[dict[str, Any]], as_of: dt.date) -> dict[str, float | None]:
    """The probability of every unit of the histories; None where it is not eligible."""
    known = [{**row, "occurred_at": dt.datetime.fromisoformat(row["occurred_at"])} for row in rows]
    scored = model.score(model.describe(history_of(model.question, known), as_of), explain=0)
    return {
        str(unit): None if np.isnan(value) else float(value)
        for unit, value in zip(scored["unit_id"], scored["probability"], strict=True)
    }


def _row(customer: str, contract: str | None, moment: dt.datetime, kind: str, amount: float | None) -> dict[str, Any]:
    row = {"customer_id": customer, "contract_id": contract, "occurred_at": moment.isoformat(), "kind": kind}
    return row | ({} if amount is None else {"amount": amount})


if __name__ == "__main__":
    fit_nothing()
    sys.exit(answer(sys.argv[1:], check))
