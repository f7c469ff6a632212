"""What a contact with each unit is worth, whom nobody contacts, and who is not scored at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from tenure.models.odds import Floats
from tenure.models.profit import Terms, expected_profit, places
from tenure.pipelines.decisions.customers import Units, customer_table, known_columns
from tenure.pipelines.decisions.expressions import Asked, Causes, called, figures, first_cause
from tenure.pipelines.examples.study import Study
from tenure.pipelines.outcomes.status import SCORED
from tenure.pipelines.scoring.facts import DAYS_KNOWN, FIGURES
from tenure.pipelines.settings.decisions import Conditions, Economics
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.score_rows import OBJECTED

EXCLUDED = "excluded"
"""The status of whom `[exclusions]` leaves out of scoring."""

COLUMNS = ("value", "effect", "gain", "place", "barred", "never_held_out")
"""What a decision adds to a score; see `tenure.pipelines.store.worth.Worth`."""

EXCLUSIONS, ALLOWED, NEVER, VALUE = "[exclusions] ", "[contact] allowed.", "[hold_out] never.", "[economics] value"
"""Where expressions stand in the project file."""

SHOWN_RISK = ["probability", "band"]


def terms_of(economics: Economics) -> Terms:
    """The terms of a contact, as the project file has them."""
    return Terms(economics.save_rate, economics.contact_cost, economics.offer_cost, economics.stayers_accept)


def assumed(project: Project, effect_model: str | None = None) -> dict[str, Any]:
    """The terms of a project as plain data, as a score set keeps them; an `effect_model` stands for the save rate."""
    terms = project.economics.model_dump(mode="json")
    return {**terms, "currency": project.project.currency, "effect_model": effect_model}


def require_expressions(study: Study) -> None:
    """Raise where an expression of the project file is none, or uses a column that no customer table can have."""
    nobody = pd.DataFrame(columns=[*FIGURES, DAYS_KNOWN])
    units = Units(study, dt.date.min, pd.DataFrame(columns=["unit_id", "customer_id"]), nobody)
    scored = units._replace(risk=pd.DataFrame(columns=SHOWN_RISK))
    project = study.project
    for section, conditions, whom in (
        (EXCLUSIONS, project.exclusions, units),
        (ALLOWED, project.contact.allowed, scored),
        (NEVER, project.hold_out.never, scored),
        (VALUE, {"": project.economics.value} if isinstance(project.economics.value, str) else {}, units),
    ):
        for cause, text in conditions.items():
            called(Asked(section + cause, text), known_columns(whom))


def excluded(units: Units) -> Causes:
    """For each unit the cause for which it is not scored; None for everybody else."""
    return _causes(units, EXCLUSIONS, units.study.project.exclusions, holding=True)


def leave_out(units: Units, described: pd.DataFrame) -> tuple[pd.DataFrame, Causes]:
    """The same units, `excluded` where the project file excludes them, and why; who objects is `objected`."""
    causes = excluded(units)
    objecting = described["customer_id"].isin(units.study.objectors)
    if objecting.any():
        causes = causes.copy()
        causes[objecting.to_numpy()] = None
        described = described.assign(status=described["status"].mask(objecting, OBJECTED))
    out = pd.Series(causes, index=described.index).notna()
    return (described.assign(status=described["status"].mask(out, EXCLUDED)) if out.any() else described), causes


def values_of(units: Units) -> Floats:
    """What is lost with each unit; NaN where the expression does not know it."""
    value = units.study.project.economics.value
    if not isinstance(value, str):
        return np.full(len(units.keys), float(value))
    asked = Asked(VALUE, value)
    return figures(_table(units._replace(risk=None), [asked]), asked)


def with_worth(scored: pd.DataFrame, units: Units, *, effects: Floats | None = None) -> pd.DataFrame:
    """Add `COLUMNS` to scores that are ordered by rank; `units` are the same ones in the same order.

    `scored` has `status`, `probability` and `band`, and `barred` of those who are excluded. `effects` is by how much a
    contact lowers each probability, where that was measured. Of equal gain the higher risk comes first.
    """
    project, chosen = units.study.project, (scored["status"] == SCORED).to_numpy()
    among = units.where(chosen, scored[SHOWN_RISK])
    barred = _causes(among, ALLOWED, project.contact.allowed, holding=False)
    never = _causes(among, NEVER, project.hold_out.never, holding=True)
    values = values_of(among)
    effect = None if effects is None else np.asarray(effects, dtype=np.float64)[chosen]
    risk = scored.loc[chosen, "probability"].to_numpy(dtype=np.float64)
    gains = expected_profit(risk, values, terms=terms_of(project.economics), effects=effect)
    order = places(gains, pd.isna(barred))
    place, never_held_out = (pd.Series(None, index=range(len(scored)), dtype=kind) for kind in ("Int64", "boolean"))
    rows = np.flatnonzero(chosen)
    place.iloc[rows[order > 0]] = order[order > 0]
    never_held_out.iloc[rows] = pd.notna(never)
    why = scored["barred"].to_numpy(dtype=object, copy=True)
    why[rows] = barred
    return scored.assign(
        value=_spread(values, chosen),
        effect=_spread(effect, chosen),
        gain=_spread(gains, chosen),
        place=place.array,
        barred=pd.Series(why, index=scored.index, dtype=object),
        never_held_out=never_held_out.array,
    )


def _spread(values: Floats | None, chosen: NDArray[np.bool_]) -> Floats:
    """Values of the chosen rows among all rows, NaN elsewhere."""
    found = np.full(len(chosen), np.nan)
    if values is not None:
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
