"""People: the record, as of the date, of the teams and agents a customer met. Off unless a project names it.

A record is of the last 364 days and of at least five other customers, the customer's own part taken out,
and drawn towards that of everybody. It describes the work of others, so it is never given as a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.features.encounters import MEASURES, encounters, people_of
from tenure.pipelines.features.sums import GroupSums
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import FIXED_POINT

COLUMNS = ("agent_id", "team_id", "case_id")
MET = {"agent": "agents", "team": "teams"}
OTHERS = 5
"""How many other customers a record takes."""

SMOOTHING = 20
"""How many average cases, ratings or customers are added to every record."""

THEME = "people"
SHARES = {
    "rating": ("rating", "rated", "mean rating (0 to 1) in cases of the {met} met in the last 364 days"),
    "resolved_share": (
        "resolved",
        "cases",
        "share of the cases of the {met} met in the last 364 days that were resolved",
    ),
    "reopened_share": (
        "reopened",
        "resolved",
        "share of the resolved cases of the {met} met in the last 364 days that were reopened",
    ),
    "stayed_share": (
        "stayed",
        "met_before",
        "share of customers whom the {met} met 91 to 364 days ago and who were active in the 91 days after",
    ),
}
"""Part, whole and meaning of each column."""


def gather(view: View, context: Context, fitted: Fitted) -> Mapping[str, GroupSums]:
    """The record of each agent and each team."""
    tables = {}
    for who in MET:
        found, words = encounters(view, context, who), view.history.words.get(f"{who}_id", ())
        sums = {name: found[name].to_numpy(dtype=np.int64) for name in MEASURES}
        tables[who] = GroupSums.coded(found["group"].to_numpy(dtype=np.int64), words, **sums)
    return tables


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """The records of those met, one column a measure for agents and for teams."""
    without_gap = view.any.count(364) * 0.0
    for who, met in MET.items():
        sums = _others_of(view, context, who)
        for name, (part, whole, meaning) in SHARES.items():
            values = _smoothed(sums, part, whole) / (FIXED_POINT if part == "rating" else 1.0) + without_gap
            yield Column(f"people_{met}_{name}", values, meaning.format(met=met), THEME)


def _others_of(view: View, context: Context, who: str) -> pd.DataFrame:
    """For each unit of the view the sums of those it met and, as `all_`, of everybody; its person's part left out."""
    own = encounters(view.history.as_of(view.as_of), context, who)  # the person's other contracts too
    table, words = context.table("people", who), view.history.words.get(f"{who}_id", ())
    record = pd.DataFrame({name: table.at(words, name) for name in MEASURES}, dtype=np.int64)
    rest = (record.iloc[own["group"]].reset_index(drop=True) - own[MEASURES]).clip(lower=0)
    rest = rest.where(rest["people"] >= OTHERS, 0).assign(person=own["person"].to_numpy())
    people = people_of(view)
    met = rest.groupby("person").sum().reindex(people, fill_value=0).reset_index(drop=True)
    mine = own.drop(columns="group").groupby("person").sum().reindex(people, fill_value=0).reset_index(drop=True)
    everybody = pd.Series({name: int(table.measures[name].sum()) if table.groups else 0 for name in MEASURES})
    return met.join((everybody - mine[MEASURES]).clip(lower=0).add_prefix("all_"))


def _smoothed(sums: pd.DataFrame, part: str, whole: str) -> Values:
    """A share of the record, `SMOOTHING` average ones added; missing for whoever met nobody with a record."""
    usual = _ratio(sums[f"all_{part}"], sums[f"all_{whole}"])
    count = sums[whole].to_numpy(dtype=np.float64)
    found = (sums[part].to_numpy(dtype=np.float64) + SMOOTHING * usual) / (count + SMOOTHING)
    return np.where(sums["people"] > 0, found, np.nan)


def _ratio(part: pd.Series, whole: pd.Series) -> Values:
    count = whole.to_numpy(dtype=np.float64)
    return np.divide(part.to_numpy(dtype=np.float64), count, out=np.full(len(count), np.nan), where=count > 0)
