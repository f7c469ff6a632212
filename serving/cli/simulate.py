"""`tenure simulate`: an invented world with known truth, as a project to try things on."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer

from tenure.pipelines.simulation.parameters import Parameters, load_world
from tenure.pipelines.simulation.weeks import FIRST_DAY, WEEK
from tenure.pipelines.simulation.world import DAYS, World
from tenure.pipelines.simulation.writing import TRUTH_FILE
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import AsJson

CUSTOMERS = 5_000


def simulate_command(
    out: Annotated[Path, typer.Argument(help="The folder to write; new or empty.")],
    world: Annotated[str, typer.Option("--world", help="plain, weak, hostile, or a TOML file.")] = "plain",
    customers: Annotated[int, typer.Option(min=1, help="How many there are over all the days.")] = CUSTOMERS,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files, byte for byte.")] = 1,
    days: Annotated[int, typer.Option(min=WEEK, help="Days on record; begun weeks are left out.")] = DAYS,
    no_signal: Annotated[bool, typer.Option("--no-signal", help="Nothing one can see drives anybody away.")] = False,
    no_effect: Annotated[bool, typer.Option("--no-effect", help="A contact changes nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Invent customers of whom one knows why they leave and what a contact changes; write them as a project."""
    parameters = load_world(world, no_signal=no_signal, no_effect=no_effect)
    file = write_simulated(out, parameters, customers=customers, seed=seed, days=days, quiet=as_json)
    if as_json:
        results.print_json(json.dumps({"project": str(file), "truth": str(out / TRUTH_FILE), "rows": _rows(out)}))
    else:
        results.print(str(file))
        notes.print(f"the truth lies in {out / TRUTH_FILE}; next: `tenure check {out}`", soft_wrap=True)


def write_simulated(
    out: Path, parameters: Parameters, *, customers: int, seed: int, days: int = DAYS, quiet: bool = False
) -> Path:
    """Live through a world and write it; gives the project file."""
    with step(f"inventing {parameters.name}", quiet=quiet) as work:
        world = World(parameters, customers=customers, seed=seed, days=days)
        world.advance(FIRST_DAY + dt.timedelta(days=days // WEEK * WEEK))
        file = world.write(out, progress=work.progress)
        rows = _rows(out)
        work.summary = f"{rows:,} rows of {customers:,} invented customers, {len(world.present):,} of them still here"
    return file


def _rows(folder: Path) -> int:
    return sum(pq.read_metadata(file).num_rows for file in sorted((folder / "data").glob("*.parquet")))
