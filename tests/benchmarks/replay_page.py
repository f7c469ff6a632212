"""The page of a replay: quality over time of the served, the aged and the recency model."""

from __future__ import annotations

import html
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates
from matplotlib.axes import Axes

from tenure.pipelines.report.canvas import draw, inline, legend_above
from tenure.pipelines.report.palette import LOOKS, MUTED

NAMES = {
    "served": "served, retrained behind the gate",
    "aged": "first champion, never replaced",
    "recency": "days since last",
}
COLOURS = {"served": LOOKS["risk"].colour, "aged": LOOKS["logistic"].colour, "recency": LOOKS["recency"].colour}
SHOWN = {"roc_auc": "ROC AUC", "brier": "Brier score", "calibration_in_the_large": "predicted minus happened"}
SMOOTH = "28D"


def write_page(found: dict[str, Any], file: Path) -> None:
    """Write the page of a replay."""
    css = (files("tenure.pipelines.report") / "page.css").read_text("utf-8")
    plots = "".join(
        f'<figure class="plot"><h3>{title}</h3>{inline(plot(found, metric), metric, title)}</figure>'
        for metric, title in SHOWN.items()
        if found.get("quality")
    )
    name = html.escape(found["set"])
    page = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Replay of {name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{css}</style></head><body><main>
<header><p class="eyebrow">Replay</p><h1>{name}, day by day</h1></header>
<section><h2>Quality over time</h2><p>Means of {SMOOTH[:-1]} days; dotted: another model was put in the place of the
champion; ticks below: the monitor raised an alarm.</p><div class="plots">{plots}</div></section>
<section><h2>Means over all days judged</h2><div class="scroll">{_table(found)}</div></section>
<section><h2>What the loop did</h2><dl class="facts">{_facts(found)}</dl>{_alarms(found)}</section></main></body></html>"""
    file.write_text(page, encoding="utf-8")


def plot(found: dict[str, Any], metric: str) -> str:
    """A metric of the three models by day."""
    days = pd.to_datetime([row["day"] for row in found["quality"]])

    def paint(axes: Axes) -> None:
        for model in NAMES:
            values = pd.Series([row[model][metric] for row in found["quality"]], index=days).rolling(SMOOTH).mean()
            axes.plot(values.index, values.to_numpy(), color=COLOURS[model], label=model)
        for day in found.get("promoted_on", []):
            axes.axvline(np.datetime64(day), color=MUTED, linestyle=":", linewidth=1.0)
        low = axes.get_ylim()[0]
        alarms = [np.datetime64(day) for day in found.get("alarms_on", [])]
        axes.plot(alarms, [low] * len(alarms), "|", color=MUTED, markersize=10)
        axes.xaxis.set_major_formatter(dates.DateFormatter("%b %y"))
        axes.set_ylabel(SHOWN[metric])
        legend_above(axes)

    return draw(paint)


def _table(found: dict[str, Any]) -> str:
    head = "".join(f"<th>{title}</th>" for title in SHOWN.values())
    rows = "".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(f"<td>{found['mean'][model][metric]:.4f}</td>" for metric in SHOWN)
        + "</tr>"
        for model, name in NAMES.items()
        if "mean" in found
    )
    return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _facts(found: dict[str, Any]) -> str:
    shown = ("replayed", "judged", "scored", "retrained", "promoted", "kept_back", "seconds_a_day")
    return "".join(
        f"<div><dt>{name.replace('_', ' ')}</dt><dd>{found[name]}</dd></div>" for name in shown if name in found
    )


def _alarms(found: dict[str, Any]) -> str:
    alarms = "".join(f"<li>{html.escape(said)}</li>" for said in found.get("alarms", []))
    return f"<h3>What the monitor was alarmed by</h3><ul>{alarms or '<li>nothing</li>'}</ul>"
