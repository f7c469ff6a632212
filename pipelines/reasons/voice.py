"""Sentences about messages: what the customer's sound like, and how ours speak."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tenure.pipelines.reasons.saying import Clause, Message, Said
from tenure.pipelines.reasons.spans import ago

Row = Mapping[str, float]

_SIGNALS = {
    "leave": ("sounds", "sound", "like leaving"),
    "effort": ("sounds", "sound", "of trouble taken"),
    "complaint": ("sounds", "sound", "like a complaint"),
    "tone": ("has", "have", "a bad tone"),
}
_OF_ALL = "%(n)d of %(all)d messages in the last %(days)d days"

SOUNDS = {
    signal: Message(f"{_OF_ALL} {one} {what}", f"{_OF_ALL} {many} {what}")
    for signal, (one, many, what) in _SIGNALS.items()
}
"""What messages with a signal are said to sound like."""

THE_ONLY_ONE = {
    signal: Message(f"1 of 1 message in the last %(days)d days {one} {what}")
    for signal, (one, _, what) in _SIGNALS.items()
}
"""The same where there was one message in all."""

LEAVING = Message("the last message that sounds like leaving came %(when)s")
NAMELESS = Message("none of our messages in the last %(days)d days uses the customer's name")
SORRY = Message("%(share)d of 100 of our messages in the last %(days)d days say sorry")


def voice(row: Row, feature: str) -> Said | None:
    """What the customer's latest messages sound like, the signal of the feature first.

    >>> from tenure.pipelines.reasons.saying import say
    >>> row = {"voice_leave_share_28d": 0.5, "voice_messages_count_28d": 4.0}
    >>> say(voice(row, "voice_leave_mean_28d") or [], "en")
    '2 of 4 messages in the last 28 days sound like leaving'
    """
    signal = feature.removeprefix("voice_").split("_")[0]
    for name in sorted(("leave", "effort", "complaint"), key=lambda name: name != signal):
        if found := _sounding(row, name):
            return [found]
    days = row.get("voice_leave_days_since", math.nan)
    if signal == "leave" and not math.isnan(days):
        return [LEAVING(when=ago(days))]
    found = _sounding(row, "tone")
    return [found] if found else None


def manners(row: Row, feature: str) -> Said | None:
    """Whether our messages say sorry and use the customer's name."""
    named, sorry = (row.get(f"voice_{what}_share_91d", math.nan) for what in ("name", "apology"))
    if "name_share" in feature and named == 0.0:
        return [NAMELESS(days=91)]
    if "apology_share" in feature and not math.isnan(sorry):
        return [SORRY(share=round(100 * sorry), days=91)]
    return None


def _sounding(row: Row, signal: str) -> Clause | None:
    """How many messages of the last 28 days have a signal; over these nothing is scaled up."""
    share, written = row.get(f"voice_{signal}_share_28d", math.nan), row.get("voice_messages_count_28d", math.nan)
    count = 0 if math.isnan(share * written) else round(share * written)
    if not count:
        return None
    if round(written) == 1:
        return THE_ONLY_ONE[signal](days=28)
    return SOUNDS[signal](n=count, all=round(written), days=28)
