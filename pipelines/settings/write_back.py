"""Where the band is written back to, so that a support tool can route and sort by it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from tenure.pipelines.importers.ours import PREFIXES
from tenure.pipelines.settings.desk import Origin
from tenure.pipelines.settings.frozen import Frozen, Name


def _ours(name: str) -> str:
    """A field that the importers know as ours, so that it never comes back as a fact about a customer."""
    if not name.startswith(PREFIXES):
        raise ValueError(
            f"must begin with {' or '.join(PREFIXES)}, so that an import knows it as ours and leaves it out"
        )
    return name


OurField = Annotated[str, Field(pattern="^[a-z0-9_]+$", max_length=60), AfterValidator(_ours)]


class ZendeskField(Frozen):
    """`[write_back.zendesk]`: the user field `field` of the account at `address`.

    `contact_field`, where it is named, says `yes` or `no`: whether one may contact the user on one's own account.

    `user` is the e-mail address of the account's own agent for this, `token` the name of the environment
    variable that holds the API token; `source` is the source whose people are the account's users.
    """

    address: Origin
    user: str
    token: str
    field: OurField = "tenure_risk"
    contact_field: OurField | None = None
    source: Name = "zendesk"


class ChatwootField(Frozen):
    """`[write_back.chatwoot]`: the contact attribute `field` of an account at `address`, `contact_field` as above.

    `token` is the name of the environment variable that holds the access token.
    """

    address: Origin
    account: int = Field(ge=1)
    token: str
    field: OurField = "tenure_risk"
    contact_field: OurField | None = None
    source: Name = "chatwoot"


class WriteBack(Frozen):
    """`[write_back]`: the tools into which the band is written."""

    zendesk: ZendeskField | None = None
    chatwoot: ChatwootField | None = None

    @property
    def tools(self) -> dict[str, ZendeskField | ChatwootField]:
        """The tools that are configured, by name."""
        held = {"zendesk": self.zendesk, "chatwoot": self.chatwoot}
        return {name: field for name, field in held.items() if field is not None}
