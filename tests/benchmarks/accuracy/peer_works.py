"""What `peers` asks of Featuretools and FLAML, in an interpreter that has them.

python peer_works.py featuretools|automl JSON
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

warnings.filterwarnings("ignore")  # the peers', about the versions of their own libraries

EVERY = ["count", "sum", "mean", "max", "std"]
ONCE = ["time_since_last", "time_since_first", "avg_time_between", "num_unique"]
MOST_KINDS = 8


def featuretools(folder: str, windows: list[int]) -> dict[str, Any]:
    """The features of every asked unit and date; one call a window, and one over all time.

    `chunk_size` is left out: all rows of a date are worked out together (1.0 would mean one row at a time).
    """
    import featuretools as ft

    started = time.perf_counter()
    events, asked = (pd.read_parquet(Path(folder) / f"{name}.parquet") for name in ("events", "asked"))
    events["kind"] = events["kind"].astype(str)
    kinds = events["kind"].value_counts().index[:MOST_KINDS].tolist()
    entities = ft.EntitySet("events")
    entities.add_dataframe(
        dataframe_name="e",
        dataframe=events.rename_axis("row").reset_index(),
        index="row",
        time_index="moment",
        logical_types={"kind": "Categorical", "unit_id": "Categorical"},
    )
    entities.normalize_dataframe(
        base_dataframe_name="e", new_dataframe_name="u", index="unit_id", make_time_index=False
    )
    entities.add_interesting_values(dataframe_name="e", values={"kind": kinds if len(kinds) > 1 else []})
    cutoffs = asked.rename(columns={"as_of": "time"}).assign(time=asked["as_of"].astype("datetime64[ns]"))
    parts = []
    for window in (*windows, None):
        found, _ = ft.dfs(
            entityset=entities,
            target_dataframe_name="u",
            cutoff_time=cutoffs,
            cutoff_time_in_index=True,
            agg_primitives=EVERY + ([] if window else ONCE),
            where_primitives=["count"],
            trans_primitives=[],
            training_window=f"{window} days" if window else None,
            include_cutoff_time=False,
            n_jobs=1,
        )
        numbers = found.apply(pd.to_numeric, errors="coerce").astype(float)
        parts.append(numbers.rename(columns=lambda name, w=window: f"{name}_{w or 'all'}"))
    table = pd.concat(parts, axis=1)
    places = pd.MultiIndex.from_frame(cutoffs[["unit_id", "time"]])
    table = table.loc[~table.index.duplicated()].reindex(places)
    table.reset_index(drop=True).to_parquet(Path(folder) / "answer.parquet")
    return {"seconds": time.perf_counter() - started}


def automl(folder: str, seconds: float, seed: int) -> dict[str, Any]:
    """FLAML's choice within the budget: tried on the earlier rows, judged by log loss on the later, fitted on all."""
    import numpy as np
    from flaml import AutoML

    training, test = (pd.read_parquet(Path(folder) / f"{name}.parquet") for name in ("training", "test"))
    label, weight, later = (training.pop(name) for name in ("label", "weight", "later"))
    label = label.astype(int)
    started = time.perf_counter()
    model = AutoML()
    model.fit(
        X_train=training[~later],
        y_train=label[~later].to_numpy(),
        sample_weight=weight[~later].to_numpy(),
        X_val=training[later],
        y_val=label[later].to_numpy(),
        sample_weight_val=weight[later].to_numpy(),
        task="classification",
        metric="log_loss",
        time_budget=seconds,
        retrain_full=True,
        n_jobs=1,
        seed=seed % 2**31,
        verbose=0,
    )
    found = np.asarray(model.predict_proba(test))[:, 1]
    pd.DataFrame({"probability": found}).to_parquet(Path(folder) / "answer.parquet")
    return {"seconds": time.perf_counter() - started, "chosen": str(model.best_estimator)}


WORKS: dict[str, Callable[..., dict[str, Any]]] = {"featuretools": featuretools, "automl": automl}

if __name__ == "__main__":
    print(json.dumps(WORKS[sys.argv[1]](**json.loads(sys.argv[2]))))
