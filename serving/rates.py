"""How often somebody may ask: a bucket that fills at a steady rate."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field

MOST_KNOWN = 10_000
"""Buckets that are kept; who was not seen for longest begins with a full one again."""


@dataclass
class Bucket:
    """What a caller may still ask at this moment: it fills at a steady rate."""

    rate: float
    most: float
    held: float = field(init=False)
    since: float = field(init=False)

    def __post_init__(self) -> None:
        self.held, self.since = self.most, time.monotonic()

    def wait(self) -> float:
        """Take one; the seconds to wait until there is one, 0 where there was."""
        now = time.monotonic()
        self.held, self.since = min(self.most, self.held + (now - self.since) * self.rate), now
        if self.held >= 1.0:
            self.held -= 1.0
            return 0.0
        return (1.0 - self.held) / self.rate


class Buckets:
    """A bucket for everybody, made when they first come."""

    def __init__(self, rate: float, most: float) -> None:
        self._rate, self._most = rate, most
        self._held: OrderedDict[str, Bucket] = OrderedDict()

    def wait(self, name: str) -> float:
        """Take one from the bucket of `name`; the seconds to wait, 0 where there was one."""
        found = self._held.get(name)
        if found is None:
            found = self._held[name] = Bucket(self._rate, self._most)
            if len(self._held) > MOST_KNOWN:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(name)
        return found.wait()
