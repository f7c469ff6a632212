"""What contracts cost: the prices that were agreed or set, and how each differs from the one before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import FIXED_POINT, MISSING, Log
from tenure.pipelines.history.threads import Threads

KINDS = ("signup", "renewal", "plan_changed", "price_changed")
"""Kinds whose `amount` is the price from then on; of one instant they follow in this order."""

LARGEST_CHANGE = 1e6
"""A change of more times the price before is written down as this."""


def prices_of(view: View) -> Log:
    """Prices of the units' own contracts.

    Columns: `price`; and against the price that the same contract had before, not given for its
    first one: `change` (as a share of that price, where it was positive), `rise`, `cheaper` and
    `dearer` (1 or 0, the last two only for changes of the plan).
    """
    history = view.history
    codes = [history.kinds.index(kind) for kind in KINDS if kind in history.kinds]
    log = view.select(
        "prices",
        lambda rows: (
            np.isin(rows.values["kind"], codes) & (rows.values["own"] == 1) & (rows.values["amount"] != MISSING)
        ),
        history.contracts,
    )
    return log.once("prices", lambda: _priced(log, history.kinds))


def _priced(log: Log, kinds: tuple[str, ...]) -> Log:
    ranks = np.array([KINDS.index(kind) if kind in KINDS else len(KINDS) for kind in (*kinds, "")], dtype=np.int64)
    threads = Threads.of(log, log.values["contract"], rank=ranks[log.values["kind"]], ties=("amount",))
    price, plan = threads.column("amount"), threads.column("kind") == _code(kinds, "plan_changed")
    before = threads.last_before(np.ones(len(log), dtype=bool))
    old = price[before] if len(log) else price
    known, positive = before >= 0, (before >= 0) & (old > 0)
    share = np.divide(price - old, old, out=np.zeros(len(log)), where=positive)
    change = np.rint(np.minimum(share, LARGEST_CHANGE) * FIXED_POINT).astype(np.int64)
    found = {
        "price": price,
        "change": np.where(positive, change, MISSING),
        "rise": np.where(known, (price > old) * FIXED_POINT, MISSING),
        "cheaper": np.where(known & plan, (price < old) * FIXED_POINT, MISSING),
        "dearer": np.where(known & plan, (price > old) * FIXED_POINT, MISSING),
    }
    return replace(log, values={name: threads.in_rows(column) for name, column in found.items()}, _derived={})


def _code(kinds: tuple[str, ...], kind: str) -> int:
    return kinds.index(kind) if kind in kinds else -2
