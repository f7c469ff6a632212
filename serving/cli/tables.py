"""The tables a person reads on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from tenure.pipelines.store.score_sets import Score, ScoreSet

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "green"}
PAIRED = {"ROC AUC": "roc_auc", "average precision": "average_precision", "log loss": "log_loss"}
METRICS = {"AP": "average_precision", "Brier": "brier", "lift": "lift_top_decile"}


def risk_table(found: ScoreSet, rows: Sequence[Score], *, what: str) -> Group:
    """The at-risk list with its reasons."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name, justify in (("#", "right"), ("customer", "left"), ("risk", "right"), ("band", "left"), ("why", "left")):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        why = "; ".join(reason["text"] for reason in row.reasons or [])
        band = Text(row.band or "", style=COLOURS.get(row.band or "", ""))
        unit = row.customer_id if row.unit_id == row.customer_id else f"{row.customer_id} ({row.unit_id})"
        table.add_row(str(row.rank), unit, f"{row.probability or 0:.0%}", band, Text(why))
    scored = found.counts.get("scored", 0)
    head = f"{len(rows):,} of {scored:,} as of {found.as_of}, {found.model_version}"
    expected = sum(row.probability or 0.0 for row in rows)
    foot = f"Expected: about {expected:.0f} of these {len(rows)} {what}."
    return Group(Text(found.definition, style="italic"), Text(head, style="dim"), table, Text(foot))


def proof_table(content: dict[str, Any]) -> Group:
    """The back-test in a few lines: each model's means over origins with intervals, and the verdict."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    dates = len(content["origins"])
    table.add_column(f"mean of {dates} dates" if dates > 1 else "one date", no_wrap=True)
    for title in ("ROC AUC", *METRICS):
        table.add_column(title, justify="right", no_wrap=True)
    for model, metrics in content["summary"].items():
        cells = [_number(metrics[name]["mean"]) for name in METRICS.values()]
        table.add_row(Text(model, style="bold" if model == "risk" else ""), _interval(metrics["roc_auc"]), *cells)
    style = {"use": "bold green", "use recency": "bold yellow"}.get(content["verdict"], "bold red")
    return Group(table, Text(content["verdict_sentence"], style=style))


def paired_table(content: dict[str, Any]) -> Group:
    """A family's worth: each metric without it, with it, and the paired difference with its interval."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    dates = len(content["origins"])
    table.add_column(f"mean of {dates} dates" if dates > 1 else "one date", no_wrap=True)
    for title in ("without", "with", "difference"):
        table.add_column(title, justify="right", no_wrap=True)
    for title, name in PAIRED.items():
        found = content["differences"]["risk"][name]
        told = "-" if found["low"] is None else f"{found['mean']:+.4f} ({found['low']:+.4f} to {found['high']:+.4f})"
        table.add_row(title, _number(content["without"][name]), _number(content["with"][name]), told)
    whom = "all customers" if content["sample"] == 1 else f"a sample of {content['sample']:g} of the customers"
    foot = f"{len(content['features'])} features of {content['family']}, {whom}, {content['seconds']:.1f} s"
    return Group(table, Text(foot, style="dim"))


def _interval(found: dict[str, float | None]) -> str:
    if found["mean"] is None or found["low"] is None:
        return _number(found["mean"])
    return f"{found['mean']:.3f} ({found['low']:.3f} to {found['high']:.3f})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
