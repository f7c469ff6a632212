"""What `against_featuretools.py` asks of Featuretools, in an interpreter that has it.

The table of baskets becomes an entity set with households above them. One call a window, all cut-offs
in it, and all rows in one chunk, which is its fastest documented setting (`chunk_size` of 1 and more is
a number of rows, below 1 a share). One job: more would need dask, cost more CPU, and give nothing for
this size.
"""

from __future__ import annotations

import warnings

import pandas as pd
from measured import answer

warnings.filterwarnings("ignore")  # the peer's, about the versions of its own libraries
import featuretools as ft  # noqa: E402

EVERY = ["count", "sum", "mean", "max", "n_unique_days"]
ONCE = ["time_since_last", "time_since_first", "avg_time_between"]


def run(baskets: str, cutoffs: list[str], windows: list[int], out: str) -> dict[str, object]:
    """Build the entity set, compute the features of all households at all cut-offs, write them to `out`."""
    rows = pd.read_parquet(baskets)
    entities = ft.EntitySet("shop")
    entities.add_dataframe(dataframe_name="b", dataframe=rows, index="basket_id", time_index="time")
    entities.normalize_dataframe(
        base_dataframe_name="b", new_dataframe_name="h", index="household_id", make_time_index=False
    )
    households = entities["h"]["household_id"]
    asked = pd.concat([pd.DataFrame({"household_id": households, "time": pd.Timestamp(day)}) for day in cutoffs])
    parts = []
    for window in (*windows, None):
        found, _ = ft.dfs(
            entityset=entities,
            target_dataframe_name="h",
            cutoff_time=asked.reset_index(drop=True),
            cutoff_time_in_index=True,
            agg_primitives=EVERY + ([] if window else ONCE),
            trans_primitives=[],
            training_window=f"{window} days" if window else None,
            include_cutoff_time=False,
            chunk_size=len(asked),
            n_jobs=1,
        )
        parts.append(found.rename(columns=lambda name, w=window: f"{name.split('(')[0].lower()}_{w or 'all'}"))
    table = pd.concat(parts, axis=1)
    table.reset_index().to_parquet(out)
    return {"rows": len(table), "columns": table.shape[1], "featuretools": ft.__version__}


if __name__ == "__main__":
    answer({"featuretools": run})
