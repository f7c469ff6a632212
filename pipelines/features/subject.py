"""The subjects of a feature table: all interactions together, and each kind that earned columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenure.pipelines.features.column import ANY, Context, Fitted
from tenure.pipelines.history.history import View
from tenure.pipelines.history.past import Past

SLIM_WINDOWS = (28, 91, 364)
"""The windows of kinds that are not what the outcome is about."""


@dataclass(frozen=True)
class Subject:
    """Rows to be described: `name` begins the columns, `noun` stands in meanings.

    A `rich` subject is what the outcome is about (everything together, where that is no kind)
    and gets every window; the others get a few, so that a table stays small.
    """

    name: str
    noun: str
    past: Past
    rich: bool
    needs: str | None

    def windows(self, context: Context) -> tuple[int, ...]:
        """The windows in days over which this subject is described."""
        wanted = context.settings.windows_days
        return wanted if self.rich else tuple(d for d in wanted if d in SLIM_WINDOWS)


def subjects(view: View, context: Context, fitted: Fitted) -> Iterator[Subject]:
    """Everything together (unless all of it is one kind), then kind by kind."""
    if ANY in fitted.keys:
        yield Subject("any", "interactions", view.any, not context.subject, ANY)
    for kind in fitted.named("kind"):
        yield Subject(kind, noun_of(kind), view.kind(kind), kind in context.subject, f"kind:{kind}")


def noun_of(kind: str) -> str:
    """How a kind is called in a sentence.

    >>> noun_of("survey_answered")
    "'survey answered' rows"
    >>> noun_of("purchase")
    'purchases'
    """
    plain = {"purchase": "purchases", "visit": "visits", "payment": "payments", "usage": "days of use"}
    return plain.get(kind, f"'{kind.replace('_', ' ')}' rows")
