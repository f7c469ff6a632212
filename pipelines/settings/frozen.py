"""The base of every settings object: frozen, and strict about keys it does not know."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Frozen(BaseModel):
    """A settings object that cannot change after it was read and refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""A lower-case identifier, safe in a column name, a file name and a registry name."""

Names = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
"""One string or a list of strings, read as a tuple."""
