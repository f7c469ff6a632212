"""A trained shop that lives today: its purchases end yesterday, and a till delivers what is bought meanwhile."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

from command import program
from shop import DEVELOPMENT, ORIGINS, project_text, sales, write_project

NEAR_MIDNIGHT = dt.timedelta(seconds=100)
"""What a test of today may take; it does not begin when less of the day is left."""


def the_day() -> dt.date:
    """Today, that has long enough to go; just before midnight this waits for the next day."""
    now = dt.datetime.now(dt.UTC)
    left = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), dt.UTC) - now
    if left < NEAR_MIDNIGHT:
        time.sleep(left.total_seconds() + 1)
    return dt.datetime.now(dt.UTC).date()


def train_shop_of_today(folder: Path) -> Path:
    """Write the shop and train its model; it is not scored yet."""
    ahead = dt.datetime.now(dt.UTC).date() - dt.date(2024, 12, 29)
    before = dt.datetime(2024, 12, 29, tzinfo=dt.UTC)
    moved = [sale._replace(occurred_at=sale.occurred_at + ahead) for sale in sales() if sale.occurred_at < before]
    days = ", ".join(str(day + ahead) for day in ORIGINS)
    until, development = str(dt.date(2024, 12, 29) + ahead), f"[{DEVELOPMENT + ahead}]"
    text = project_text(clock='"system"', complete_until=until, origins=f"[{days}]", development=development)
    text = text[: text.index("[outcome.slump]")] + text[text.index("[backtest]") :]
    live = '[[source]]\nname = "till"\nlive = true\n'
    folder = write_project(folder, moved, text=text + live)
    ran = program("train", folder)
    assert ran.code == 0, ran.err
    return folder


def bought(number: int, customer: str) -> dict[str, Any]:
    """A purchase of a second ago, as the till delivers it."""
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    return {
        "interaction_id": f"t{number}",
        "customer_id": customer,
        "kind": "purchase",
        "occurred_at": moment.isoformat(),
        "amount": 20.0,
    }
