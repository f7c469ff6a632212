"""What is said of saves beside the verdict: how far it can be believed, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tenure.models.saves import Estimate, Saves
from tenure.models.saves_groups import Group
from tenure.models.trust import Balance, Contamination, Ratio
from tenure.pipelines.decisions.saves import Counted, SavesReport


class Remark(NamedTuple):
    """A sentence; `wrong` where it says that the comparison is not to be believed."""

    text: str
    wrong: bool = False


def span(found: Estimate, *, digits: int = 0) -> str:
    """A figure and its interval.

    >>> span(Estimate(12.34, -1.2, 25.9, 7.0))
    '12 (-1 to 26)'
    """
    value, low, high = (f"{round(part, digits) + 0.0:,.{digits}f}" for part in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def remarks(report: SavesReport) -> list[Remark]:
    """All remarks on a report, in the order in which they are read."""
    found = [] if report.saves is None else [_per_hundred(report.saves)]
    found += [_ratio(one) for one in report.ratios]
    if report.balance is not None:
        found.append(_balance(report.balance))
    if report.lists:
        found.append(_contamination(report.contamination))
    return found + _left_out(report.counted, report)


def looks(found: Sequence[Group]) -> str:
    """What to think of several groups."""
    looked = sum(one.p_value is not None for one in found)
    return (
        f"Of {looked} groups one may stand out by chance: each says something only where it does so for all {looked}."
    )


def _per_hundred(found: Saves) -> Remark:
    asked = f"Of 100 who are to be contacted {span(found.effect.times(100), digits=1)} are kept"
    if found.on_contacted is None:
        return Remark(f"{asked}.")
    return Remark(f"{asked}; of 100 who in fact are, {span(found.on_contacted.times(100), digits=1)}.")


def _ratio(one: Ratio) -> Remark:
    says = "the sample ratio is wrong" if one.wrong else "the sample ratio is as drawn"
    shown = f"{one.held_out:,} of {one.people:,} people held out, {one.share:.0%} were to be: {says}"
    return Remark(f"{shown} (p = {one.p_value:.2g}).", one.wrong)


def _balance(one: Balance) -> Remark:
    says = "the arms are not alike" if one.wrong else "the arms are alike"
    shown = f"Predicted risk {one.held_out:.1%} held out, {one.contacts:.1%} to be contacted: {says}"
    return Remark(f"{shown} ({one.difference:+.2f} standard deviations, p = {one.p_value:.2g}).", one.wrong)


def _contamination(one: Contamination) -> Remark:
    shown = f"{one.held_out_contacted:,} of {one.held_out:,} held out were contacted all the same"
    return Remark(f"{shown}; {one.not_contacted:,} of {one.contacts:,} to be contacted were not.")


def _left_out(counted: Counted, report: SavesReport) -> list[Remark]:
    said = {
        f"were too early (more on {report.next_ripe})": counted.too_early,
        "have an outcome nobody can say": counted.unknown,
        "are of people who are never held out": counted.never_held_out,
        "are on lists without a hold-out": counted.without_draw,
        "were on an earlier list of the same period": counted.repeated,
    }
    left_out = [f"{count:,} {what}" for what, count in said.items() if count]
    return [Remark(f"Left out, of places on lists: {'; '.join(left_out)}.")] if left_out else []
