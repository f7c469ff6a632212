"""Contract: its age, what is due, what was announced, its plan and price, payments, offers, the person's others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.features.subject import SLIM_WINDOWS
from tenure.pipelines.history.history import View
from tenure.pipelines.history.past import Past
from tenure.pipelines.history.prices import prices_of

THEME, PRICE, PAYMENTS, OFFERS, OTHER = "contract", "price", "failed payments", "offers", "other contracts"
LONG_WINDOWS = (91, 364)
YEAR = 364
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
MOVES = {
    "rise": "times the price rose",
    "cheaper": "moves to a cheaper plan",
    "dearer": "moves to a dearer plan",
}


def compute(view: View, _context: Context, fitted: Fitted) -> Iterator[Column]:
    """Age and due dates of the contract itself, its price, payments and offers, then the person's other contracts."""
    kinds, marks = set(fitted.named("kind")), fitted.named("has")
    for kind in sorted(SINCE.keys() & kinds):
        past = view.contract_events(kind)
        yield _column(f"days_since_{kind}", past.days_since(), SINCE[kind], f"kind:{kind}", _theme(kind))
    yield from _age(view, kinds)
    yield from _ahead(view, kinds)
    for kind in ("plan_changed", "price_changed"):
        if kind in kinds:
            count = view.contract_events(kind).count(YEAR)
            meaning = f"times the {kind.split('_')[0]} changed in the last year"
            yield _column(f"{kind}_count", count, meaning, f"kind:{kind}", _theme(kind))
    if "price" in marks:
        yield from _price(view, view.past(prices_of(view)))
    if "failed" in marks:
        yield from _failed(view)
    if "offer" in marks:
        yield from _offers(view)
    yield from _others(view, kinds)


def _age(view: View, kinds: set[str]) -> Iterator[Column]:
    if "signup" in kinds:
        signup = view.contract_events("signup")
        stated = 0.0 - signup.days_until("due_at")
        days = np.where(np.isnan(stated), signup.days_since(), stated)
        yield _column("day", days, "day of the contract, counted from its start", "kind:signup")
    if "renewal" in kinds:
        count = view.contract_events("renewal").count()
        yield _column("renewals_count", count, "times the contract was renewed", "kind:renewal")


def _ahead(view: View, kinds: set[str]) -> Iterator[Column]:
    """What is due: the renewal, and the end of a contract under notice."""
    if "renewal_due" in kinds:
        days = view.contract_events("renewal_due").days_until("due_at")
        yield _column("days_until_renewal", days, "days until the contract is due for renewal", "kind:renewal_due")
    if "notice" in kinds:
        notice, signed = view.contract_events("notice"), view.contract_events("signup", "renewal")
        meaning = "days until the contract ends by the notice given"
        yield _column("days_until_end", notice.days_until("due_at"), meaning, "kind:notice")
        given = (notice.count() > 0) & ~(signed.days_since() < notice.days_since())
        under = np.where(np.isnan(notice.count() + signed.count()), np.nan, given)
        meaning = "whether notice was given since the contract was last signed or renewed"
        yield _column("under_notice", under, meaning, "kind:notice")


def _price(view: View, priced: Past) -> Iterator[Column]:
    yield _column("price", priced.last("price"), "price of the contract as last agreed or set", "has:price", PRICE)
    meaning = "last change of the price, as a share of the price before"
    yield _column("price_change", priced.last("change"), meaning, "has:price", PRICE)
    for name, noun in MOVES.items():
        values = priced.total(name, YEAR) * view.scale(YEAR)
        yield _column(f"price_{name}_{YEAR}d", values, f"{noun} in the last {YEAR} days", "has:price", PRICE)


def _failed(view: View) -> Iterator[Column]:
    failed, paid = view.kind("payment_failed"), view.kind("payment")
    for days in SLIM_WINDOWS:
        values, meaning = failed.count(days) * view.scale(days), f"payments that failed in the last {days} days"
        yield _column(f"failed_payments_{days}d", values, meaning, "has:failed", PAYMENTS)
    for days in LONG_WINDOWS:
        meaning = f"share of payments that failed in the last {days} days"
        share = _ratio(failed.count(days), failed.count(days) + paid.count(days))
        yield _column(f"failed_share_{days}d", share, meaning, "has:failed", PAYMENTS)
    meaning = "days since a payment last failed"
    yield _column("failed_days_since", failed.days_since(), meaning, "has:failed", PAYMENTS)
    meaning = "payments that failed since the last one that went through"
    yield _column("failed_since_paid", _after(failed, paid), meaning, "has:failed", PAYMENTS)


def _after(rows: Past, marker: Past) -> Values:
    """How many rows there were after the latest row of `marker`, or ever where it has none; same instants are not."""
    found, owner = rows.rows()
    last = marker.last_instant()[owner]
    count = np.bincount(owner[rows.log.time[found] > last], minlength=len(rows.units)).astype(np.float64)
    return np.where(np.isnan(rows.count() + marker.count()), np.nan, count)


def _offers(view: View) -> Iterator[Column]:
    made, taken = view.kind("offer_made"), view.kind("offer_accepted")
    for days in LONG_WINDOWS:
        values, meaning = made.count(days) * view.scale(days), f"offers made in the last {days} days"
        yield _column(f"offers_{days}d", values, meaning, "has:offer", OFFERS)
        values, meaning = taken.count(days) * view.scale(days), f"offers taken in the last {days} days"
        yield _column(f"offers_taken_{days}d", values, meaning, "has:offer", OFFERS)
    meaning = "days since the last offer"
    yield _column("offers_days_since", made.days_since(), meaning, "has:offer", OFFERS)
    meaning = "offers made since the last one that was taken"
    yield _column("offers_since_taken", _after(made, taken), meaning, "has:offer", OFFERS)


def _others(view: View, kinds: set[str]) -> Iterator[Column]:
    for kind in sorted(OTHERS.keys() & kinds):
        past = view.contract_events(kind, own=False)
        yield Column(f"others_{kind}_count", past.count(), OTHERS[kind], OTHER, 0, f"kind:{kind}")
        meaning = f"days since the last of the {OTHERS[kind]}"
        yield Column(f"others_{kind}_days_since", past.days_since(), meaning, OTHER, 0, f"kind:{kind}")
    if {"signup", "cancellation"} <= kinds:
        signed = view.contract_events("signup", own=False).count()
        gone = view.contract_events("cancellation", own=False).count()
        meaning = "share of this person's other contracts that were cancelled"
        yield Column("others_cancelled_share", _ratio(gone, signed), meaning, OTHER, 0, "kind:cancellation")


def _ratio(part: Values, whole: Values) -> Values:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _theme(kind: str) -> str:
    return PRICE if kind == "price_changed" else THEME


def _column(name: str, values: Values, meaning: str, needs: str, theme: str = THEME) -> Column:
    return Column(f"contract_{name}", values, meaning, theme, 0, needs)
