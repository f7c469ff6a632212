"""BG/NBD on CDNOW: the log likelihood of the published sample, and how well expected purchases rank alone.

Run it with `python tests/benchmarks/cdnow_likelihood.py`. The first figures are those of the 1/10
sample over 39 weeks, published as r .243, alpha 4.414, a .793, b 2.426, log likelihood -9582.4
(Fader, Hardie and Lee 2005). The others are of all customers as of 1998-01-01: ROC AUC of nothing but
`repeat_expected_180d` for a silence of 180 days. JSON is printed.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.features.bgnbd import fit
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "cdnow"
LAST_DAY = pd.Timestamp("1997-09-30")
AS_OF = dt.date(1998, 1, 1)


def sample(file: Path = DATA / "CDNOW_sample.txt") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`x`, `t_x` and `T` in weeks of the 2,357 customers of the sample, calibration period of 39 weeks."""
    names = ["master", "customer", "day", "discs", "amount"]
    rows = pd.read_csv(file, sep=r"\s+", header=None, names=names, dtype=str)
    rows["day"] = pd.to_datetime(rows["day"], format="%Y%m%d")
    days = rows.loc[rows["day"] <= LAST_DAY].groupby("customer")["day"].agg(["nunique", "min", "max"])
    x = days["nunique"].to_numpy(dtype=np.float64) - 1.0
    t_x, T = ((end - days["min"]).dt.days.to_numpy(dtype=np.float64) / 7.0 for end in (days["max"], LAST_DAY))
    return x, t_x, T


def alone(outcome: str) -> float:
    """ROC AUC of expected purchases, fewer meaning a higher risk, at 1998-01-01."""
    project = load_project(ROOT / "tests" / "projects" / "cdnow.toml")
    with tempfile.TemporaryDirectory() as folder:
        files = {"source": (str(DATA / "CDNOW_master.txt.gz"),)}
        sources = tuple(source.model_copy(update={"files": files}) for source in project.source)
        project = project.model_copy(update={"root": Path(folder), "source": sources})
        store = open_store(project.data)
        snapshot = import_sources(project, now=dt.datetime(1998, 7, 1, tzinfo=dt.UTC), store=store)
        study = Study.of(project, snapshot, outcome)
        frame = build_examples(study, {AS_OF}, knowledge={AS_OF}).at(AS_OF, AS_OF)
        store.dispose()
    return float(roc_auc_score(frame["label"], -frame["repeat_expected_180d"]))


def main() -> None:
    """Print the parameters, the log likelihood and the ranking."""
    x, t_x, T = sample()
    started = time.perf_counter()
    found = fit(x, t_x, T)
    seconds = time.perf_counter() - started
    if found is None:
        raise SystemExit("the parameters ran away")
    print(
        json.dumps(
            {
                "customers": len(x),
                **dict(zip(("r", "alpha", "a", "b"), (round(value, 3) for value in found.parameters), strict=True)),
                "log_likelihood": round(found.log_likelihood(x, t_x, T), 1),
                "seconds": round(seconds, 3),
                "roc_auc_alone": {name: round(alone(name), 4) for name in ("lapse", "lapse_everyone")},
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
