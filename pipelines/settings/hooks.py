"""Webhooks of support tools: how they are signed, and for which source they are kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tenure.pipelines.settings.frozen import Frozen, Name

ToolName = Literal["zendesk", "chatwoot"]
"""The tools whose webhooks are understood."""

Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=200)]
"""The name of an environment variable: the secret itself never stands in a project file."""


class Hook(Frozen):
    """`[hooks.NAME]`: the webhooks of one tool, which arrive at `/hooks/NAME`.

    `secret` names the environment variable with the secret by which the tool signs; while it is
    changed, `previous_secret` names the one of before. `source` is the live source the interactions
    go to. `key` says by what a customer is called, as `tenure import --customer` does.
    """

    secret: Variable
    previous_secret: Variable | None = None
    source: Name
    key: Literal["external_id", "email", "id"] = "external_id"
