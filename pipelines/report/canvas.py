"""A drawing surface that turns the same strokes into the same SVG, byte for byte."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tenure.pipelines.report.palette import INK, MUTED, PAPER, ROLES, RULE

WIDTH, HEIGHT = 5.6, 3.7
"""Inches. Narrow, so that the letters are still of use on a phone."""

STYLE = {
    "svg.hashsalt": "tenure",
    "svg.fonttype": "none",
    "font.size": 10.0,
    "axes.facecolor": PAPER,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "legend.columnspacing": 1.2,
    "lines.linewidth": 1.8,
}

UNDATED = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def draw(paint: Callable[[Axes], None]) -> str:
    """Let `paint` draw on fresh axes and return the SVG, free of dates and of the user's own style."""
    with style.context(["default", STYLE]):
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        axes = figure.subplots()
        paint(axes)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata=UNDATED)
    return re.sub(r"\s*<metadata>.*?</metadata>", "", written.getvalue(), flags=re.DOTALL)


def legend_above(axes: Axes) -> None:
    """Name the marks in one line above the plot, where they hide nothing."""
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=4, borderaxespad=0.2, fontsize=9.5)


def say_instead(axes: Axes, words: str) -> None:
    """Put words where a plot would be: there is nothing to draw."""
    axes.text(0.5, 0.5, words, ha="center", va="center", transform=axes.transAxes, color=MUTED)
    axes.set_axis_off()


def inline(svg: str, name: str, alt: str) -> str:
    """An SVG for use inside a page: ids of its own, colours of the page, and words for those who cannot see it."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = body.replace("url(#", f"url(#{name}-").replace('href="#', f'href="#{name}-')
    for colour, role in ROLES.items():
        body = body.replace(f": {colour}", f": var({role}, {colour})")
    return body.replace("<svg", f'<svg role="img" aria-label="{html.escape(alt)}"', 1)
