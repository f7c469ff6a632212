"""The report: one self-contained page, and its plots as files beside it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from tenure.pipelines.proof.backtest import BacktestResult
from tenure.pipelines.report import tables
from tenure.pipelines.report.canvas import inline
from tenure.pipelines.report.figures import title
from tenure.pipelines.report.plots import Plot, all_plots
from tenure.pipelines.report.pooled import pooled
from tenure.pipelines.report.words import GLOSSARY, MEANING, timeless_notes, words_of

PAGE = "report.html"
PLOTS = "plots"


def write_report(
    result: BacktestResult,
    content: dict[str, Any],
    folder: Path,
    *,
    looks: int | None = None,
    leads: dict[str, Any] | None = None,
) -> Path:
    """Write `report.html` and `plots/*.svg` into `folder` and return the page's path.

    `content` is the back-test's `document`; `looks` says how often the report origins were looked at so far,
    this time included, `leads` is the document of a study of leads. The same result gives the same bytes.
    """
    words = words_of(result)
    capacity = int(content["capacity"])
    plots = all_plots(result, pooled(result, capacity=capacity), words, capacity=capacity, leads=leads)
    (folder / PLOTS).mkdir(parents=True, exist_ok=True)
    for plot in plots:
        _replace(folder / PLOTS / f"{plot.name}.svg", plot.svg)
    name, _, definition = content["definition"].partition(": ")
    page = _render(
        name=name,
        definition=definition,
        content=content,
        words=words,
        meaning=MEANING[content["verdict"]],
        sentence=content["verdict_sentence"].partition(": ")[2] or content["verdict_sentence"],
        headlines=tables.headlines(content),
        contacts=tables.contacts(content, rival=words.rival),
        plots=[(plot, _embedded(plot)) for plot in plots],
        by_origin=tables.by_origin(content),
        everything=tables.everything(content),
        learning=tables.learning(content),
        slices=tables.slices(content),
        slice_titles=[title(name) for name in tables.SLICE_FIGURES],
        glossary=GLOSSARY,
        timeless=timeless_notes(result.study),
        bootstraps=result.study.project.backtest.bootstraps,
        looks=looks,
    )
    return _replace(folder / PAGE, page)


def _embedded(plot: Plot) -> Markup:
    # Drawn here from numbers and our own words, so that it is safe to embed as it is.
    return Markup(inline(plot.svg, plot.name, plot.alt))


def _render(**values: Any) -> str:
    package = files("tenure.pipelines.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(package.joinpath("page.html").read_text("utf-8"))
    return template.render(css=Markup(package.joinpath("page.css").read_text("utf-8")), **values)


def _replace(target: Path, text: str) -> Path:
    """Write so that the file is there whole or not at all."""
    draft = target.with_suffix(target.suffix + ".part")
    draft.write_text(text, encoding="utf-8", newline="\n")
    return draft.replace(target)
