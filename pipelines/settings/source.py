"""Where history comes from: files or a PostgreSQL table, mapped with one SQL `select`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from tenure.pipelines.settings.frozen import Frozen, Name
from tenure.pipelines.settings.zones import Zone


def _by_name(value: object) -> object:
    if isinstance(value, str):
        return {"source": (value,)}
    if isinstance(value, list | tuple):
        return {"source": tuple(value)}
    if isinstance(value, dict):
        return {k: (v,) if isinstance(v, str) else v for k, v in value.items()}
    return value


Files = Annotated[dict[Name, tuple[str, ...]], BeforeValidator(_by_name)]
"""Paths or globs by the name under which `select` sees them; one unnamed entry is called `source`."""


ALL = "select * from source"

DELIVERED = "delivered"
"""What was delivered to a source that has files too is no file of theirs: no entry of `files` has this name."""


class Source(Frozen):
    """One source of interactions, profiles or identities, mapped to Tenure's columns by `select`.

    `files` are CSV or Parquet paths or globs relative to the project file, or
    `package:NAME/PATH` for data inside an installed package. A PostgreSQL source names
    `postgres` (the environment variable that holds the connection address) and `table`,
    optionally `cursor`, the column by which later imports continue. A `live` source is filled by
    `POST /v1/interactions` and by webhooks: its rows come as they are to be, and are complete until the day of the
    import. It may have `files` too, to which alone `select` applies; what both tell counts once.
    """

    name: Name
    into: Literal["interactions", "profiles", "identities"] = "interactions"
    files: Files = Field(default_factory=dict)
    live: bool = False
    postgres: str | None = None
    table: str | None = None
    cursor: str | None = None
    timezone: Zone | None = None
    complete_until: dt.date | None = None
    max_quarantined: float = Field(0.01, ge=0, le=1)
    timeless: bool = False
    select: str = Field(ALL, min_length=8)

    @property
    def told_twice(self) -> bool:
        """Whether what happens may come live and in files as well."""
        return self.live and bool(self.files)

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        if (bool(self.files) or self.live) == bool(self.postgres):
            raise ValueError("give one of `files`, `postgres` with `table`, and `live = true` (which may have `files`)")
        if self.live and (self.into != "interactions" or (self.select != ALL and not self.files)):
            raise ValueError("a live source is of interactions; its rows come as they are to be, without `select`")
        if self.live and DELIVERED in self.files:
            raise ValueError(f"`files.{DELIVERED}` is the name of what comes live; give the files another")
        if self.postgres and not self.table:
            raise ValueError("`postgres` needs `table`, the table to read")
        return self


class Gap(Frozen):
    """A stretch in which a source is known to be incomplete: missing features and no label."""

    source: Name
    start: dt.date = Field(alias="from")
    end: dt.date = Field(alias="until")

    @model_validator(mode="after")
    def _forwards(self) -> Gap:
        if self.end <= self.start:
            raise ValueError(f"`until` ({self.end}) must be later than `from` ({self.start})")
        return self


class Profile(Frozen):
    """What a profile name means: its type and its role. An undeclared name is `display`."""

    type: Literal["number", "category", "date", "text"] = "category"
    role: Literal["feature", "peer_group", "value", "display", "protected", "permission"] = "display"
