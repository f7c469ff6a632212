"""Sentences about service, satisfaction, self-service and the contract's price, payments and offers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from tenure.pipelines.reasons.saying import Clause, Said
from tenure.pipelines.reasons.service_messages import (
    AGES,
    AGO,
    COUNTS,
    HOURS,
    LAST_RATING,
    NO_COUNTS,
    NOW,
    PRICE_FELL,
    PRICE_ROSE,
    SECONDS,
    SHARES,
    SURVEY_SILENT,
    UNPAID,
)
from tenure.pipelines.reasons.spans import DAYS, ago, duration

Row = Mapping[str, float]

STEM = re.compile(r"^(?P<stem>.+?)(?P<mean>_mean)?_(?P<days>\d+)d$")


def service(row: Row, feature: str, own: Callable[[int], bool]) -> Said | None:
    """What is said of a feature of these families; `own` tells whether a count over so many days is exact.

    >>> from tenure.pipelines.reasons.saying import say
    >>> row = {"service_open_cases": 2.0, "service_open_days": 9.0}
    >>> say(service(row, "service_open_days", lambda days: True) or [], "en")
    '2 cases are open, the oldest for 9 days'
    """
    for found in (_now(row, feature), _ago(row, feature), _rating(row, feature), _price(row, feature)):
        if found:
            return [found]
    told = STEM.match(feature.replace("_trend_91d_364d", "_mean_91d").replace("_largest_", "_mean_"))
    found = _window(row, told, own) if told else None
    return [found] if found else None


def is_counted(feature: str) -> bool:
    """Whether a feature counts over a window: its value is scaled up while the data are young."""
    told = STEM.match(feature)
    return told is not None and told["stem"] in COUNTS and told["stem"] != "service_transfers_left"


def _now(row: Row, feature: str) -> Clause | None:
    for stem, message in NOW.items():
        if feature.startswith(stem):
            count, days = (row.get(f"service_{name}", math.nan) for name in AGES[stem])
            return message(n=round(count), age=DAYS(n=round(days))) if count > 0 else None
    return None


def _ago(row: Row, feature: str) -> Clause | None:
    days = row.get(feature, math.nan)
    return None if feature not in AGO or math.isnan(days) else AGO[feature](when=ago(days))


def _rating(row: Row, feature: str) -> Clause | None:
    last, days = row.get("satisfaction_last", math.nan), row.get("satisfaction_last_days_since", math.nan)
    if feature.startswith("satisfaction_silent") and row.get("satisfaction_silent_last") == 1.0:
        return SURVEY_SILENT()
    rating = feature.startswith(("satisfaction_last", "satisfaction_mean", "satisfaction_lowest", "satisfaction_trend"))
    if rating and not math.isnan(last + days):
        return LAST_RATING(n=round(days), rating=round(100 * last))
    return None


def _price(row: Row, feature: str) -> Clause | None:
    change, since = row.get("contract_price_change", math.nan), row.get("contract_failed_since_paid", math.nan)
    if feature in ("contract_price", "contract_price_change") and abs(change) >= 0.005:
        return (PRICE_ROSE if change > 0 else PRICE_FELL)(share=round(100 * abs(change)))
    return UNPAID(n=round(since)) if feature == "contract_failed_since_paid" and since > 0 else None


def _window(row: Row, told: re.Match[str], own: Callable[[int], bool]) -> Clause | None:
    stem, days = told["stem"], int(told["days"])
    value = row.get(f"{stem}{told['mean'] or ''}_{days}d", math.nan)
    if math.isnan(value):
        return None
    if stem in COUNTS:
        said = COUNTS[stem](n=round(value), days=days) if value else NO_COUNTS[stem](days=days)
        return said if own(days) or not is_counted(told.string) else None
    if stem in SHARES:
        return SHARES[stem](share=round(100 * value), days=days)
    if stem in HOURS:
        return HOURS[stem](time=duration(value), days=days)
    return SECONDS[stem](time=duration(value / 3600), days=days) if stem in SECONDS else None
