"""Sentences about messages: what the customer's sound like, and how ours speak."""

from __future__ import annotations

import math
from collections.abc import Mapping

Row = Mapping[str, float]

SOUNDS = {"leave": "like leaving", "effort": "of trouble taken", "complaint": "like a complaint"}
"""What a message with a signal is said to sound like."""


def voice(row: Row, feature: str) -> str | None:
    """What the customer's latest messages sound like, the signal of the feature first.

    >>> voice({"voice_leave_share_28d": 0.5, "voice_messages_count_28d": 4.0}, "voice_leave_mean_28d")
    '2 of 4 messages in the last 28 days sound like leaving'
    """
    signal = feature.removeprefix("voice_").split("_")[0]
    for name in (signal, *SOUNDS):
        count = _sounding(row, name)
        if name in SOUNDS and count:
            verb = "sounds" if count == 1 else "sound"
            return f"{count} of {_written(row)} in the last 28 days {verb} {SOUNDS[name]}"
    days = row.get("voice_leave_days_since", math.nan)
    if signal == "leave" and not math.isnan(days):
        when = {0: "today", 1: "yesterday"}.get(round(days), f"{days:.0f} days ago")
        return f"the last message that sounds like leaving came {when}"
    count = _sounding(row, "tone")
    return (
        f"{count} of {_written(row)} in the last 28 days {'has' if count == 1 else 'have'} a bad tone"
        if count
        else None
    )


def manners(row: Row, feature: str) -> str | None:
    """Whether our messages say sorry and use the customer's name."""
    named, sorry = (row.get(f"voice_{what}_share_91d", math.nan) for what in ("name", "apology"))
    if "name_share" in feature and named == 0.0:
        return "none of our messages in the last 91 days uses the customer's name"
    if "apology_share" in feature and not math.isnan(sorry):
        return f"{round(100 * sorry)} of 100 of our messages in the last 91 days say sorry"
    return None


def _sounding(row: Row, signal: str) -> int:
    """How many messages of the last 28 days have a signal."""
    share, count = row.get(f"voice_{signal}_share_28d", math.nan), row.get("voice_messages_count_28d", math.nan)
    return 0 if math.isnan(share * count) else round(share * count)


def _written(row: Row) -> str:
    """How many messages the customer wrote in the last 28 days; over these nothing is scaled up."""
    count = round(row["voice_messages_count_28d"])
    return "1 message" if count == 1 else f"{count} messages"
