"""What was saved: the outcome of those to be contacted against that of those held out, on published lists."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Engine

from tenure.models.saves import NoArms, Saves, measure_saves, once_a_period
from tenure.models.saves_groups import Group, groups
from tenure.models.saves_verdict import SavesVerdict, say
from tenure.models.trust import (
    Balance,
    Contamination,
    Ratio,
    balance,
    contamination,
    ratio_wrong,
    sample_ratios,
)
from tenure.pipelines.decisions.members import read_members, with_contacts
from tenure.pipelines.decisions.ripe import next_ripe, outcomes_of
from tenure.pipelines.examples.study import Study
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.store.connections import reading


@dataclass(frozen=True)
class ListSaves:
    """A list: who came onto it first in its period, from when their outcome is known, and what was saved.

    `saves` is None where it is not known yet, or an arm is empty.
    """

    list_id: int
    as_of: dt.date
    contacts: int
    held_out: int
    ripe_on: dt.date
    ripe: bool
    saves: Saves | None


@dataclass(frozen=True)
class Counted:
    """Places on lists by what became of them in the measurement.

    `measured` are compared; `too_early` have a horizon that has not passed; of `unknown` nobody can say what became
    (a gap in the data, or a customer who is gone from them); `never_held_out` and those on lists `without_draw` have
    nobody to be compared with; `repeated` were on an earlier list of the same campaign period already.
    """

    measured: int = 0
    too_early: int = 0
    unknown: int = 0
    never_held_out: int = 0
    without_draw: int = 0
    repeated: int = 0


@dataclass(frozen=True)
class SavesReport:
    """All that `tenure saves` says of an outcome; `next_ripe` is when more will be known."""

    outcome: str
    complete_until: dt.date
    since: dt.date | None
    verdict: SavesVerdict | None
    sentence: str
    saves: Saves | None
    lists: tuple[ListSaves, ...]
    by_playbook: tuple[Group, ...]
    by_segment: tuple[Group, ...]
    ratios: tuple[Ratio, ...]
    balance: Balance | None
    contamination: Contamination
    counted: Counted
    next_ripe: dt.date | None


def report_saves(study: Study, store: Engine, *, since: dt.date | None = None) -> SavesReport:
    """Measure what was saved on the lists as of `since` and later, as far as their horizons have passed.

    A unit counts once a campaign period, on the first of its lists: whoever was contacted is not on the next, whoever
    was held out is, and would be compared with nobody. Whoever is never held out is left out.
    """
    with reading(store) as connection:
        everybody = read_members(connection, study.name, since=since)
        everybody = with_contacts(connection, everybody, study.outcome, study.calendar, name=study.name)
    drawn = everybody[everybody["propensity"].between(0, 1, inclusive="neither")]
    found = outcomes_of(study, drawn.reset_index(drop=True))
    members = once_a_period(found)
    known = members[members["left"].notna()]
    ratios = tuple(sample_ratios(found[found["checked"]]))
    saves = _measured(known)
    rate, wrong = study.project.economics.save_rate, ratio_wrong(ratios)
    verdict = None if saves is None else say(saves, save_rate=rate, ratio_is_wrong=wrong)
    counted = Counted(
        measured=len(known),
        too_early=int((~members["ripe"]).sum()),
        unknown=int((members["ripe"] & members["left"].isna()).sum()),
        never_held_out=int((everybody["propensity"] >= 1).sum()),
        without_draw=int(everybody["propensity"].isna().sum()),
        repeated=len(found) - len(members),
    )
    later = next_ripe(study, members)
    return SavesReport(
        study.name,
        study.watermark,
        since,
        verdict,
        verdict.sentence if verdict else _nothing_yet(counted, later, known, since),
        saves,
        tuple(_by_list(study, found, members)),
        tuple(groups(known, "playbook")),
        tuple(groups(known, "segment")),
        ratios,
        balance(members),
        contamination(members),
        counted,
        later,
    )


def _measured(members: pd.DataFrame) -> Saves | None:
    try:
        return measure_saves(members)
    except NoArms:
        return None


def _by_list(study: Study, found: pd.DataFrame, members: pd.DataFrame) -> list[ListSaves]:
    told = []
    for number, rows in found.groupby("list", sort=True):
        as_of, ripe = rows["as_of"].iloc[0], bool(rows["ripe"].all())
        mine = members[members["list"] == number]
        held_out, saves = int(mine["held_out"].sum()), _measured(mine[mine["left"].notna()])
        ripe_on = label_end(study.outcome, as_of)
        told.append(ListSaves(int(str(number)), as_of, len(mine) - held_out, held_out, ripe_on, ripe, saves))
    return told


def _nothing_yet(counted: Counted, later: dt.date | None, known: pd.DataFrame, since: dt.date | None) -> str:
    """Why nothing was measured, and what to do."""
    if counted.measured:
        which = "held out" if not known["held_out"].any() else "to be contacted"
        return f"Cannot tell: of {counted.measured:,} members with a known outcome nobody was {which}."
    if later is not None:
        return f"Too early: the first outcomes will be known when the data are complete until {later}."
    if counted.unknown:
        return f"Cannot tell: the data do not say what became of the {counted.unknown:,} members of the lists."
    if counted.never_held_out or counted.without_draw:
        return (
            "Cannot tell: nobody on the published lists could have been held out. Set [hold_out] share in the project "
            "file, score, and publish a list"
        )
    later_on = f" as of {since} or later" if since else ""
    return f"Nothing to measure: no list was published{later_on}; `tenure list --publish` does it."
