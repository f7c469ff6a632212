"""What a family returns: named columns with their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tenure.models.feature import Feature
from tenure.pipelines.settings.features import Features

Values = NDArray[np.float64]

ANY = "any"
"""The fitted key of the columns about all interactions together."""


@dataclass(frozen=True)
class Column:
    """One feature of all units of a view.

    `values` has one number a unit, NaN where missing. `needs` is the fitted key (such as
    `kind:purchase`) without which the column does not exist at an origin; None: always there.
    """

    name: str
    values: Values
    meaning: str
    theme: str
    sign: int = 0
    needs: str | None = None

    @property
    def feature(self) -> Feature:
        """The column's description without its values."""
        return Feature(self.name, self.meaning, self.theme, self.sign)


@dataclass(frozen=True)
class Fitted:
    """What the families learnt from the past of an origin: which kinds, channels and levels get columns.

    A key is `kind:NAME`, `channel:NAME`, `amount:KIND` (`sole:KIND` too where no other kind has
    amounts) or `level:PROFILE=VALUE` (`twin:` where two levels would share a column name); `ANY`
    stands for all interactions together, where they are more than one kind.
    """

    keys: frozenset[str]

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
    the declared types of the profile features.
    """

    settings: Features
    horizon_days: int
    subject: tuple[str, ...] = ()
    profiles: Mapping[str, str] = field(default_factory=dict)
