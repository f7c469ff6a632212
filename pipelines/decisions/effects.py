"""The trial that published lists are: who was to be contacted by chance, what was known of them, and who left.

The features are those of the model of risk, as of the date of each list, but for the columns of families that learn:
what they learnt may come from the very outcomes of these people, and an arm that knows its outcome shows an effect
where there is none. `risk` is the probability with which a unit was put on the list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from tenure.models.feature import Feature
from tenure.models.odds import Floats
from tenure.models.saves import once_a_period
from tenure.models.uplift.effect import EffectModel
from tenure.models.uplift.trial import RISK, Trial
from tenure.pipelines.decisions.members import read_members
from tenure.pipelines.decisions.ripe import outcomes_of
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import describe_buckets
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.scoring.score import scoring_task
from tenure.pipelines.store.connections import reading

RISK_FEATURE = Feature(RISK, "probability to leave, as predicted", "risk")


class NoTrial(ValueError):
    """Published lists from which nothing can be learnt of effects."""


class EffectOutdated(ValueError):
    """An effect model wants columns that are no longer computed."""


@dataclass(frozen=True)
class Gathered:
    """The trial, what is lost with each of its people, and how many places on lists are not in it, by reason.

    `customers` are those whose units are in the trial.
    """

    trial: Trial
    values: Floats
    left_out: dict[str, int]
    customers: tuple[str, ...] = ()


def gather_trial(study: Study, store: Engine, model: ScoringModel, *, progress: Progress | None = None) -> Gathered:
    """The members of published lists whose outcome is known, each unit once a campaign period; raises `NoTrial`."""
    with reading(store) as connection:
        everybody = read_members(connection, study.name)
    everybody = everybody[~everybody["person"].isin(study.objectors)]
    drawn = everybody[everybody["propensity"].between(0, 1, inclusive="neither")]
    found = outcomes_of(study, drawn.reset_index(drop=True))
    members = once_a_period(found)
    known = members[members["left"].notna()]
    described, features = _described(study, model, known, progress)
    left_out = {
        "without a hold-out": len(everybody) - len(drawn),
        "on an earlier list of the period": len(found) - len(members),
        "outcome not known yet": int((~members["ripe"]).sum()),
        "outcome not known": int((members["ripe"] & members["left"].isna()).sum()),
        "not known to the data any more": len(known) - len(described),
    }
    if described.empty:
        counted = ", ".join(f"{count:,} {why}" for why, count in left_out.items() if count) or "no list was published"
        raise NoTrial(
            f"outcome {study.name!r}: no member of a published list can be compared ({counted}); publish lists with "
            "`[hold_out] share` above 0, or a pilot: `tenure list --pilot 2000 --publish`"
        )
    trial = Trial.of(
        described[[feature.name for feature in features]],
        features=features,
        treated=(~described["held_out"]).to_numpy(dtype=float),
        left=described["left"],
        propensity=described["propensity"],
        persons=described["person"],
    )
    values = described["value"].to_numpy(dtype=float)
    usual = float(np.nanmean(values)) if np.isfinite(values).any() else 1.0
    people = tuple(described["person"].unique())
    return Gathered(trial, np.where(np.isnan(values), usual, values), {w: n for w, n in left_out.items() if n}, people)


def effects_of(effect: EffectModel, described: pd.DataFrame, risk: Floats) -> Floats:
    """The effect of a contact on each described row with its present risk; raises `EffectOutdated`."""
    names = [feature.name for feature in effect.features if feature.name != RISK]
    missing = [name for name in names if name not in described.columns]
    if missing:
        raise EffectOutdated(
            f"the effect model wants {len(missing)} columns that are no longer computed ({', '.join(missing[:3])}); "
            'run `tenure uplift` again, or rank by risk: [economics] rank_by = "risk"'
        )
    matrix = described[names].assign(**{RISK: risk})
    return effect.predict(matrix[[feature.name for feature in effect.features]]).to_numpy()


def _described(
    study: Study, model: ScoringModel, members: pd.DataFrame, progress: Progress | None
) -> tuple[pd.DataFrame, tuple[Feature, ...]]:
    """The members with what was known of them as of the date of their list, and the features of that."""
    parts, learnt = [], set[str]()
    today = replace(study, contacts=None)
    for as_of in sorted(members["as_of"].unique()):
        task = scoring_task(today, model, as_of, progress=progress)
        described = describe_buckets(task, study.snapshot.buckets, workers=study.workers(), progress=progress)
        learnt |= {c.name for c in described.columns if c.family in model.question.fitted.learnt}
        mine = members[members["as_of"] == as_of].drop(columns="as_of")
        frame = described.frame.reindex(columns=["unit_id", *model.features])
        parts.append(mine.merge(frame, left_on="unit", right_on="unit_id"))
    kept = tuple(feature for feature in model.artefact.race.features if feature.name not in learnt)
    if not parts:
        return members.iloc[:0], (*kept, RISK_FEATURE)
    return pd.concat(parts, ignore_index=True), (*kept, RISK_FEATURE)
