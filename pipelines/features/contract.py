"""Contract: how old it is, what is due, what was announced, and the person's other contracts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tenure.pipelines.features.column import Column, Context, Fitted
from tenure.pipelines.history.history import View

SINCE = {
    "signup": "days since the contract was signed",
    "renewal": "days since the contract was last renewed",
    "notice": "days since notice was given",
    "plan_changed": "days since the plan was last changed",
    "price_changed": "days since the price was last changed",
}
OTHERS = {
    "signup": "other contracts this person has signed",
    "cancellation": "other contracts this person has cancelled",
    "renewal": "renewals of this person's other contracts",
}


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Age and due dates of the contract itself, then what the person did with other contracts."""
    kinds = set(fitted.named("kind"))
    for kind in sorted(SINCE.keys() & kinds):
        past = view.contract_events(kind)
        yield Column(f"contract_days_since_{kind}", past.days_since(), SINCE[kind], "contract", 0, f"kind:{kind}")
    if "signup" in kinds:
        signup = view.contract_events("signup")
        stated = 0.0 - signup.days_until("due_at")
        days = np.where(np.isnan(stated), signup.days_since(), stated)
        yield Column("contract_day", days, "day of the contract, counted from its start", "contract", 0, "kind:signup")
    if "renewal_due" in kinds:
        days = view.contract_events("renewal_due").days_until("due_at")
        meaning = "days until the contract is due for renewal"
        yield Column("contract_days_until_renewal", days, meaning, "contract", 0, "kind:renewal_due")
    for kind in ("plan_changed", "price_changed"):
        if kind in kinds:
            count = view.contract_events(kind).count(364 if view.observes(364) else None)
            meaning = f"times the {kind.split('_')[0]} changed in the last year"
            yield Column(f"contract_{kind}_count", count, meaning, "contract", 0, f"kind:{kind}")
    yield from _others(view, kinds)


def _others(view: View, kinds: set[str]) -> Iterator[Column]:
    for kind in sorted(OTHERS.keys() & kinds):
        past = view.contract_events(kind, own=False)
        yield Column(f"others_{kind}_count", past.count(), OTHERS[kind], "other contracts", 0, f"kind:{kind}")
        meaning = f"days since the last of the {OTHERS[kind]}"
        yield Column(f"others_{kind}_days_since", past.days_since(), meaning, "other contracts", 0, f"kind:{kind}")
    if {"signup", "cancellation"} <= kinds:
        signed = view.contract_events("signup", own=False).count()
        gone = view.contract_events("cancellation", own=False).count()
        share = np.divide(gone, signed, out=np.full(len(signed), np.nan), where=signed > 0)
        meaning = "share of this person's other contracts that were cancelled"
        yield Column("others_cancelled_share", share, meaning, "other contracts", 0, "kind:cancellation")
