"""`tenure feedback`: what people said is wrong about flags, and whether they were right."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.table import Table

from tenure.pipelines.access.audit import Entry, append_entries
from tenure.pipelines.proof.remarks import Remark, Tally, judge_remarks, tallies
from tenure.pipelines.scoring.score import require_writable
from tenure.pipelines.store.actions import counted_results
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.feedback import all_feedback, counted_cares
from tenure.serving.cli.access import command_line
from tenure.serving.cli.console import notes, results
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, now, open_project
from tenure.serving.exporting import inert

SCHEMA = pa.schema(
    [
        ("at", pa.timestamp("us", "UTC")), ("outcome", pa.string()), ("customer_id", pa.string()),
        ("why", pa.string()), ("text", pa.string()), ("as_of", pa.string()), ("model_version", pa.string()),
        ("probability", pa.float64()), ("band", pa.string()), ("label", pa.int8()), ("right", pa.bool_()),
    ]
)  # fmt: skip
"""The columns of the file: the remark, the score it is about, the label of that score, whether the remark was right.

Who said it is not among them.
"""

BANDS = ("critical", "high", "medium", "low", "none")


def feedback_command(
    config: Config = DEFAULT,
    outcome: OutcomeName = None,
    out: Annotated[Path | None, typer.Option("--out", help="Also write the remarks as .parquet or .csv.")] = None,
    as_json: AsJson = False,
) -> None:
    """Count remarks on flags by reason, and how many turned out right; cases of the desk; and how contacts ended."""
    if out is not None:
        require_writable(out)
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome)
    with reading(opened.store) as connection:
        said = all_feedback(connection, study.name)
        cases, ended = counted_cares(connection, study.name), counted_results(connection, study.name)
    remarks = judge_remarks(study, said)
    found = tallies(remarks)
    if out is not None:
        _write(remarks, out)
        about = {"outcome": study.name, "rows": len(remarks)}
        moment = now().astimezone(dt.UTC).replace(tzinfo=None)
        append_entries(opened.store, [Entry(moment, command_line(), "feedback.export", detail=about)])
    if as_json:
        told = {"outcome": study.name, "remarks": len(remarks), "reasons": [vars(one) for one in found]}
        results.print_json(json.dumps(told | {"cases": cases, "contacts": ended}))
        return
    results.print(_table(found))
    for title, counts in (("cases of the desk", cases), ("contacts", ended)):
        counted = ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())) or "none"
        notes.print(f"{title}: {counted}", markup=False)


def _table(found: Sequence[Tally]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("why")
    for name in ("remarks", *BANDS, "happened", "said", "right"):
        table.add_column(name, justify="right")
    for one in found:
        bands = [str(one.bands.get(band, "")) for band in BANDS]
        happened = f"{one.happened} of {one.known}" if one.known else ""
        expected = "" if one.expected is None else f"{one.expected * one.known:.1f}"
        right = "" if one.right is None else f"{one.right / one.known:.0%}"
        table.add_row(one.why, f"{one.remarks:,}", *bands, happened, expected, right)
    return table


def _write(remarks: Sequence[Remark], out: Path) -> None:
    rows = [_row(remark) for remark in remarks]
    if out.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), out)
        return
    with out.open("w", newline="", encoding="utf-8") as text:
        writer = csv.DictWriter(text, SCHEMA.names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({n: inert(v) if isinstance(v, str) else v for n, v in row.items()} for row in rows)


def _row(remark: Remark) -> dict[str, Any]:
    told = {name: value for name, value in remark.said._asdict().items() if name in SCHEMA.names}
    return {**told, "at": remark.said.at.replace(tzinfo=dt.UTC), "label": remark.label, "right": remark.right}
