"""The tables a person reads on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from tenure.pipelines.store.desk import Row
from tenure.pipelines.store.score_sets import Score, ScoreSet
from tenure.serving.assumptions import assumptions, barred_in_words

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "green"}
PAIRED = {"ROC AUC": "roc_auc", "average precision": "average_precision", "log loss": "log_loss"}
FIGURES = ("#", "risk", "value", "gain")
METRICS = {"AP": "average_precision", "Brier": "brier", "lift": "lift_top_decile"}


def risk_table(found: ScoreSet, rows: Sequence[Row], *, what: str) -> Group:
    """The at-risk list with its reasons."""
    table = _listing(("#", "customer", "risk", "band", "why"))
    for row in rows:
        table.add_row(str(row.score.rank), *_told(row.score))
    expected = sum(row.score.probability or 0.0 for row in rows)
    foot = f"Expected: about {expected:.0f} of these {len(rows)} {what}."
    scored = found.counts.get("scored", 0)
    return Group(*_head(found, f"{len(rows):,} of {scored:,}"), table, Text(foot), *_unsure(rows))


def worth_table(found: ScoreSet, rows: Sequence[Row], *, what: str, room: int) -> Group:
    """The contacts that are worth most, what they should bring, and what was assumed."""
    worth = found.worth or {}
    currency = worth.get("assumed", {}).get("currency", "")
    told = [f"{said[:1].upper()}{said[1:]}." for said in (*assumptions(found.worth), *barred_in_words(found.worth))]
    notes = [Text(said, style="dim") for said in told]
    if not rows:
        nobody = "No contact is worth making under what is assumed: say in [economics] what a customer is worth, or "
        return Group(*_head(found, "0 contacts"), Text(f"{nobody}see everybody by risk with --sort risk."), *notes)
    table = _listing(("#", "customer", "risk", "band", "value", "gain", "why"))
    for place, row in enumerate(rows, start=1):
        unit, risk, band, why = _told(row.score)
        figures = ("" if n is None else f"{n:,.{d}f}" for n, d in ((row.worth.value, 0), (row.worth.gain, 2)))
        table.add_row(str(place), unit, risk, band, *figures, why)
    hits, profit = sum(r.score.probability or 0.0 for r in rows), sum(r.worth.gain or 0.0 for r in rows)
    ends = f"the room for {room:,} contacts" if len(rows) == room else "profit"
    foot = (
        f"Expected: about {hits:.0f} of these {len(rows)} {what} ({hits / len(rows):.0%}); contacting them brings "
        f"{profit:,.0f} {currency}. The list ends where {ends} does."
    )
    head = _head(found, f"{len(rows):,} of {worth.get('placed', 0):,} worth a contact")
    return Group(*head, table, Text(foot), *_unsure(rows), *notes)


def _unsure(rows: Sequence[Row]) -> list[Text]:
    """What the mark means that some risks have, where any has it."""
    if not any(row.score.low_confidence for row in rows):
        return []
    return [Text("?: low confidence, the risk may as well be much lower or higher.", style="dim")]


def _listing(names: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        table.add_column(name, justify="right" if name in FIGURES else "left", overflow="fold")
    return table


def _head(found: ScoreSet, how_many: str) -> tuple[Text, Text]:
    about = f"{how_many} as of {found.as_of}, {found.model_version}"
    return Text(found.definition, style="italic"), Text(about, style="dim")


def _told(score: Score) -> tuple[str, str, Text, Text]:
    """The cells of a unit: who, the risk, its band, and why."""
    why = "; ".join(reason["text"] for reason in score.reasons or [])
    band = Text(score.band or "", style=COLOURS.get(score.band or "", ""))
    unit = score.customer_id if score.unit_id == score.customer_id else f"{score.customer_id} ({score.unit_id})"
    return unit, f"{'? ' if score.low_confidence else ''}{score.probability or 0:.0%}", band, Text(why)


def proof_table(content: dict[str, Any]) -> Group:
    """The back-test in a few lines: each model's means over origins with intervals, and the verdict."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    dates = len(content["origins"])
    table.add_column(f"mean of {dates} dates" if dates > 1 else "one date", no_wrap=True)
    for title in ("ROC AUC", *METRICS, "profit"):
        table.add_column(title, justify="right", no_wrap=True)
    for model, metrics in content["summary"].items():
        cells = [_number(metrics[name]["mean"]) for name in METRICS.values()]
        cells.append(_money(metrics.get("profit_at_capacity", {}).get("mean")))
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


def _money(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
