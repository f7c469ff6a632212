"""Batch scoring on a cluster: every executor opens the same artefact and scores whole buckets with it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tenure.models.golden import check_golden
from tenure.models.manifest import ArtefactCorrupt
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.work import describe_bucket
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.outcomes.status import SCORED
from tenure.pipelines.reasons.reasons import reasons
from tenure.pipelines.scoring.facts import Facts, columns_of, facts_of, known_figures
from tenure.pipelines.scoring.model import PROBABILITY, ScoringModel, open_model
from tenure.pipelines.settings.project import Project
from tenure.pipelines.spark.job import Cluster
from tenure.pipelines.spark.parcel import write_whole
from tenure.pipelines.spark.scratch import scratch_folder
from tenure.pipelines.spark.workers import SparkWorkers

Reasons = list[dict[str, Any]]
COLUMNS = ("unit_id", "customer_id", "status", *PROBABILITY, "reasons", "facts")
SCORE = ("unit_id", "customer_id", "status", *PROBABILITY, "facts", "bucket", "row")
LeaveOut = Callable[[pd.DataFrame, pd.DataFrame], tuple[pd.DataFrame, NDArray[np.object_]]]
"""Gives units, of whom some figures are known, the status `excluded` where they are, and the cause for each."""


@dataclass(frozen=True)
class Shipped:
    """An artefact on its way to the executors: its files by name, and the digest they must have there."""

    digest: str
    files: Mapping[str, bytes]

    @classmethod
    def of(cls, model: ScoringModel) -> Shipped:
        """The files of a model that was opened from its folder."""
        root = model.modules.parent
        held = {f.relative_to(root).as_posix(): f.read_bytes() for f in sorted(root.rglob("*")) if f.is_file()}
        return cls(model.artefact.digest, held)

    def __hash__(self) -> int:
        return hash(self.digest)


def score_everybody(
    project: Project,
    model: ScoringModel,
    task: Task,
    buckets: int,
    *,
    explain: int,
    leave_out: LeaveOut,
    progress: Progress | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What `ScoringModel.score` gives for everybody in the lake, in the order of units, and the figures known of them.

    Whoever is excluded by `leave_out` loses the score, and has the cause in `barred`.

    The features stay with the executors, in files that are gone afterwards; only those of the
    `explain` highest probabilities are read once more, for their reasons.
    """
    tell = progress or (lambda _what, _share: None)
    workers, shipped = SparkWorkers.of(project), Shipped.of(model)
    with scratch_folder(workers.folder) as folder:
        cluster = Cluster(workers.settings, folder)
        work = partial(score_bucket, shipped, task, folder)
        parts = dict(cluster.each(work, range(buckets), tell=lambda share: tell("features", share)))
        frame = pd.concat([parts[b].assign(bucket=b) for b in sorted(parts)], ignore_index=True)
        frame = frame.sort_values("unit_id", kind="stable", ignore_index=True)
        known = frame[[name for name in frame.columns if name not in SCORE]]
        frame, causes = leave_out(frame[list(SCORE)], known)
        out = (frame["status"] != SCORED).to_numpy()
        frame = frame.assign(**{name: frame[name].mask(out) for name in PROBABILITY})
        scored = np.flatnonzero(frame["status"] == SCORED)
        ranked = np.argsort(-frame["probability"].to_numpy()[scored], kind="stable")[:explain]
        shown = frame.iloc[scored[ranked]]
        buckets_shown = np.unique(shown["bucket"].to_numpy()).tolist()
        asked = [(bucket, shown.loc[shown["bucket"] == bucket, "row"].tolist()) for bucket in buckets_shown]
        told = np.full(len(frame), None, dtype=object)
        facts = frame["facts"].to_numpy(dtype=object, copy=True)
        facts[out] = None
        found = cluster.each(partial(explain_rows, shipped, folder), asked, tell=lambda share: tell("reasons", share))
        for place, texts in found if asked else ():
            for index, text in zip(shown.index[shown["bucket"] == asked[place][0]], texts, strict=True):
                told[index], facts[index] = text
    return frame.assign(reasons=told, facts=facts)[list(COLUMNS)].assign(barred=causes), known


def score_bucket(shipped: Shipped, task: Task, folder: Path, bucket: int) -> pd.DataFrame:
    """Status, probability and known figures of everybody in a bucket; the features go to a file in `folder`.

    `row` is the place of a unit's features in that file.
    """
    model = opened(shipped)
    described = describe_bucket(
        replace(task, recipe=replace(task.recipe, root=model.modules), cache=None), bucket
    ).frame
    result = model.score(described, explain=0).drop(columns="reasons")
    scored = (described["status"] == SCORED).to_numpy()
    columns = [*model.features, *(name for name in columns_of(described) if name not in model.features)]
    matrix = described.loc[scored].reindex(columns=columns).astype(float)
    write_whole(pa.Table.from_pandas(matrix, preserve_index=False), _features(folder, bucket))
    result["row"] = np.where(scored, np.cumsum(scored) - 1, -1)
    return result.join(known_figures(described))


def explain_rows(shipped: Shipped, folder: Path, asked: tuple[int, list[int]]) -> list[tuple[Reasons, Facts]]:
    """The reasons and facts of some rows of a bucket that was scored before."""
    bucket, rows = asked
    model = opened(shipped)
    matrix = pq.read_table(_features(folder, bucket)).take(rows).to_pandas()
    told = reasons(model.artefact.race, matrix, currency=model.question.currency)
    return list(zip(told, facts_of(matrix), strict=True))


@lru_cache(maxsize=4)
def opened(shipped: Shipped) -> ScoringModel:
    """The model on this executor, its digest checked and its golden cases answered as on the day it was saved."""
    from pyspark import SparkFiles

    root = Path(tempfile.mkdtemp(prefix="artefact-", dir=SparkFiles.getRootDirectory()))
    for name, content in shipped.files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    model = open_model(root)
    if model.artefact.digest != shipped.digest:
        raise ArtefactCorrupt(
            f"the artefact {shipped.digest[:12]} arrived at an executor as {model.artefact.digest[:12]}"
        )
    check_golden(model.artefact.race, model.artefact.golden)
    return model


def _features(folder: Path, bucket: int) -> Path:
    return folder / f"features-{bucket:05d}.parquet"
