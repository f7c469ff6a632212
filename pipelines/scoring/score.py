"""A complete score set: every unit of a snapshot as of one date, with status, probability and reasons."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from tenure.models.odds import Floats
from tenure.pipelines.decisions import worth
from tenure.pipelines.decisions.customers import Units
from tenure.pipelines.decisions.expressions import Causes
from tenure.pipelines.examples.beforehand import prepared
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import describe_buckets
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.scoring.facts import known_figures
from tenure.pipelines.scoring.model import PROBABILITY, ScoringModel

EXPLAINED = 20_000
"""How many of the highest risks get reasons; explaining costs more than predicting."""

COLUMNS = [
    "unit_id", "customer_id", "as_of", "status", *PROBABILITY, "band", "rank", "reasons", "facts", *worth.COLUMNS,
]  # fmt: skip


KEYS = ["unit_id", "customer_id"]


Effects = Callable[[pd.DataFrame, Floats], Floats]
"""Gives described rows, with the risk of each, by how much a contact lowers it."""


Seen = Callable[[pd.DataFrame, pd.DataFrame], None]
"""Is shown the described rows and what was scored of them, row by row."""


class ScoreRefused(ValueError):
    """A score was asked for a date, or from a model, that would not be honest."""


def require_scorable(study: Study, model: ScoringModel, as_of: dt.date, *, back_test: bool, allow_stale: bool) -> None:
    """Raise unless the model answers this question, of a date after what it learned from and within what is known."""
    if model.question.outcome != study.outcome:
        raise ScoreRefused(
            f'outcome {study.name!r}: the champion was trained for "{definition(study.name, model.question.outcome)}", '
            f'the project file now says "{definition(study.name, study.outcome)}"; run `tenure train` again, then '
            "`tenure promote --new-definition --reason WHY`"
        )
    if as_of < model.learned_until and not back_test:
        raise ScoreRefused(
            f"as_of {as_of}: the champion learned from labels until {model.learned_until}, so it has seen what "
            "happened then; use a later date, or --back-test to score the past knowingly"
        )
    require_known(study, as_of, allow_stale=allow_stale)
    worth.require_expressions(study)


def require_known(study: Study, as_of: dt.date, *, allow_stale: bool) -> None:
    """Raise where the data end before the date, unless that is wanted."""
    if as_of > study.watermark and not allow_stale:
        raise ScoreRefused(
            f"as_of {as_of}: the data are complete only until {study.watermark}, the silence after it would look "
            "like customers going quiet; bring the feed up to date, or use --allow-stale to mark every row stale"
        )


def scoring_task(
    study: Study, model: ScoringModel, as_of: dt.date, *, processes: int | None = None, progress: Progress | None = None
) -> Task:
    """The work of describing everybody as of a date, with the context tables of that date."""
    task = model.task(as_of, lake=study.snapshot.folder)
    task = replace(task, cache=study.cache, buckets=study.snapshot.buckets)
    return prepared(task, study.snapshot.buckets, learn=False, workers=study.workers(processes), progress=progress)


def score(
    study: Study,
    model: ScoringModel,
    as_of: dt.date,
    *,
    task: Task | None = None,
    effects: Effects | None = None,
    seen: Seen | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Score every unit known as of a date; the columns are `COLUMNS`, ordered by rank.

    `task` may be handed in where it was made already (see `scoring_task`). `effects` says of described rows and their
    risk what a contact changes; without, and on a cluster, that is assumed. `seen` is shown what was described and
    scored, but for a cluster, where it does not pass by here.
    """
    task = task or scoring_task(study, model, as_of, processes=processes, progress=progress)
    scored, known = _scored(study, model, task, effects=effects, seen=seen, processes=processes, progress=progress)
    bands = study.project.bands
    names = [None if np.isnan(found) else bands.of(found) for found in scored["probability"]]
    scored["band"] = np.array(names, dtype=object)
    scored["as_of"] = as_of.isoformat()
    scored = scored.sort_values(["probability", "unit_id"], ascending=[False, True])
    known = known.loc[scored.index].reset_index(drop=True)
    scored = scored.reset_index(drop=True)
    rank = pd.Series(np.arange(1, len(scored) + 1), dtype="Int64")
    scored["rank"] = rank.where(scored["probability"].notna())
    measured = scored["effect"].to_numpy(dtype=float) if "effect" in scored else None
    return worth.with_worth(scored, Units(study, as_of, scored[KEYS], known), effects=measured)[COLUMNS]


def _scored(
    study: Study,
    model: ScoringModel,
    task: Task,
    *,
    effects: Effects | None,
    seen: Seen | None,
    processes: int | None,
    progress: Progress | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The scores of everybody, with the cause in `barred` where somebody is excluded, and the figures known of them.

    `effect` is there where it is measured.
    """
    (as_of,), buckets = task.cutoffs, study.snapshot.buckets

    def leave_out(described: pd.DataFrame, known: pd.DataFrame) -> tuple[pd.DataFrame, Causes]:
        return worth.leave_out(Units(study, as_of, described[KEYS], known), described)

    if study.project.project.engine == "spark":
        from tenure.pipelines.spark.scoring import score_everybody  # PySpark is an extra

        return score_everybody(
            study.project, model, task, buckets, explain=EXPLAINED, leave_out=leave_out, progress=progress
        )
    workers = study.workers(processes)
    described = describe_buckets(task, buckets, workers=workers, progress=progress).frame
    known = known_figures(described)
    described, causes = leave_out(described, known)
    found = model.score(described, explain=EXPLAINED).assign(barred=causes)
    if seen is not None:
        seen(described, found)
    if effects is not None:
        found["effect"] = np.nan
        chosen = found["probability"].notna()
        found.loc[chosen, "effect"] = effects(described.loc[chosen], found.loc[chosen, "probability"].to_numpy())
    return found, known


def write_scores(scored: pd.DataFrame, file: Path, *, stale: bool = False) -> None:
    """Write a row a unit to `.parquet` or `.csv`, whole or not at all."""
    texts = [" · ".join(str(r["text"]) for r in found) if found else None for found in scored["reasons"]]
    frame = scored.drop(columns="facts").assign(stale=stale, reasons=np.array(texts, dtype=object))
    write_table(pa.Table.from_pandas(frame, preserve_index=False), file)


def require_writable(file: Path, *, option: str = "--out") -> None:
    """Raise unless a table can be written to `file`; ask before the work, not after it. `option` named it."""
    if file.suffix not in (".parquet", ".csv"):
        raise ScoreRefused(
            f"{option} {file}: the name must end in .parquet or .csv, found {file.suffix or 'no ending'!r}"
        )
    if file.is_dir():
        raise ScoreRefused(f"{option} {file}: is a folder; name a file in it, such as {file / 'scores.parquet'}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScoreRefused(
            f"{option} {file}: its folder cannot be made ({error.strerror}); name another place"
        ) from error
    if not os.access(file.parent, os.W_OK):
        raise ScoreRefused(f"{option} {file}: its folder cannot be written to; name another place")


def write_table(table: pa.Table, file: Path) -> None:
    """Write a table to `.parquet` or `.csv` by its name, whole or not at all."""
    require_writable(file)
    draft = file.with_name(f".{file.name}.part")
    if file.suffix == ".csv":
        pyarrow.csv.write_csv(table, draft)
    else:
        pq.write_table(table, draft)
    draft.replace(file)
