"""Whether a text or a value names a person: as a whole word, not as a part of a longer one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

Mentioned = Callable[[str], bool]


def mentioned_in(names: Iterable[str]) -> Mentioned:
    """A test of texts: whether any of `names` stands in one by itself.

    >>> test = mentioned_in(["c1", "ann@example.com"])
    >>> test("order c1-7"), test("order c17"), test("to ann@example.com, now"), mentioned_in([])("c1")
    (True, False, True, False)
    """
    found = sorted({name for name in names if name}, key=lambda name: (-len(name), name))
    if not found:
        return lambda _text: False
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, found))})(?!\w)")
    return lambda text: pattern.search(text) is not None


def is_one_of(names: Iterable[str]) -> Callable[[Any], bool]:
    """A test of values as files have them: whether one is a name, spaces around it and a decimal nought left out.

    >>> test = is_one_of(["17", "ann"])
    >>> test(" ann "), test(17), test(17.0), test(None), test("ann b")
    (True, True, True, False, False)
    """
    found = set(names)

    def test(value: Any) -> bool:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return value is not None and str(value).strip() in found

    return test
