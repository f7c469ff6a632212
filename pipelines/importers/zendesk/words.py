"""Zendesk's words, in ours."""

from __future__ import annotations

from typing import Any

AGENTS = ("agent", "admin", "light_agent", "contributor")
CHANNELS = {
    "web": "web", "web_form": "web", "help_center": "portal", "portal": "portal", "email": "email", "mail": "email",
    "chat": "chat", "native_messaging": "chat", "messaging": "chat", "any_channel": "social", "whatsapp": "social",
    "twitter": "social", "facebook": "social", "instagram_dm": "social", "line": "social", "sms": "sms",
    "voice": "phone", "phone": "phone", "mobile": "app", "mobile_sdk": "app", "answer_bot": "bot",
}  # fmt: skip
SCORES = {"good": 1.0, "goodwithcomment": 1.0, "bad": 0.0, "badwithcomment": 0.0}


def channel(via: Any) -> str | None:
    """Our word for a `via` object or the name in it; nothing where there is none (api, rule, system).

    >>> channel({"channel": "voice"}), channel("Web form"), channel({"channel": "api"})
    ('phone', 'web', None)
    """
    name = via.get("channel") if isinstance(via, dict) else via
    return CHANNELS.get(str(name).lower().replace(" ", "_")) if name else None


def merging(via: Any) -> bool:
    """Whether something was written because two tickets were merged."""
    source = via.get("source") if isinstance(via, dict) else None
    return isinstance(source, dict) and source.get("rel") == "merge"


def rating(score: Any) -> float | None:
    """A score from 0 to 1; nothing for what is offered, unoffered or absent.

    >>> rating("good"), rating("bad"), rating("offered"), rating(None)
    (1.0, 0.0, None, None)
    """
    return SCORES.get(score.lower().replace("_", "")) if isinstance(score, str) else None
