"""One contact that was made on our own account: what is said of it, and what cannot be."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from tenure.pipelines.catalogue import CHANNELS, did_you_mean
from tenure.pipelines.settings.project import Project

RESULTS = ("reached", "no_answer", "accepted", "declined", "other")
"""How a contact ended."""

AHEAD = dt.timedelta(minutes=5)
"""How far the clock of a sender may be ahead of ours."""


class Rejected(NamedTuple):
    """Why an action cannot be kept: its place among those given, from 0, a name of the reason, and the remedy."""

    row: int
    kind: str
    why: str


@dataclass(frozen=True)
class Action:
    """A contact: when (with its offset from UTC), with whom, by whom, how, what was offered, and how it ended.

    `cost` is in the project's currency; `list_id` is the published list on whose account it was made.
    """

    at: dt.datetime
    outcome: str
    customer_id: str
    who: str
    channel: str | None = None
    playbook: str | None = None
    offer: str | None = None
    cost: float | None = None
    result: str | None = None
    list_id: int | None = None
    action_id: str | None = None

    def content(self) -> dict[str, Any]:
        """All of it but its id and its time."""
        return {name: value for name, value in vars(self).items() if name not in ("action_id", "at")}

    def digest(self) -> str:
        """A digest of what is said of the contact, whatever it is called."""
        held = {"at": self.at.astimezone(dt.UTC).isoformat(), **self.content()}
        content = json.dumps(held, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return blake2b(content.encode(errors="surrogatepass"), digest_size=16).hexdigest()

    @property
    def name(self) -> str:
        """The id that was given, or one made of the content, so that the same said twice is one action."""
        return self.action_id or f"content-{self.digest()}"

    def wrong(self, project: Project, *, now: dt.datetime, first: dt.datetime | None) -> tuple[str, str] | None:
        """What is wrong with it by itself, and the remedy; `first` is when a hold-out was first drawn, in UTC."""
        if self.outcome not in project.outcome:
            close = did_you_mean(self.outcome, list(project.outcome)) or f"; it has {', '.join(project.outcome)}"
            return "unknown-outcome", f"outcome {self.outcome[:40]!r} is not in the project file{close}"
        for what, value, known in (("channel", self.channel, CHANNELS), ("result", self.result, RESULTS)):
            if value is not None and value not in known:
                return f"unknown-{what}", f"{what} {value[:40]!r} is none of {', '.join(known)}"
        if self.cost is not None and not (math.isfinite(self.cost) and self.cost >= 0):
            return "negative-cost", f"cost {self.cost:g} is not 0 or more; give what the contact cost, or leave it out"
        return self._wrong_time(now, first)

    def _wrong_time(self, now: dt.datetime, first: dt.datetime | None) -> tuple[str, str] | None:
        if self.at > now + AHEAD:
            said = f"{self.at:%Y-%m-%dT%H:%M:%SZ} is still to come; log a contact once it was made"
            return "in-the-future", said
        if first is None:
            return "no-hold-out", "no hold-out was drawn yet, so nobody could be left alone; run `tenure score` first"
        if self.at.astimezone(dt.UTC).replace(tzinfo=None) < first:
            said = f"{self.at:%Y-%m-%dT%H:%M:%SZ} is before the first hold-out was drawn ({first:%Y-%m-%dT%H:%M:%SZ})"
            return "before-the-hold-out", f"{said}; such contacts prove nothing, leave them out"
        return None
