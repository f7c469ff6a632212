"""What a contact with each unit is worth, whom nobody contacts, and who is not scored at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from tenure.models.odds import Floats
from tenure.models.profit import Stakes, Terms, expected_profit, places
from tenure.pipelines.decisions.customers import Units, customer_table, known_columns
from tenure.pipelines.decisions.expressions import Asked, Causes, called, figures, first_cause
from tenure.pipelines.outcomes.status import SCORED
from tenure.pipelines.settings.decisions import Conditions, Economics
from tenure.pipelines.settings.project import Project

EXCLUDED = "excluded"
"""The status of whom `[exclusions]` leaves out of scoring."""

COLUMNS = ("value", "effect", "gain", "place", "barred", "never_held_out")
"""What a decision adds to a score; see `tenure.pipelines.store.worth.Worth`."""

SHOWN_RISK = ["probability", "band"]


def terms_of(economics: Economics) -> Terms:
    """The terms of a contact, as the project file has them."""
    return Terms(economics.save_rate, economics.contact_cost, economics.offer_cost, economics.stayers_accept)


def assumed(project: Project) -> dict[str, Any]:
    """The terms of a project as plain data, as a score set keeps them."""
    return {**project.economics.model_dump(mode="json"), "currency": project.project.currency}


def stakes_of(units: Units, *, sample: float = 1.0) -> Stakes:
    """What is at stake with some units of a past date, and how many of them could have been contacted."""
    economics = units.study.project.economics
    return Stakes(values_of(units), terms_of(economics), economics.capacity * sample)


def excluded(units: Units) -> Causes:
    """For each unit the cause for which it is not scored; None for everybody else."""
    return _causes(units, "[exclusions] ", units.study.project.exclusions, holding=True)


def leave_out(units: Units, described: pd.DataFrame) -> tuple[pd.DataFrame, Causes]:
    """The same units with the status `excluded` where the project file excludes them, and why."""
    causes = excluded(units)
    out = pd.Series(causes, index=described.index).notna()
    return (described.assign(status=described["status"].mask(out, EXCLUDED)) if out.any() else described), causes


def values_of(units: Units) -> Floats:
    """What is lost with each unit; NaN where the expression does not know it."""
    value = units.study.project.economics.value
    if not isinstance(value, str):
        return np.full(len(units.keys), float(value))
    asked = Asked("[economics] value", value)
    return figures(_table(units._replace(risk=None), [asked]), asked)


def with_worth(scored: pd.DataFrame, units: Units, *, effects: Floats | None = None) -> pd.DataFrame:
    """Add `COLUMNS` to scores that are ordered by rank; `units` are the same ones in the same order.

    `scored` has `status`, `probability` and `band`, and `barred` of those who are excluded. `effects` is by how much a
    contact lowers each probability, where that was measured. Of equal gain the higher risk comes first.
    """
    project, chosen = units.study.project, (scored["status"] == SCORED).to_numpy()
    among = units.where(chosen, scored[SHOWN_RISK])
    barred = _causes(among, "[contact] allowed.", project.contact.allowed, holding=False)
    never = _causes(among, "[hold_out] never.", project.hold_out.never, holding=True)
    values = values_of(among)
    effect = None if effects is None else np.asarray(effects, dtype=np.float64)[chosen]
    risk = scored.loc[chosen, "probability"].to_numpy(dtype=np.float64)
    gains = expected_profit(risk, values, terms=terms_of(project.economics), effects=effect)
    order = places(gains, pd.isna(barred))
    found = {
        "value": _spread(values, chosen, np.nan),
        "effect": np.full(len(scored), np.nan) if effect is None else _spread(effect, chosen, np.nan),
        "gain": _spread(gains, chosen, np.nan),
        "place": pd.array(_spread(np.where(order > 0, order.astype(object), None), chosen, None), dtype="Int64"),
        "barred": np.where(chosen, _spread(barred, chosen, None), scored["barred"].to_numpy(dtype=object)),
        "never_held_out": pd.array(_spread(pd.notna(never).astype(object), chosen, None), dtype="boolean"),
    }
    return scored.assign(**found)


def _spread(values: NDArray, chosen: NDArray[np.bool_], missing: object) -> NDArray:
    """Values of the chosen rows among all rows."""
    found = np.full(len(chosen), missing, dtype=values.dtype)
    found[chosen] = values
    return found


def _causes(units: Units, section: str, conditions: Conditions, *, holding: bool) -> Causes:
    asked = {cause: Asked(section + cause, text) for cause, text in conditions.items()}
    if not asked:
        return np.full(len(units.keys), None, dtype=object)
    return first_cause(_table(units, asked.values()), asked, holding=holding)


def _table(units: Units, asked: Iterable[Asked]) -> pa.Table:
    """The customer table with the columns that the expressions use."""
    known = known_columns(units)
    return customer_table(units, frozenset[str]().union(*(called(one, known) for one in asked)))
