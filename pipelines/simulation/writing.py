"""A world written down: records in Parquet as a project of its own, and the truth beside them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tenure.pipelines.simulation.account import Account
from tenure.pipelines.simulation.casework import Desk
from tenure.pipelines.simulation.draws import Floats, Ints
from tenure.pipelines.simulation.hazard import CAUSES, causes
from tenure.pipelines.simulation.messages import words
from tenure.pipelines.simulation.people import YEAR, customer_id
from tenure.pipelines.simulation.profiling import Facts, Names, facts_of, profiles
from tenure.pipelines.simulation.project import gap_begins, project_text
from tenure.pipelines.simulation.rows import Rows, interactions
from tenure.pipelines.simulation.weeks import FIRST_DAY, WEEK, Week

if TYPE_CHECKING:
    from tenure.pipelines.simulation.world import World

ROWS_A_FILE = 400_000
"""Rows that are held before they are written; a file has about as many."""

PROJECT_FILE = "tenure.toml"
TRUTH_FILE = "truth.parquet"
UNFINISHED = ".unfinished"
Progress = Callable[[str, float], None]


class FolderInUse(FileExistsError):
    """A world is to be written where something lies already."""


def write_world(world: World, folder: Path, *, progress: Progress | None = None) -> Path:
    """Write the records of a world up to today, week by week, and the truth as of today; gives the project file.

    The world is lived through once more, with the same contacts: memory holds one file's rows, however long it is.
    What is not finished lies in a folder of its own, which the next try removes. Raises `FolderInUse` where the folder
    holds anything else.
    """
    if folder.exists() and (not folder.is_dir() or any(held.name != UNFINISHED for held in folder.iterdir())):
        raise FolderInUse(f"{folder}: expected a new or an empty folder, found files in it; name another, or empty it")
    made = folder / UNFINISHED
    shutil.rmtree(made, ignore_errors=True)
    (made / "data").mkdir(parents=True)
    recorder = _Recorder(world, made / "data", progress=progress)
    world.relive(recorder)
    recorder.flush()
    _write_truth(world, recorder.causes, made / TRUTH_FILE)
    text = project_text(world.parameters, today=world.today, customers=len(world.people))
    (made / PROJECT_FILE).write_text(text, encoding="utf-8")
    for name in ("data", TRUTH_FILE, PROJECT_FILE):  # the project file last: with it the world is whole
        (made / name).rename(folder / name)
    made.rmdir()
    return folder / PROJECT_FILE


class _Recorder:
    """Writes down each week it is told of. It knows when everybody left, also after the week."""

    def __init__(self, world: World, folder: Path, *, progress: Progress | None) -> None:
        self._world, self._folder, self._left, self._progress = world, folder, world.left_on, progress
        self._last = (world.today - FIRST_DAY).days
        self.causes = {name: np.full(len(world.people), np.nan) for name in CAUSES}
        self._names = Names.given(world.draws)
        self._customers = pa.array([customer_id(number) for number in range(len(world.people))])
        self._texts = pa.array(list(words().texts))
        self._held: dict[str, list[Rows]] = {"billing": [], "usage": [], "support": []}
        self._facts: list[Facts] = []
        self._files = dict.fromkeys((*self._held, "profiles"), 0)
        self._ids = dict.fromkeys(self._held, 0)
        self._cases = 0

    def __call__(self, week: Week, uses: Ints, _left: Floats) -> None:
        """Write down one week."""
        people, parameters = self._world.people, self._world.parameters
        chance = self._world.draws.of("records", week.number + YEAR)
        account = Account(week, people, parameters, self._left, chance)
        desk = Desk(week, people, words(), self._names.first, chance, self._cases, parameters.records)
        self._cases += len(week.cases.customer)
        gone = np.flatnonzero(np.floor(self._left / WEEK) == week.number)
        for name, added in causes(parameters, people, week.feeling, week.number).items():
            self.causes[name][gone] = added[gone]
        self._held["billing"] += self._on_record(account.billing())
        self._held["usage"] += [] if self._in_gap(week) else self._on_record(account.usage(uses))
        self._held["support"] += self._on_record(desk.rows())
        present = self._left > WEEK * week.number
        self._facts += [_of_those(one, present) for one in facts_of(people, self._names, week)]
        if self._progress is not None:
            self._progress("writing", WEEK * (week.number + 1) / self._last)
        for source, rows in self._held.items():
            if sum(len(one.customer) for one in rows) >= ROWS_A_FILE:
                self._write(source)
        if sum(len(one.customer) for one in self._facts) >= ROWS_A_FILE:
            self._write("profiles")

    def flush(self) -> None:
        """Write what is held."""
        for source in self._files:
            self._write(source)

    def _on_record(self, rows: list[Rows]) -> list[Rows]:
        """What happened to whoever was there, and could be known by today."""
        kept = []
        for one in rows:
            known = one.day if one.late is None else one.day + one.late
            there = (one.day < self._left[one.customer]) | (one.kind == "cancellation")
            kept.append(one.where(there & (one.day < self._last) & (known <= self._last)))
        return [one for one in kept if len(one.customer)]

    def _in_gap(self, week: Week) -> bool:
        first = gap_begins(self._last) // WEEK
        return first <= week.number < first + self._world.parameters.records.gap_weeks

    def _write(self, source: str) -> None:
        if source == "profiles":
            held, self._facts = self._facts, []
            table = profiles(held, customers=self._customers) if held else None
        else:
            rows, self._held[source] = self._held[source], []
            table = self._table(source, rows) if rows else None
        if table is None:
            return
        self._files[source] += 1
        pq.write_table(table, self._folder / f"{source}-{self._files[source]:03d}.parquet", compression="zstd")

    def _table(self, source: str, rows: list[Rows]) -> pa.Table:
        first = self._ids[source]
        table = interactions(rows, customers=self._customers, texts=self._texts, mark=f"{source}-", first=first)
        self._ids[source] += len(table)
        return table


def _of_those(facts: Facts, present: np.ndarray) -> Facts:
    kept = present[facts.customer]
    return Facts(facts.name, facts.customer[kept], facts.day[kept], facts.value.filter(pa.array(kept)))


def _write_truth(world: World, at_leaving: dict[str, Floats], file: Path) -> None:
    """The truth as of today, a row for everybody there will ever be; of whoever left, their causes when they did."""
    truth, fates = world.at(world.today), world.fates(world.today)
    frame = truth.merge(fates[["customer_id", "fate"]], on="customer_id")
    whole = world.left().rename("left_on").reset_index().merge(frame, on="customer_id", how="left")
    for name, column in at_leaving.items():
        whole[f"cause_{name}"] = whole[f"cause_{name}"].fillna(pd.Series(column))
    whole["signed_on"] = np.datetime64(FIRST_DAY, "s") + world.people.signed.astype("timedelta64[D]")
    whole["hidden"], whole["responsive"] = world.people.hidden, world.people.responsive
    pq.write_table(pa.Table.from_pandas(whole, preserve_index=False), file, compression="zstd")
