"""Rivals that live in another interpreter, since they do not work with pandas 3: Featuretools and FLAML.

Tables are exchanged as Parquet files. The interpreter is given, or set up once for the run.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import venv
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from accuracy.calibrated import rehearsal
from accuracy.ours import race_of
from accuracy.rival import NotApplicable, Rival, Said
from accuracy.rows import Task, known_rows
from accuracy.trees import stopped_early

NEEDS = ("featuretools==1.31.0", "flaml[automl]", "lightgbm", "pandas<3", "pyarrow", "setuptools<81")
SCRIPT = Path(__file__).with_name("peer_works.py")
WINDOWS = (28, 91, 364)
LEAST_SECONDS = 5.0


class Peer:
    """Another interpreter, set up in `folder` when it is first needed where none is given."""

    def __init__(self, python: str | None, folder: Path) -> None:
        self._given, self._folder = python, folder

    @cached_property
    def python(self) -> str:
        """The path of the interpreter."""
        if self._given is not None:
            return self._given
        venv.create(self._folder, with_pip=True)
        python = str(self._folder / "bin" / "python")
        done = subprocess.run([python, "-m", "pip", "install", "-q", *NEEDS], capture_output=True, text=True)
        if done.returncode:
            raise NotApplicable(f"its interpreter could not be set up: {done.stderr.strip()[-200:]}")
        return python

    def work(self, name: str, tables: dict[str, pd.DataFrame], **asked: Any) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Hand over tables, have a function of `peer_works` called, and read its answer."""
        with tempfile.TemporaryDirectory(prefix="peer-") as scratch:
            for table, rows in tables.items():
                rows.to_parquet(Path(scratch) / f"{table}.parquet")
            given = json.dumps({"folder": scratch, **asked})
            done = subprocess.run([self.python, str(SCRIPT), name, given], capture_output=True, text=True)
            if done.returncode:
                raise NotApplicable(f"{name} failed with exit status {done.returncode}: {done.stderr.strip()[-200:]}")
            return pd.read_parquet(Path(scratch) / "answer.parquet"), json.loads(done.stdout.splitlines()[-1])

    def rivals(self) -> tuple[Rival, ...]:
        """The rivals that need it."""
        return Rival("featuretools_lightgbm", self.featuretools), Rival("flaml", self.automl, drawn=True)

    def featuretools(self, task: Task, seed: int) -> Said:
        """Features by deep feature synthesis over the unit's rows, then LightGBM as in `plain_lightgbm`."""
        keys = ["unit_id", "as_of"]
        asked = pd.concat([task.training[keys], task.test[keys]], ignore_index=True)
        rows = known_rows(task.study, max(asked["as_of"]).date())
        answer, _ = self.work("featuretools", {"events": rows, "asked": asked}, windows=list(WINDOWS))
        many = len(task.training)
        found = stopped_early(task, answer.iloc[:many], answer.iloc[many:], seed)
        return Said(found, note=f"{answer.shape[1]} features by Featuretools")

    def automl(self, task: Task, seed: int) -> Said:
        """FLAML on the same features, for as many seconds as our race took, judged on the same later rows."""
        _, seconds = race_of(task, seed)
        budget = max(seconds, LEAST_SECONDS)
        names = [feature.name for feature in task.features()]
        plain = [f"column_{place}" for place in range(len(names))]
        training = task.training[names].set_axis(plain, axis="columns")
        _, later = next(iter(rehearsal(task)))
        held = training.assign(label=task.labels, weight=task.weights, later=later)
        tables = {"training": held, "test": task.test[names].set_axis(plain, axis="columns")}
        answer, said = self.work("automl", tables, seconds=budget, seed=seed)
        return Said(answer["probability"].to_numpy(dtype=np.float64), said["seconds"], f"FLAML chose {said['chosen']}")
