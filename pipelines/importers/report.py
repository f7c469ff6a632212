"""What an import did, in figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tenure.pipelines.importers.feed import Entered, Feed


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    `kinds` counts the interactions of the export by kind, `skipped` by reason what in it is
    no interaction, `quarantined` by reason what could not be used. `people` are the customers
    in the feed, `matched` those of them with an id of ours or an address.
    """

    files: int
    records: int
    cases: int
    kinds: dict[str, int]
    skipped: dict[str, int]
    quarantined: dict[str, int]
    entered: Entered
    people: int
    matched: int
    profiles: int
    feed: Feed = field(repr=False)

    @property
    def matched_share(self) -> float | None:
        """The share of the customers who are known by more than the tool's own id."""
        return self.matched / self.people if self.people else None


def counted(counter: Counter[str]) -> dict[str, int]:
    """Counts, the largest first.

    >>> counted(Counter(a=1, b=2))
    {'b': 2, 'a': 1}
    """
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))
