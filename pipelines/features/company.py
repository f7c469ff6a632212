"""Company: how the others of the same group (a company, a plan, a course run) fare, the unit itself left out.

A group is what the last known value of a profile with role `peer_group` says. Fewer than five others are nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.features.sums import GroupSums, Ints
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import MISSING
from tenure.pipelines.history.past import Past

OTHERS = 5
"""How many others it takes to say something of them."""

MONTH = 28
WINDOWS = (7, 28)
CANCELLED = (28, 91)
THEME = "peers"


def applies(context: Context, fitted: Fitted) -> bool:
    """Whether the project names groups."""
    return bool(context.peer_groups)


def gather(view: View, context: Context, fitted: Fitted) -> Mapping[str, GroupSums]:
    """The sums of everybody seen by then, for each profile by its values."""
    own = _own(view, context)
    return {
        name: GroupSums.coded(_group(view, name), view.history.levels.get(name, ()), **own)
        for name in context.peer_groups
    }


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Activity and churn of the others of each group, and own activity against theirs."""
    if not context.peer_groups:
        return
    own = _own(view, context)
    for name in context.peer_groups:
        words = view.history.levels.get(name, ())
        others = _Others(context.table("company", name), words, _group(view, name), own)
        yield from _activity(name, others, own, view, context)
        if "kind:cancellation" in fitted.keys:
            yield from _churn(name, others, view)


def _activity(name: str, others: _Others, own: Mapping[str, Ints], view: View, context: Context) -> Iterator[Column]:
    past, said = _past(view, context), f"others of the same {name.replace('_', ' ')}"
    open_28, open_56 = _without_gap(past, MONTH), _without_gap(past, 2 * MONTH)
    active = others.share("active_28", "units") + open_28
    yield Column(f"peers_{name}_active_share_28d", active, f"share of the {said} active in the last 28 days", THEME)
    for days in WINDOWS:
        mean = others.share(f"rows_{days}", f"active_{days}")
        against = np.log(own[f"rows_{days}"] + 0.5) - np.log(mean + 0.5) + _without_gap(past, days)
        meaning = f"own activity in the last {days} days against that of active {said} (log ratio)"
        yield Column(f"peers_{name}_own_against_{days}d", against, meaning, THEME)
    if view.observes(2 * MONTH):
        quiet = others.share("quiet", "active_before") + open_56
        meaning = f"share of the {said} active in the 28 days before who were silent in the last 28"
        yield Column(f"peers_{name}_gone_quiet_share", quiet, meaning, THEME)
        trend = np.log(others.sum("rows_28") + 0.5) - np.log(others.sum("rows_before") + 0.5) + open_56
        meaning = f"activity of the {said} in the last 28 days against the 28 before (log ratio)"
        yield Column(f"peers_{name}_trend_28d_56d", trend, meaning, THEME)


def _churn(name: str, others: _Others, view: View) -> Iterator[Column]:
    past = view.kind("cancellation")
    for days in CANCELLED:
        gone = others.sum(f"cancelled_{days}")
        share = _ratio(gone, gone + others.sum("standing")) + _without_gap(past, days)
        meaning = f"share of the others of the same {name.replace('_', ' ')} who cancelled in the last {days} days"
        yield Column(f"peers_{name}_cancelled_share_{days}d", share, meaning, THEME, 0, "kind:cancellation")


class _Others:
    """Sums over the group of each unit, its own part taken out; missing where that leaves too few."""

    def __init__(self, table: GroupSums, words: Sequence[str], group: Ints, own: Mapping[str, Ints]) -> None:
        self._table, self._words, self._group, self._own = table, (*words, None), group, own
        self._enough = (group >= 0) & (self._rest("units") >= OTHERS)

    def sum(self, measure: str) -> Values:
        """The sum over the others."""
        return np.where(self._enough, np.maximum(self._rest(measure), 0).astype(np.float64), np.nan)

    def share(self, part: str, whole: str) -> Values:
        """One sum over another, missing where fewer than five others count in it."""
        among = self.sum(whole)
        return _ratio(self.sum(part), np.where(among >= OTHERS, among, np.nan))

    def _rest(self, measure: str) -> Ints:
        return self._table.at(self._words, measure)[self._group] - self._own[measure]


def _own(view: View, context: Context) -> dict[str, Ints]:
    """What each unit adds to its group: whole numbers, 0 for units not seen yet."""
    past, seen = _past(view, context).recorded, view.named.seen
    rows = {days: past.count(days) for days in (*WINDOWS, 2 * MONTH)}
    before = rows[2 * MONTH] - rows[MONTH]
    parts: dict[str, np.ndarray] = {"units": seen, "rows_before": before, "active_before": before > 0}
    for days in WINDOWS:
        parts |= {f"rows_{days}": rows[days], f"active_{days}": rows[days] > 0}
    parts["quiet"] = (before > 0) & (rows[MONTH] == 0)
    ended, opened = view.kind("cancellation"), view.kind("signup", "renewal").last_instant()
    parts["standing"] = (opened != MISSING) & (opened > ended.last_instant())
    for days in CANCELLED:
        parts[f"cancelled_{days}"] = ~parts["standing"] & (ended.recorded.count(days) > 0)
    return {measure: np.where(seen, values, 0).astype(np.int64) for measure, values in parts.items()}


def _group(view: View, name: str) -> Ints:
    """The place of each unit's group among the profile's words; -1 where it has none, or was not seen yet."""
    past = view.profile(name)
    if past is None or name not in view.history.levels:
        return np.full(len(view.units), -1, dtype=np.int64)
    return np.where(view.named.seen, past.last_code("value"), -1)


def _past(view: View, context: Context) -> Past:
    return view.kind(*context.subject) if context.subject else view.any


def _without_gap(past: Past, days: int) -> Values:
    """0 for every unit, or missing where a declared gap touches the window."""
    return past.count(days) * 0.0


def _ratio(part: Values, whole: Values) -> Values:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
