"""`tenure features` and `tenure feature`: the feature table, and features of one's own."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer

from tenure.pipelines.examples.cutoffs import development_origins, report_origins
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.features.scaffold import new_feature
from tenure.pipelines.features.trial import try_feature
from tenure.pipelines.proof.paired import feature_module, paired, paired_document, with_module
from tenure.pipelines.scoring.score import require_known, require_writable, write_table
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, open_project, parse_day
from tenure.serving.cli.proof import Origins, Sample, note_look
from tenure.serving.cli.scoring import AsOf
from tenure.serving.cli.tables import paired_table

feature = typer.Typer(help="Features of your own: a file each.", no_args_is_help=True)


def features(
    config: Config = DEFAULT,
    as_of: AsOf = None,
    out: Annotated[Path, typer.Option("--out", help="A .parquet or .csv file.")] = Path("features.parquet"),
    outcome: OutcomeName = None,
    allow_stale: Annotated[bool, typer.Option("--allow-stale", help="Describe past the watermark too.")] = False,
) -> None:
    """Write the feature table of everybody who is eligible as of a date."""
    require_writable(out)
    opened = open_project(config)
    study = opened.study(outcome)
    day = parse_day(as_of) or opened.today(study)
    require_known(study, day, allow_stale=allow_stale)
    with step("describing customers") as work:
        examples = build_examples(study, {day}, knowledge={day}, progress=work.progress)
        names = [f.name for f in examples.features(day)]
        frame = examples.at(day, day)[["unit_id", "customer_id", "as_of", *names]]
        write_table(pa.Table.from_pandas(frame, preserve_index=False), out)
        work.summary = f"{len(frame):,} rows, {len(names)} features as of {day}: {out}"


@feature.command("new")
def new_command(
    name: Annotated[str, typer.Argument(help="The name of the file, such as loyalty.")],
    folder: Annotated[Path, typer.Option("--folder", help="Where feature files lie.")] = Path("features"),
) -> None:
    """Write a feature file to begin with."""
    path = new_feature(name, folder)
    results.print(str(path))
    notes.print(f'add to the project file:  [features] modules = ["{path}"]', markup=False)


@feature.command("try")
def try_command(
    name: Annotated[str, typer.Argument(help="The feature file, or the name of one in features/.")],
    config: Config = DEFAULT,
    sample: Sample = 1.0,
    origin: Origins = [],  # noqa: B006 (typer wants a list)
    report: Annotated[bool, typer.Option("--report", help="Test at the report origins; the ledger notes it.")] = False,
    outcome: OutcomeName = None,
    out: Annotated[Path | None, typer.Option("--out", help="Also write the comparison to a .json file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Back-test with a feature file and without it, on the development origins: the same customers, dates and seeds."""
    started = time.perf_counter()
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome, sample=sample)
    module = feature_module(study, name)
    chosen = [day for text in origin if (day := parse_day(text))]
    origins = chosen or (report_origins(study) if report else development_origins(study))
    with step(f"testing {study.name} at {len(origins)} past dates, with and without {module}", quiet=as_json) as work:
        found = paired(study, module, origins, progress=work.progress)
        work.summary = f"tested at {len(origins)} past dates, with and without {module}"
    content = paired_document(found, seconds=time.perf_counter() - started)
    note_look(opened, with_module(study, module), origins, {"paired": content["differences"]["risk"]})
    if out is not None:
        out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    if as_json:
        results.print_json(json.dumps(content))
    else:
        results.print(paired_table(content))


@feature.command("test")
def test_command(path: Annotated[Path, typer.Argument(help="The feature file.")]) -> None:
    """Run every property test on a feature file: it must not see the future, nor other customers."""
    findings = try_feature(path)
    for finding in findings:
        notes.print(f"[red]✗[/] {finding}")
    if findings:
        raise typer.Exit(1)
    results.print(f"{path}: holds every property")
