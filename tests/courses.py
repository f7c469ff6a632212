"""Courses of invented cases: who wrote, who took them, what was promised, and how they ended, or did not."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

KINDS = (
    "contact_opened", "message_in", "message_in", "message_out", "message_out", "assigned", "assigned", "escalated",
    "resolved", "resolved", "reopened", "callback_promised", "callback_promised", "followed_up", "dispute", "complaint",
    "survey_sent", "survey_answered", "self_service", "bot_handover", "offer_made", "offer_accepted", "payment",
    "payment_failed", "price_changed",
)  # fmt: skip
HOUR = dt.timedelta(hours=1)
DELAYS = (None, None, None, None, None, HOUR, 24 * HOUR, 40 * 24 * HOUR, "then", "just after")
CHANGES = (None,) * 9 + ("corrected", "retracted", "moved")


def draw_courses(drawn: Random, *, most: int) -> list[tuple[Any, ...]]:
    """The rows of up to `most` cases of four customers, as `tests/histories.py` takes them.

    Some cases have no name, some share one, some change their customer on the way.
    """
    return [row for _ in range(drawn.randint(0, most)) for row in _course(drawn)]


def _course(drawn: Random) -> list[tuple[Any, ...]]:
    customer, contract, case = drawn.randint(0, 3), drawn.randint(0, 2), drawn.choice(("k", "l", "m", None))
    place = -drawn.choice((3, 30, 80, 200, 380)) * 24 * HOUR + drawn.randint(0, 47) * HOUR
    kind = drawn.choice(("contact_opened", "contact_opened", "contact_opened", "resolved", "message_out"))
    rows = []
    for _ in range(drawn.randint(1, 12)):
        seconds, amount = drawn.choice((None, 30.0, 61.5)), drawn.choice((None, None, 5.0, 7.25))
        rows.append(
            (
                customer, contract, place, kind, drawn.choice((None, "phone", "web")), amount, drawn.choice(DELAYS),
                drawn.choice(CHANGES), None, None, case, drawn.choice((None, "x", "y")),
                drawn.choice((None, None, "t", "u")), drawn.choice((None, None, None, "inbound", "outbound")), seconds,
            )
        )  # fmt: skip
        kind, place = drawn.choice(KINDS), place + drawn.choice((0, 0, 1, 5, 20, 60, 200)) * HOUR
        customer = drawn.randint(0, 3) if drawn.random() < 0.03 else customer
    return rows
