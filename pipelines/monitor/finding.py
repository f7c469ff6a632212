"""A finding: what was looked at, how it stands, and what it may mean."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["ok", "watch", "alarm"]
LEVELS: tuple[Level, ...] = ("ok", "watch", "alarm")
"""From good to bad."""

TREND = 14
"""Values that are shown of the past, the newest last."""


@dataclass(frozen=True)
class Finding:
    """`value` is held against `limit`, both as `sentence` says; `trend` are the last values, the newest last.

    `subject` names what was looked at: a source, a feature, an outcome. `cause` is what it may mean, None where it is
    ok or nothing comes to mind.
    """

    check: str
    subject: str
    level: Level
    value: float | None
    limit: float | None
    sentence: str
    cause: str | None = None
    trend: tuple[float | None, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same from run to run."""
        return self.check, self.subject

    def to_json(self) -> dict[str, Any]:
        """The finding as plain data."""
        return {**vars(self), "value": plain(self.value), "limit": plain(self.limit), "trend": list(self.trend)}

    @classmethod
    def from_json(cls, held: dict[str, Any]) -> Finding:
        """The finding back from plain data."""
        return cls(**{**held, "trend": tuple(held["trend"])})


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the worst of some findings.

    >>> worst([])
    'ok'
    """
    return max((one.level for one in findings), key=LEVELS.index, default="ok")


def plain(value: float | None) -> float | None:
    """A number as JSON has it: five digits, None where there is none.

    >>> plain(0.123456789), plain(float("nan"))
    (0.12346, None)
    """
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.5g}")
