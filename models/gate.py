"""The gate: whether a candidate may take the champion's place, said check by check with figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, log10
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from tenure.models.comparison import EVERYDAY, Difference, Pair, auc_difference, profit_difference
from tenure.models.metrics import ranked
from tenure.models.ranking import error_limit, probability_metrics
from tenure.models.slice_collapse import Collapse, collapses

Name = Literal["promote", "keep", "cannot tell"]

LEAST_POSITIVES = 50
"""With fewer positives among the fresh rows no difference is believed, whatever its error says."""

SERVABLE = ("use", "use recency")
"""Verdicts with which a model may become champion."""


class Margins(NamedTuple):
    """How much worse a candidate may be: ROC AUC, share of expected profit, ROC AUC in a group, share of the rate."""

    auc: float = 0.005
    profit: float = 0.01
    slices: float = 0.05
    rate: float = 0.05


@dataclass(frozen=True)
class Check:
    """One condition. `passed` is None where it cannot be told yet; `figures` are plain data."""

    name: str
    passed: bool | None
    sentence: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What the gate says, and the checks by which it does."""

    name: Name
    sentence: str
    checks: tuple[Check, ...] = ()


def decide(
    pairs: Sequence[Pair], groups: Sequence[pd.DataFrame | None], *, verdict: str, margins: Margins = Margins()
) -> Decision:
    """Decide from what candidate (`one`) and champion (`other`) said of the same later rows.

    `groups` has for each pair a table of the group of every row in every division, or None. The candidate is promoted
    where every check passes; it is kept out where one fails, and where none fails but one cannot tell, more rows are
    wanted. Fewer promotions of equals is the price of hardly any of worse ones.
    """
    usable = [pair for pair in pairs if pair.usable]
    positives = int(sum(pair.labels.sum() for pair in usable))
    checks = [_verdict(verdict)]
    if positives < LEAST_POSITIVES:
        checks.append(_too_few(positives, len(usable)))
        return _told(checks)
    checks += [
        _ranking(usable, margins.auc, positives),
        _profit(usable, margins.profit, positives),
        _calibration(usable, margins.rate),
        _slices(collapses(usable, [g for pair, g in zip(pairs, groups, strict=True) if pair.usable], margins.slices)),
    ]
    return _told(checks)


def _told(checks: list[Check]) -> Decision:
    failed = [check for check in checks if check.passed is False]
    open_ = [check for check in checks if check.passed is None]
    if failed:
        return Decision("keep", f"Keep the champion: {failed[0].sentence}", tuple(checks))
    if open_:
        return Decision("cannot tell", f"Keep the champion for now: {open_[0].sentence}", tuple(checks))
    return Decision("promote", "Promote: the candidate is no worse than the champion in any respect.", tuple(checks))


def _verdict(verdict: str) -> Check:
    allowed = verdict in SERVABLE
    said = "allows its use" if allowed else "does not allow its use"
    return Check("verdict", allowed, f"its verdict {verdict!r} {said}.", {"verdict": verdict})


def _too_few(positives: int, dates: int) -> Check:
    more = LEAST_POSITIVES - positives
    return Check(
        "fresh data",
        None,
        f"{positives} positives at {dates} dates that neither model has learned from; needed are about {more} more.",
        {"positives": positives, "dates": dates, "more_positives": more},
    )


def _ranking(pairs: Sequence[Pair], margin: float, positives: int) -> Check:
    found = auc_difference(pairs)
    told = f"ROC AUC {found.one:.4f} against {found.other:.4f}"
    return _level("ranking", told, found, margin, positives, form=lambda value: f"{value:+.4f}")


def _profit(pairs: Sequence[Pair], margin: float, positives: int) -> Check:
    full = profit_difference(pairs)
    if not full.other > 0.0:
        said = "no contact by the champion is worth making under [economics], so there is no profit to lose."
        return Check("profit", True, said, {"candidate": _plain(full.one), "champion": _plain(full.other)})
    error = profit_difference(pairs, kept=1.0 - margin).error  # that of the comparison with the margin taken off
    found = Difference(full.one, full.other, full.value / full.other, error / full.other)
    told = f"expected profit {full.one:,.0f} against {full.other:,.0f} a date"
    return _level("profit", told, found, margin, positives, form=lambda value: f"{value:+.1%}")


def _level(
    name: str, told: str, found: Difference, margin: float, positives: int, *, form: Callable[[float], str]
) -> Check:
    """Whether a difference is above minus the margin beyond noise; else how many positives could show that."""
    low, high, least = found.interval.low, found.interval.high, form(-margin)
    figures = {
        "candidate": _plain(found.one), "champion": _plain(found.other), "difference": _plain(found.value),
        "low": _plain(low), "high": _plain(high), "margin": margin, "positives": positives,
    }  # fmt: skip
    told += f", difference {form(found.value)} ({form(low)} to {form(high)})"
    if low > -margin:
        return Check(name, True, f"{told}, above {least}.", figures)
    if found.value <= -margin:
        return Check(name, False, f"{told}; it may be no lower than {least}.", figures)
    figures["more_positives"] = more = more_positives(found, margin, positives)
    said = f"{told}: cannot tell whether it is above {least}, needs about {more:,} more positives."
    return Check(name, None, said, figures)


def more_positives(found: Difference, margin: float, positives: int) -> int:
    """How many more positives would put the lower end above minus the margin, were the difference as it looks.

    The error falls with the square root of their number. Rounded up to two digits.

    >>> more_positives(Difference(0.8, 0.8, 0.0, 0.005), 0.005, 1000)
    2900
    """
    times = (EVERYDAY * found.error / (found.value + margin)) ** 2
    wanted = positives * max(times - 1.0, 0.0)
    step = 10 ** max(int(log10(max(wanted, 1.0))) - 1, 0)
    return int(ceil(max(wanted, 1.0) / step) * step)


def _calibration(pairs: Sequence[Pair], rate_margin: float) -> Check:
    """Calibrated is whose error chance explains, or is small against the rate; or who is better than the champion.

    Where the rate itself has moved both models are off; to keep out the one that is less so would help nobody.
    """
    labels, one, other = (np.concatenate([getattr(pair, n) for pair in pairs]) for n in ("labels", "one", "other"))
    rankings = [ranked(labels, said) for said in (one, other)]
    everybody = np.ones((1, len(labels)))
    errors = [float(probability_metrics(found, everybody)["calibration_error"][0]) for found in rankings]
    limit = max(error_limit(rankings[0]), rate_margin * float(labels.mean()))
    figures = {"candidate": errors[0], "champion": errors[1], "limit": limit}
    told = f"calibration error {errors[0]:.4f}"
    if errors[0] <= limit:
        return Check("calibration", True, f"{told}, at most {limit:.4f}.", figures)
    champion_limit = max(error_limit(rankings[1]), rate_margin * float(labels.mean()))
    if errors[1] > champion_limit and errors[0] < errors[1]:
        said = f"{told} is above {limit:.4f}, but that of the champion is {errors[1]:.4f}: the rate has moved."
        return Check("calibration", True, said, figures)
    return Check("calibration", False, f"{told}; it may be no higher than {limit:.4f}.", figures)


def _slices(found: Sequence[Collapse]) -> Check:
    fallen = [one for one in found if one.collapsed]
    figures = {"groups": [one.figures() for one in found]}
    if not fallen:
        return Check("groups", True, f"none of {len(found)} groups of customers collapses.", figures)
    return Check("groups", False, f"{'; '.join(one.sentence for one in fallen[:3])}.", figures)


def _plain(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
