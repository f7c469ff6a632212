"""People: the record, as of the date, of the teams and agents a customer met. Off unless a project names it.

A record is of the last 364 days and of at least five other customers, the customer's own part taken out,
and drawn towards that of everybody. It describes the work of others, so it is never given as a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.features.encounters import MEASURES, begins, encounters, people_of
from tenure.pipelines.features.sums import GroupSums
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import FIXED_POINT, Ints

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
        tables[who] = GroupSums.coded(found.group, words, **found.measures)
    return tables


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """The records of those met, one column a measure for agents and for teams."""
    without_gap = view.any.count(364) * 0.0
    for who, met in MET.items():
        sums = _others_of(view, context, who)
        for name, (part, whole, meaning) in SHARES.items():
            values = _smoothed(sums, part, whole) / (FIXED_POINT if part == "rating" else 1.0) + without_gap
            yield Column(f"people_{met}_{name}", values, meaning.format(met=met), THEME)


def _others_of(view: View, context: Context, who: str) -> Mapping[str, Ints]:
    """For each unit of the view the sums of those it met and, as `all_`, of everybody; its person's part left out."""
    own = encounters(view, context, who)  # of all contracts of a person
    table, words = context.table("people", who), view.history.words.get(f"{who}_id", ())
    mine = np.array([own.measures[name] for name in MEASURES])
    rest = np.maximum(np.array([table.at(words, name) for name in MEASURES])[:, own.group] - mine, 0)
    rest *= rest[MEASURES.index("people")] >= OTHERS
    everybody = np.array([int(table.measures[name].sum()) if table.groups else 0 for name in MEASURES])
    starts, people = begins(own.person), people_of(view)
    sums = np.zeros((2 * len(MEASURES), int(people.max(initial=own.person.max(initial=-1))) + 1), dtype=np.int64)
    if len(starts):
        sums[:, own.person[starts]] = np.add.reduceat(np.concatenate([rest, mine]), starts, axis=1)
    met, mine = np.split(sums[:, people], 2)
    others = np.maximum(everybody[:, None] - mine, 0)
    return dict(zip(MEASURES, met, strict=True)) | {f"all_{n}": v for n, v in zip(MEASURES, others, strict=True)}


def _smoothed(sums: Mapping[str, Ints], part: str, whole: str) -> Values:
    """A share of the record, `SMOOTHING` average ones added; missing for whoever met nobody with a record."""
    usual = _ratio(sums[f"all_{part}"], sums[f"all_{whole}"])
    found = (sums[part] + SMOOTHING * usual) / (sums[whole].astype(np.float64) + SMOOTHING)
    return np.where(sums["people"] > 0, found, np.nan)


def _ratio(part: Ints, whole: Ints) -> Values:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
