"""A first feature file for a project: commented, with one column that works."""

from __future__ import annotations

import re
from pathlib import Path

_TEMPLATE = '''\
"""NAME: say in one line what these features tell about a customer."""

from __future__ import annotations

from collections.abc import Iterator

from tenure.pipelines.features.column import Column, Context, Fitted
from tenure.pipelines.history.history import View


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Yield a `Column` for each feature: a name, one number a unit (NaN where missing), a meaning, a theme.

    `view` is the past of all units as of a date and holds nothing later. It offers
        view.any                         all interactions
        view.kind("visit", "purchase")   those of some kinds
        view.channel("phone")            those over a channel
        view.profile("age")              the dated values of a profile, None where nobody has it
    and each of these count(days), total("amount", days), mean, largest, last, days_since(),
    active_days(days), decayed(half_life). `context` knows the outcome's kinds and horizon,
    `fitted` which kinds are common enough, as in fitted.named("kind").

    Do not reach behind the view (view.history): the future lies there, and
    `tenure feature test NAME` finds out.
    """
    recent, longer = view.any.active_days(14), view.any.active_days(28)
    yield Column(
        name="NAME_recent_share",
        values=(recent + 0.5) / (longer + 1.0),
        meaning="share of the active days of the last 28 days that fell into the last 14",
        theme="activity",  # the heading under which reasons are added up
        sign=0,  # +1 or -1 only where more certainly means more or less risk
    )
'''


class FeatureExists(FileExistsError):
    """A feature file would be overwritten."""


class FeatureNameRefused(ValueError):
    """The name of a new feature file cannot begin a column name."""


def new_feature(name: str, folder: Path) -> Path:
    """Write `folder/NAME.py`, a commented feature module with one example column; return its path."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise FeatureNameRefused(
            f"{name!r} cannot begin a column name: expected up to 40 lower-case letters, digits and underscores, "
            "a letter first, such as 'loyalty'"
        )
    path = folder / f"{name}.py"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEMPLATE.replace("NAME", name))
    except FileExistsError as error:
        raise FeatureExists(f"{path} is there already; edit it, or choose another name") from error
    return path
