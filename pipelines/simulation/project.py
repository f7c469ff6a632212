"""The project file of a world that was written down."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from string import Template

from tenure.pipelines.simulation.parameters import Parameters
from tenure.pipelines.simulation.weeks import FIRST_DAY, WEEK

GAP = """
[[gap]]                   # the log of usage of these weeks is lost
source = "usage"
from = {begin}
until = {end}
"""

CONTACTS_A_HUNDRED = 2
"""Contacts that can be made in a campaign period, for a hundred customers that there ever were."""


def project_text(parameters: Parameters, *, today: dt.date, customers: int) -> str:
    """The text of `tenure.toml` for the records of a world up to `today`."""
    rate, gap = parameters.base_rate, ""
    if parameters.records.gap_weeks:
        begin = FIRST_DAY + dt.timedelta(days=gap_begins((today - FIRST_DAY).days))
        gap = GAP.format(begin=begin, end=begin + dt.timedelta(days=WEEK * parameters.records.gap_weeks))
    template = (files("tenure.pipelines.simulation") / "project_template.toml").read_text(encoding="utf-8")
    return Template(template).substitute(
        name=parameters.name,
        today=today,
        gap=gap,
        late=parameters.records.late_outcomes_days,
        capacity=max(10, customers * CONTACTS_A_HUNDRED // 100),
        percent=f"{100 * rate:g}",
        medium=f"{1.5 * rate:g}",
        high=f"{2.5 * rate:g}",
        critical=f"{min(4 * rate, 0.9):g}",
    )


def gap_begins(days: int) -> int:
    """The day, a Monday, on which usage begins to be lost in records of so many days: half a year before their end.

    >>> gap_begins(364)
    182
    """
    return max(days // WEEK - 26, 0) * WEEK
