"""What the commands share that test age, lead and timing at past dates: their options, dates and files."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tenure.models.bootstrap import Interval
from tenure.pipelines.examples.cutoffs import development_origins, report_origins
from tenure.pipelines.examples.study import Study
from tenure.serving.cli.opening import parse_day

AtReport = Annotated[bool, typer.Option("--report", help="Test at the report origins; the ledger notes it.")]


def whole_numbers(text: str, *, option: str, of: str, such_as: str) -> list[int]:
    """Whole numbers from 1 on, as an option gives them.

    >>> whole_numbers("7,28", option="--days", of="days", such_as="7,14")
    [7, 28]
    """
    try:
        found = [int(word) for word in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 1:
        raise typer.BadParameter(f"{option} {text!r}: expected whole {of} with commas between them, such as {such_as}")
    return found


def dates_to_test(study: Study, named: Sequence[str], *, report: bool) -> list[dt.date]:
    """The dates named, else the report origins, else the development origins."""
    chosen = [day for text in named if (day := parse_day(text))]
    return chosen or (report_origins(study) if report else development_origins(study))


def write_costs(content: dict[str, Any], plot: str, folder: Path, name: str) -> None:
    """Write what was found as JSON and as a plot."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (folder / f"{name}.svg").write_text(plot, encoding="utf-8")


def span(cost: Interval, *, digits: int = 3, scale: float = 1.0) -> str:
    """Where a difference lies.

    >>> span(Interval(-0.02, -0.031, -0.009))
    '-0.031 to -0.009'
    """
    return f"{scale * cost.low:+.{digits}f} to {scale * cost.high:+.{digits}f}"
