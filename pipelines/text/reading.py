"""A message as it is read for signals: cleaned, repaired, without addresses, cut."""

from __future__ import annotations

import re
from hashlib import md5

from tenure.pipelines.text.cleaning import Cut, clean
from tenure.pipelines.text.mojibake import repair

_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,2000}|(?<!\S)[^\s@]{1,64}@[^\s@]{1,255}\.[^\s@]{2,63}")
_HANDLE = re.compile(r"(?<!\w)@\w{1,40}")


def readable(text: str | None, cut: Cut | None = None) -> str:
    """What the signals are made from; an empty text where there is nothing to read.

    Web and mail addresses are left out and the names of accounts, too: they tell one customer from
    another, not what is said.

    >>> readable("<p>@anna proszę o zwrot, szczeg贸艂y: https://example.org/a?b=1</p>")
    '@ proszę o zwrot, szczegóły:'
    """
    if not text:
        return ""
    whole = repair(clean(text, cut)).text
    if "@" in whole or "www." in whole or "://" in whole:
        whole = _HANDLE.sub("@", _ADDRESS.sub(" ", whole))
    return whole.strip()


def text_id(text: str) -> str:
    """The name of a message's text: equal texts are read once.

    >>> text_id("hello")
    '5d41402abc4b2a76b9719d911017c592'
    """
    return md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
