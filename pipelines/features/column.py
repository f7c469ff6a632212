"""What a family returns (named columns with their meaning), and what it may know beside the view."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.models.feature import Feature
from tenure.pipelines.features.sums import GroupSums, Tables
from tenure.pipelines.settings.features import Features
from tenure.pipelines.settings.text import Text

Values = NDArray[np.float64]

ANY = "any"
"""The fitted key of the columns about all interactions together."""


@dataclass(frozen=True)
class Column:
    """One feature of all units of a view.

    `values` has one number a unit, NaN where missing. `needs` is the fitted key (such as
    `kind:purchase`) without which the column does not exist at an origin; None: always there.
    `known_at` is set where the values hang on what a family had learnt by that date; `family` is
    set by whoever asked the family.
    """

    name: str
    values: Values
    meaning: str
    theme: str
    sign: int = 0
    needs: str | None = None
    known_at: dt.date | None = None
    family: str = ""

    @property
    def stored(self) -> str:
        """The name under which the column lies in an example table."""
        return self.name if self.known_at is None else f"{self.name}@{self.known_at.isoformat()}"

    @property
    def feature(self) -> Feature:
        """The column's description without its values."""
        return Feature(self.name, self.meaning, self.theme, self.sign)


State = Mapping[str, Any]
"""What a family learnt: plain data (numbers, words, lists) and NumPy arrays by name."""


@dataclass(frozen=True)
class Fitted:
    """What the families learnt from the past of an origin.

    `keys` say which kinds, channels and levels get columns; `learnt` holds, by family, one state a
    fold: the state in place f was learnt without the people of fold f, None where there was too
    little to learn from. A family with any state has the key `learnt:FAMILY`.

    A key is `kind:NAME`, `channel:NAME`, `amount:KIND` (`sole:KIND` too where no other kind has
    amounts), `level:PROFILE=VALUE` (`twin:` where two levels would share a column name) or `has:MARK`
    (what the families about service need: cases, agents, waits, ratings and the like); `ANY` stands
    for all interactions together, where they are more than one kind.
    """

    keys: frozenset[str]
    learnt: Mapping[str, tuple[State | None, ...]] = field(default_factory=dict, repr=False)

    def named(self, prefix: str) -> tuple[str, ...]:
        """The names of all keys of a sort, in order.

        >>> Fitted(frozenset({"kind:visit", "kind:purchase", "channel:phone"})).named("kind")
        ('purchase', 'visit')
        """
        return tuple(sorted(k.split(":", 1)[1] for k in self.keys if k.startswith(prefix + ":")))


@dataclass(frozen=True)
class Context:
    """What a family may know beside the view: the question asked and the project's choices.

    `subject` are the kinds the outcome is about, `horizon_days` how far it looks, `profiles`
    the declared types of the profile features, `peer_groups` the profile names by which customers
    are compared, `text` how messages are read. `tables` are the context tables of the view's date (see `gather` in
    `tenure.pipelines.features.family`).
    """

    settings: Features
    horizon_days: int
    subject: tuple[str, ...] = ()
    profiles: Mapping[str, str] = field(default_factory=dict)
    peer_groups: tuple[str, ...] = ()
    tables: Tables = field(default_factory=dict, repr=False)
    text: Text = field(default_factory=Text)

    def table(self, family: str, name: str) -> GroupSums:
        """A context table of a family; without sums where there is none."""
        return self.tables.get(family, {}).get(name, GroupSums())
