"""What Tenure itself wrote into the tool: it never comes back as a fact about a customer."""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIXES = ("tenure_", "churn_risk")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Ours:
    """Tags and fields that are ours: by the start of their name, or by the tool's id of the field.

    >>> ours = Ours(fields=frozenset({"360001"}))
    >>> ours.holds("churn_risk_high"), ours.holds("ChurnRisk"), ours.holds("360001"), ours.holds("tenured")
    (True, True, True, False)
    """

    prefixes: tuple[str, ...] = PREFIXES
    fields: frozenset[str] = frozenset()

    def holds(self, name: str) -> bool:
        """Whether a tag, a field name or a field id is ours."""
        words = {name.lower(), HUMP.sub("_", name).lower()}
        return name in self.fields or any(w.startswith(p) for w in words for p in self.prefixes)

    def without(self, tags: list[str]) -> list[str]:
        """The tags that are not ours."""
        return [tag for tag in tags if not self.holds(tag)]
