"""Saves by playbook or segment, said with as much more caution as there are groups to look at."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tenure.models.saves import CLAIMED, Saves, by_group, holm


@dataclass(frozen=True)
class Group:
    """One group: what contacts did in it; `p_value` holds for all groups together, None where it is too small."""

    name: str
    saves: Saves
    p_value: float | None

    @property
    def verdict(self) -> str:
        """What may be said of it."""
        if self.p_value is None:
            return "hold-out too small"
        if self.p_value >= CLAIMED:
            return "cannot tell"
        return "kept" if self.saves.effect.value > 0 else "driven away"


def groups(members: pd.DataFrame, column: str) -> list[Group]:
    """The saves of each value of a column of `members` (see `measure_saves`), the largest group first.

    P-values are adjusted by Holm's method over the groups in which enough people were held out.
    """
    found = by_group(members, column)
    adjusted = holm({name: saves.p_value for name, saves in found.items() if saves.enough_held_out})
    order = sorted(found.items(), key=lambda item: (-item[1].contacts, item[0]))
    return [Group(name, saves, adjusted.get(name)) for name, saves in order]
