"""Money: what was spent or paid, how it changes, and how large the single amounts are."""

from __future__ import annotations

from collections.abc import Iterator

from tenure.pipelines.features.activity import TRENDS, decay_scale, log_rate_ratio
from tenure.pipelines.features.column import Column, Context, Fitted
from tenure.pipelines.features.subject import SLIM_WINDOWS, noun_of
from tenure.pipelines.history.history import View
from tenure.pipelines.history.past import Past

HALF_LIVES = (14, 56)
MONEY_KINDS = frozenset({"purchase", "refund", "payment", "renewal", "offer_accepted", "plan_changed"})


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Totals of every kind that carries amounts.

    Of the outcome's own kinds, and of the only kind with amounts, also means, largest and last ones.
    """
    for kind in fitted.named("amount"):
        past, subject = view.kind(kind), kind in context.subject
        rich = subject or kind in fitted.named("sole")
        more = f"amount:{kind}" if subject else f"sole:{kind}"
        yield from _totals(kind, past, context, view, more=more if rich else None)
        if rich:
            yield from _sizes(kind, past, more)
            yield from _changes(kind, past, view, more)


def _totals(kind: str, past: Past, context: Context, view: View, *, more: str | None) -> Iterator[Column]:
    """Totals over the slim windows, and over all windows where there is `more`, the key that they need."""
    windows = context.settings.windows_days if more else SLIM_WINDOWS
    for days in windows:
        meaning = f"amount of {noun_of(kind)} in the last {days} days"
        values = past.total("amount", days) * view.scale(days)
        needs = more if more and days not in SLIM_WINDOWS else f"amount:{kind}"
        yield Column(f"{kind}_amount_{days}d", values, meaning, theme_of(kind), 0, needs)


def _sizes(kind: str, past: Past, needs: str) -> Iterator[Column]:
    for days in SLIM_WINDOWS:
        meaning = f"mean amount of {noun_of(kind)} in the last {days} days"
        yield Column(f"{kind}_amount_mean_{days}d", past.mean("amount", days), meaning, theme_of(kind), 0, needs)
    for days in (28, 91):
        meaning = f"largest amount of {noun_of(kind)} in the last {days} days"
        yield Column(f"{kind}_amount_largest_{days}d", past.largest("amount", days), meaning, theme_of(kind), 0, needs)
    meaning = f"amount of the last of the {noun_of(kind)}"
    yield Column(f"{kind}_amount_last", past.last("amount"), meaning, theme_of(kind), 0, needs)


def _changes(kind: str, past: Past, view: View, needs: str) -> Iterator[Column]:
    for half_life in HALF_LIVES:
        meaning = f"amount of {noun_of(kind)}, each counting half as much every {half_life} days"
        values = past.decayed(half_life, "amount") * decay_scale(view, half_life)
        yield Column(f"{kind}_amount_decayed_{half_life}d", values, meaning, theme_of(kind), 0, needs)
    for short, long in TRENDS:
        if view.observes(long):
            meaning = (
                f"amount of {noun_of(kind)} a day, last {short} days against the {long - short} before (log ratio)"
            )
            values = log_rate_ratio(
                past.total("amount", short).clip(min=0), past.total("amount", long).clip(min=0), short, long
            )
            yield Column(f"{kind}_amount_trend_{short}d_{long}d", values, meaning, theme_of(kind), 0, needs)


def theme_of(kind: str) -> str:
    """Amounts of kinds that are no money, such as clicks of usage, are activity.

    >>> theme_of("purchase"), theme_of("usage")
    ('money', 'activity')
    """
    return "money" if kind in MONEY_KINDS else "activity"
