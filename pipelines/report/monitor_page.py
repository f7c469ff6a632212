"""The monitor's page: findings with their trends, and plots with noted events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from tenure.pipelines.monitor.finding import LEVELS
from tenure.pipelines.monitor.run import Monitored
from tenure.pipelines.report.canvas import inline
from tenure.pipelines.report.monitor_plots import monitor_plots

PAGE, DATA, PLOTS = "monitor.html", "monitor.json", "plots"
WIDTH, HEIGHT = 90, 22
"""Of a line of trend, in pixels."""


def write_monitor(found: Monitored, folder: Path) -> Path:
    """Write `monitor.html`, `monitor.json` and `plots/*.svg` into a folder; the page's path."""
    plots = monitor_plots(found.tested, found.sets, found.events)
    (folder / PLOTS).mkdir(parents=True, exist_ok=True)
    for plot in plots:
        (folder / PLOTS / f"{plot.name}.svg").write_text(plot.svg, encoding="utf-8", newline="\n")
    (folder / DATA).write_text(json.dumps(found.to_json(), indent=1), encoding="utf-8")
    ordered = sorted(found.findings, key=lambda one: -LEVELS.index(one.level))
    package = files("tenure.pipelines.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(package.joinpath("monitor.html").read_text("utf-8"))
    page = template.render(
        css=Markup(package.joinpath("page.css").read_text("utf-8")),
        found=found,
        rows=[(one, Markup(trend_line(one.trend))) for one in ordered],
        counts={level: sum(one.level == level for one in found.findings) for level in LEVELS},
        plots=[(plot, Markup(inline(plot.svg, plot.name, plot.alt))) for plot in plots],
    )
    target = folder / PAGE
    draft = target.with_suffix(".part")
    draft.write_text(page, encoding="utf-8", newline="\n")
    return draft.replace(target)


def trend_line(values: Sequence[float | None]) -> str:
    """The last values as a small line, empty with fewer than two.

    >>> trend_line([1.0])
    ''
    >>> trend_line([0.0, 1.0])[-27:]
    '"1.0,21.0 89.0,1.0"/></svg>'
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(v for _, v in known), max(v for _, v in known)
    across, up = (WIDTH - 2) / max(len(values) - 1, 1), (HEIGHT - 2) / (high - low) if high > low else 0.0
    points = " ".join(f"{1 + place * across:.1f},{HEIGHT - 1 - (value - low) * up:.1f}" for place, value in known)
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" aria-hidden="true"><polyline fill="none" stroke="var(--risk)" '
        f'stroke-width="1.5" points="{points}"/></svg>'
    )
