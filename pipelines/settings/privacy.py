"""Privacy: by which profile customers forbid profiling, and for how long what is held is kept."""

from __future__ import annotations

from pydantic import Field

from tenure.pipelines.settings.frozen import Frozen, Name, Names


class Privacy(Frozen):
    """`[privacy]`: whoever's profile `permission` has one of the values in `refused` is neither scored nor trained on.

    The profile is declared with the role `permission`. What is said with `tenure object` counts besides.
    """

    permission: Name | None = None
    refused: Names = Field(("no", "false", "0"), min_length=1)
