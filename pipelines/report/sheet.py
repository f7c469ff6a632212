"""A sheet: a document of sections with sentences, facts and tables, written as a page and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup


@dataclass(frozen=True)
class Grid:
    """A table: the names of its columns, and rows of texts; the first cell of a row names it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of a sheet: sentences, then facts by name, then tables."""

    title: str
    sentences: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A document about a model or about data; `kind` says which, `source` whose questions it answers."""

    kind: str
    title: str
    lead: str
    source: str
    sections: tuple[Section, ...]


def write_sheet(sheet: Sheet, folder: Path, name: str) -> None:
    """Write `NAME.html`, one self-contained page, and `NAME.md`; the same sheet gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for ending, text in (("html", as_page(sheet)), ("md", as_markdown(sheet))):
        draft = folder / f"{name}.{ending}.part"
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(folder / f"{name}.{ending}")


def as_page(sheet: Sheet) -> str:
    """The sheet as HTML."""
    package = files("tenure.pipelines.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(package.joinpath("sheet.html").read_text("utf-8"))
    return template.render(css=Markup(package.joinpath("page.css").read_text("utf-8")), sheet=sheet)


def as_markdown(sheet: Sheet) -> str:
    r"""The sheet as Markdown.

    >>> print(as_markdown(Sheet("Model card", "m", "A model.", "them", (Section("Use", facts={"by": "a|b"}),))))
    # Model card: m
    <BLANKLINE>
    A model.
    <BLANKLINE>
    ## Use
    <BLANKLINE>
    - **by**: a\|b
    <BLANKLINE>
    *The questions are those of them.*
    <BLANKLINE>
    """
    blocks = [f"# {sheet.kind}: {_plain(sheet.title)}", _plain(sheet.lead)]
    for section in sheet.sections:
        blocks.append(f"## {section.title}")
        blocks += [_plain(sentence) for sentence in section.sentences]
        if section.facts:
            blocks.append("\n".join(f"- **{name}**: {_plain(fact)}" for name, fact in section.facts.items()))
        blocks += [_grid(grid) for grid in section.grids]
    return "\n\n".join([*blocks, f"*The questions are those of {sheet.source}.*"]) + "\n"


def _grid(grid: Grid) -> str:
    lines = [grid.columns, tuple("---" for _ in grid.columns), *grid.rows]
    return "\n".join(_line(cells) for cells in lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell if cell == "---" else _plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    """Text whose marks Markdown does not take for its own."""
    for mark in ("\\", "|", "*", "_", "`", "<", "["):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
