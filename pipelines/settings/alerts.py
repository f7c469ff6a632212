"""Whom the team is told about: what raises an alert, what keeps alerts few, and where the digests go."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from tenure.pipelines.settings.frozen import Frozen

Kind = Literal["level", "drop", "baseline"]
MAIL = r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+$"
"""An address that every mail server takes."""

Address = Annotated[str, Field(pattern=MAIL, max_length=254)]


class Smtp(Frozen):
    """`[alerts.smtp]`: the mail server that takes the digests, sent as `from`.

    `user` logs in with the password in the environment variable that `password` names; with `starttls` (the default)
    the connection is encrypted and the server's certificate checked first.
    """

    host: str = Field(min_length=1)
    port: int = Field(587, ge=1, le=65_535)
    sender: Address = Field(alias="from")
    starttls: bool = True
    user: str | None = None
    password: str | None = None


class Alerts(Frozen):
    """`[alerts]`: without this section nobody is told anything.

    `kinds`: `level` is entering one of `bands`; `drop` a risk that is `rise` higher than at its lowest within a week,
    in whatever band; `baseline` one that is higher than the median of the customer's own scores by `unusual` times
    their spread (1.4826 median absolute deviations) and by `least_rise`, which it rose by within a week; there must be
    `least_scores` of them. A customer has left a state only when the risk is `margin` below what made them enter it.

    Nobody is told of a customer again by the same kind within `cool_down_days`; beyond `a_day` alerts for an owner a
    day there is only their number. `addresses` are those of owners who are not called by one, and `nobody` that of
    whoever looks after customers without an owner. `tenure run` writes the digests into `folder`.
    """

    kinds: tuple[Kind, ...] = ("level", "drop", "baseline")
    bands: tuple[Literal["medium", "high", "critical"], ...] = Field(("high", "critical"), min_length=1)
    margin: float = Field(0.02, ge=0, lt=0.5)
    rise: float = Field(0.15, gt=0, lt=1)
    unusual: float = Field(3.5, gt=0)
    least_scores: int = Field(8, ge=3)
    least_rise: float = Field(0.05, gt=0, lt=1)
    cool_down_days: int = Field(14, ge=0)
    a_day: int = Field(20, ge=1)
    addresses: dict[str, Address] = Field(default_factory=dict)
    nobody: Address | None = None
    folder: Path | None = None
    smtp: Smtp | None = None

    @field_validator("kinds", "bands")
    @classmethod
    def _once(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(given)) != len(given):
            raise ValueError("names one of them twice; name each once")
        return given

    @model_validator(mode="after")
    def _can_be_left(self) -> Alerts:
        for kind, name in (("drop", "rise"), ("baseline", "least_rise")):
            if kind in self.kinds and self.margin >= getattr(self, name):
                raise ValueError(f"margin = {self.margin:g} must be below {name} = {getattr(self, name):g}")
        return self

    def address_of(self, owner: str | None) -> str | None:
        """Where the digest of an owner (None: of customers without one) is sent, None where nobody said.

        >>> found = Alerts(addresses={"ann": "ann@example.com"})
        >>> [found.address_of(owner) for owner in ("ann", "bob@example.com", "cid", None)]
        ['ann@example.com', 'bob@example.com', None, None]
        """
        if owner is None:
            return self.nobody
        return self.addresses.get(owner) or (owner if re.fullmatch(MAIL, owner) else None)
