"""Whether a candidate serves some group of customers much worse than the champion does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from tenure.models.comparison import Difference, Pair, auc_difference
from tenure.models.slices import LEAST_CASES, LEVEL, Slice, measure_slices


@dataclass(frozen=True)
class Collapse:
    """A group, the difference in ROC AUC within it, and why it collapses; `why` is None where it does not."""

    kind: str
    name: str
    units: int
    positives: int
    auc: Difference
    why: str | None

    @property
    def collapsed(self) -> bool:
        """Whether the candidate does not serve this group."""
        return self.why is not None

    @property
    def sentence(self) -> str:
        """What is wrong, with the group's name."""
        return f"{self.kind} {self.name!r} ({self.positives:,} positives): {self.why}"

    def figures(self) -> dict[str, Any]:
        """The same as plain data."""
        interval = self.auc.interval
        return {
            "by": self.kind, "group": self.name, "units": self.units, "positives": self.positives,
            "candidate": round(self.auc.one, 6), "champion": round(self.auc.other, 6),
            "difference": round(self.auc.value, 6), "low": round(interval.low, 6), "high": round(interval.high, 6),
            "collapsed": self.why,
        }  # fmt: skip


def collapses(pairs: Sequence[Pair], groups: Sequence[pd.DataFrame | None], margin: float) -> list[Collapse]:
    """Every group with enough cases, all dates together; `groups` has a table for each pair, or None.

    A group collapses where it is ranked worse by more than `margin` and that is no chance, or where the candidate's
    mean risk is wrong there and the champion's is not; both with regard to how many groups there are (Bonferroni).
    """
    told = [
        (pair, table.reset_index(drop=True)) for pair, table in zip(pairs, groups, strict=True) if table is not None
    ]
    if not told:
        return []
    persons, labels, ones, others = (
        np.concatenate([getattr(pair, name) for pair, _ in told]) for name in ("persons", "labels", "one", "other")
    )
    whole = Pair("all", persons, labels, ones, others)
    divided = pd.concat([table for _, table in told], ignore_index=True)
    nobody = np.zeros(len(whole.labels))
    measured = [measure_slices(divided, whole.labels, said, whole.persons, nobody) for said in (whole.one, whole.other)]
    both = [(a, b) for a, b in zip(*measured, strict=True) if min(a.positives, a.units - a.positives) >= LEAST_CASES]
    strict = float(ndtri(1.0 - LEVEL / max(len(both), 1)))
    return [_judged(whole, divided, a, b, margin=margin, strict=strict) for a, b in both]


def _judged(whole: Pair, divided: pd.DataFrame, one: Slice, other: Slice, *, margin: float, strict: float) -> Collapse:
    chosen = (divided[one.kind] == one.name).to_numpy(dtype=bool, na_value=False)
    found = auc_difference([whole.where(chosen)])
    why = None
    if found.value < -margin and found.value + strict * found.error < 0.0:
        why = f"ROC AUC {found.one:.3f} against {found.other:.3f}"
    elif one.wrong and not other.wrong:
        why = f"its mean risk is off by {one.gap.value:+.3f}, the champion's by {other.gap.value:+.3f}"
    return Collapse(one.kind, one.name, one.units, one.positives, found, why)
