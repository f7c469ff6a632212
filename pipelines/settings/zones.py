"""Time zone names, checked when the project file is read."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        close = get_close_matches(name, available_timezones(), n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"is not an IANA time zone such as 'Europe/Warsaw' or 'UTC'{hint}") from None
    return name


Zone = Annotated[str, AfterValidator(_known)]
"""An IANA time zone name such as `Europe/Warsaw`."""
