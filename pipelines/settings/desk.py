"""What people who work with the scores see: names, the panel inside a ticket, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from tenure.pipelines.settings.frozen import Frozen, Name, Names

Band = Literal["low", "medium", "high", "critical"]
Origin = Annotated[str, Field(pattern=r"^https?://[^/?#\s;,]+$")]
"""A scheme and a host, with a port where it has one, and nothing behind it."""


def _in_english(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


class Desk(Frozen):
    """`[desk]`: under which profile names a customer's name, plan, segment, value and renewal date are found."""

    name: Name = "name"
    plan: Name = "plan"
    segment: Name = "segment"
    value: Name = "value"
    renewal: Name = "renewal_date"

    @property
    def profiles(self) -> dict[str, str]:
        """What is shown, by profile name."""
        return {profile: shown for shown, profile in self.model_dump().items()}


class Zendesk(Frozen):
    """`[panel.zendesk]`: the account in whose tickets the panel is shown.

    `source` is the source whose people are Zendesk's users. With `public_key`, the file of the app's public
    key, and `audience`, Zendesk vouches for its agents by a signed page load; without, they log in.
    """

    origin: Origin
    source: Name = "zendesk"
    public_key: Path | None = None
    audience: str | None = None


class Chatwoot(Frozen):
    """`[panel.chatwoot]`: the installation in whose conversations the panel is shown, `source` that of its contacts."""

    origin: Origin
    source: Name = "chatwoot"


class Panel(Frozen):
    """`[panel]`: where agents see the risk."""

    zendesk: Zendesk | None = None
    chatwoot: Chatwoot | None = None


class Playbook(Frozen):
    """`[[playbook]]`: what to do next. The first entry that fits is shown; one without conditions fits everybody.

    `next` is a sentence, or one for each language: `{ en = "...", pl = "..." }`.
    """

    name: Name
    bands: tuple[Band, ...] = ("medium", "high", "critical")
    themes: Names = ()
    promises: tuple[Literal["unanswered", "callback", "left"], ...] = ()
    next: Annotated[dict[Literal["en", "pl", "bg", "hi"], str], BeforeValidator(_in_english)]

    def fits(self, band: str, themes: set[str], promises: set[str]) -> bool:
        """Whether the entry is for a customer with this band, these themes of reasons and these open promises."""
        return (
            band in self.bands
            and (not self.themes or bool(themes & set(self.themes)))
            and (not self.promises or bool(promises & set(self.promises)))
        )
