"""How people log in: as local users always, and at an OpenID provider where one is named."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from tenure.pipelines.settings.frozen import Frozen

RoleName = Literal["agent", "retention", "scientist", "admin"]


class Login(Frozen):
    """`[login]`: how long a session lasts, and the provider whose people may log in.

    `issuer` is the address of an OpenID provider that knows us as `client_id`; `client_secret` is the
    name of the environment variable that holds the secret. Whoever is in a group of `groups` gets its
    role, the highest where there are several; the groups are in the claim `groups_claim`. People without
    any such group are not let in.
    """

    hours: float = Field(12.0, gt=0, le=24 * 30)
    issuer: str | None = Field(None, pattern="^https?://")
    client_id: str | None = None
    client_secret: str | None = None
    name_claim: str = "email"
    groups_claim: str = "groups"
    groups: dict[str, RoleName] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        if self.issuer and not (self.client_id and self.groups):
            raise ValueError(
                "a provider (`issuer`) needs `client_id` and `groups`, such as groups = { retention = 'retention' }"
            )
        return self
