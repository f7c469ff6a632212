"""`tenure timing`: when customers leave or go quiet, and whether that can be told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pyarrow as pa
import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tenure.models.bootstrap import Interval
from tenure.models.hazard import CURVES
from tenure.models.survival import CONCORDANCE, INTEGRATED
from tenure.pipelines.outcomes.moment import require_moment
from tenure.pipelines.outcomes.sentence import beginning
from tenure.pipelines.proof.timing import HAZARD, KAPLAN_MEIER, RECENCY, Timing, times_to_leave, timing
from tenure.pipelines.scoring.score import require_known, require_writable, write_table
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.costs import AtReport, dates_to_test, span
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, open_project
from tenure.serving.cli.proof import Origins, Sample, note_look

NAMES = {
    KAPLAN_MEIER: "Kaplan-Meier",
    RECENCY: "days since last",
    "line": "line alone",
    "trees": "trees alone",
    HAZARD: "hazard model",
}

Out = Annotated[Path | None, typer.Option("--out", help="A folder for timing.json.")]
Customers = Annotated[
    Path | None,
    typer.Option("--customers", help="Also write the chances of today's customers, to a .csv or .parquet file."),
]


def timing_command(
    config: Config = DEFAULT,
    outcome: OutcomeName = None,
    origin: Origins = [],  # noqa: B006 (typer wants a list)
    report: AtReport = False,
    sample: Sample = 1.0,
    out: Out = None,
    customers: Customers = None,
    as_json: AsJson = False,
) -> None:
    """Say within how many days customers leave or go quiet; tested on past dates against recency and Kaplan-Meier."""
    if customers is not None:
        require_writable(customers, option="--customers")
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome, sample=sample)
    require_moment(study.outcome)
    today = opened.today(study)
    if customers is not None:
        require_known(study, today, allow_stale=False)
    origins = dates_to_test(study, origin, report=report)
    with step(f"testing the time to {study.name} at {len(origins)} past dates", quiet=as_json) as work:
        found = timing(study, origins, progress=work.progress)
        work.summary = f"tested the time to {study.name} at {len(found.origins)} past dates"
    content = document(found)
    note_look(opened, study, list(found.origins), {"timing": content["models"][HAZARD][INTEGRATED]})
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "timing.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    if customers is not None:
        with step(f"the chances of today's customers, {today}", quiet=as_json) as work:
            table = times_to_leave(study, today, progress=work.progress)
            write_table(pa.Table.from_pandas(table, preserve_index=False), customers)
            work.summary = f"the chances of {len(table):,} customers as of {today}"
        content["customers"] = _rows(table)
    if as_json:
        results.print_json(json.dumps(content))
        return
    results.print(_tables(found))
    for file in (out and out / "timing.json", customers):
        if file is not None:
            notes.print(str(file), soft_wrap=True, markup=False)


def document(found: Timing) -> dict[str, Any]:
    """The test as plain data: every figure of every curve, and its difference to the hazard model."""
    return {
        "schema": 1,
        "outcome": found.study.name,
        "event": beginning(found.study.outcome),
        "origins": [day.isoformat() for day in found.origins],
        "left_out": [day.isoformat() for day in found.left_out],
        "days": list(found.days),
        "customers_tested": found.customers,
        "events": found.events,
        "models": {
            name: {metric: found.drawn.interval(name, metric).plain() for metric in found.drawn.values[name]}
            for name in CURVES
        },
        "against": {
            name: {metric: found.gain(name, metric).plain() for metric in (CONCORDANCE, INTEGRATED)}
            for name in CURVES
            if name != HAZARD
        },
        "tells_more_than": {name: found.tells_more_than(name) for name in (KAPLAN_MEIER, RECENCY)},
        "orders_better_than": {name: found.orders_better_than(name) for name in (KAPLAN_MEIER, RECENCY)},
        "said": verdict(found),
    }


def verdict(found: Timing) -> str:
    """Whether the hazard model tells more than what everybody could say, in a sentence."""
    others = (KAPLAN_MEIER, RECENCY)
    more = [NAMES[name] for name in others if found.tells_more_than(name)]
    less = [NAMES[name] for name in others if not found.tells_more_than(name)]
    against = (f"{_difference(found.gain(name))} against {NAMES[name]}" for name in others)
    figures = f"integrated Brier score {', '.join(against)}"
    if not less:
        return f"The hazard model tells more of the time than {' and than '.join(more)}: {figures}."
    if more:
        return (
            f"The hazard model tells more of the time than {more[0]}, but not beyond noise more than {less[0]}: "
            f"{figures}."
        )
    cannot = f"not beyond noise within how many days better than {' or '.join(less)}: {figures}"
    if all(found.orders_better_than(name) for name in others):
        area = _difference(found.gain(RECENCY, CONCORDANCE))
        return f"It can be told who is earlier (concordance {area} against {NAMES[RECENCY]}), but {cannot}."
    return f"It cannot be told who is earlier, and {cannot}."


def _tables(found: Timing) -> Group:
    table = _table("", "concordance", "integrated Brier", "more than the hazard model")
    for name in CURVES:
        values = found.drawn.values[name]
        more = "" if name == HAZARD else _difference(found.drawn.difference(name, HAZARD, INTEGRATED))
        table.add_row(NAMES[name], f"{values[CONCORDANCE]:.3f}", f"{values[INTEGRATED]:.4f}", more)
    days = _table("within", "said", "happened", "said - happened")
    for day in found.days:
        said, came, off = (
            found.drawn.interval(HAZARD, f"{metric}_{day}d") for metric in ("said", "happened", "calibration")
        )
        word = "day" if day == 1 else "days"
        happened = f"{came.value:.3f} ({came.low:.3f} to {came.high:.3f})"
        days.add_row(f"{day} {word}", f"{said.value:.3f}", happened, f"{off.value:+.3f} ({span(off)})")
    parts: list[RenderableType] = [
        Text(f"{beginning(found.study.outcome)}.", style="dim"),
        table,
        Text(),
        days,
        Text(),
        Text(verdict(found), style="bold"),
    ]
    if found.left_out:
        left = ", ".join(map(str, found.left_out))
        parts.append(Text(f"Left out, for want of anything to learn from or to measure: {left}", style="dim"))
    return Group(*parts)


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, title in enumerate(titles):
        table.add_column(title, justify="right" if place else "left", no_wrap=True)
    return table


def _difference(found: Interval) -> str:
    return f"{found.value:+.4f} ({span(found, digits=4)})"


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in table.columns]
    rows = table.round(6).itertuples(index=False, name=None)
    return [dict(zip(names, row, strict=True)) for row in rows]
