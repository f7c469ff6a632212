"""The features once more, slow and obvious: one unit at a time, loops over its rows, days of zoneinfo.

Written from the meanings of the columns, not from the kernel; nothing is shared with it.
"""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction
from itertools import pairwise
from statistics import fmean, pstdev
from typing import Any
from zoneinfo import ZoneInfo

from oracle.service import expected_service
from oracle.voice import Hear, expected_voice

NAN = math.nan
NO_END = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
WINDOWS = (7, 14, 28, 56, 91, 182, 364)
SLIM = (28, 91, 364)
TRENDS = ((7, 28), (28, 91), (91, 182))

Row = dict[str, Any]


class Unit:
    """What may be known of one customer or one contract at the midnight that begins `as_of`."""

    def __init__(
        self, rows: list[Row], facts: list[Row], unit: str, *, per: str, zone: str, as_of: dt.date, begin: dt.date
    ) -> None:
        self.as_of, self.zone = as_of, ZoneInfo(zone)
        self.observed = (as_of - begin).days
        owner = next(r["customer_id"] for r in rows if r[f"{per}_id"] == unit)
        known = [r for r in rows if r["customer_id"] == owner and self._may_use(r)]
        own = [r for r in known if per == "customer" or r["contract_id"] in (unit, None)]
        self.owner = owner
        self.rows = sorted(own, key=lambda r: r["occurred_at"])
        self.others = [r for r in known if r not in own]
        self.facts = [f for f in facts if f["customer_id"] == owner and self._may_use(f)]

    def _may_use(self, row: Row) -> bool:
        midnight = dt.datetime.combine(self.as_of, dt.time(), self.zone).astimezone(dt.UTC)
        known, until = row.get("known_at") or row["occurred_at"], row.get("superseded_at") or NO_END
        return row["occurred_at"] < midnight and known <= midnight and until > midnight

    def age(self, row: Row) -> int:
        """How many midnights ago the local day of a row was."""
        return (self.as_of - row["occurred_at"].astimezone(self.zone).date()).days

    def ages(self, rows: list[Row], days: float = math.inf) -> list[int]:
        """The ages of the rows of the last `days` days."""
        return [self.age(r) for r in rows if self.age(r) <= days]

    def scale(self, days: int) -> float:
        """Totals of windows that begin before the data are scaled up."""
        return days / min(days, max(self.observed, 1))

    def observes(self, days: int) -> bool:
        """Whether there are data for so many days, one day of grace given."""
        return self.observed >= days - 1

    def of(self, *kinds: str) -> list[Row]:
        """The rows of some kinds."""
        return [r for r in self.rows if r["kind"] in kinds]


def expected(unit: Unit, keys: frozenset[str], subject: tuple[str, ...], horizon: int, hear: Hear) -> dict[str, float]:
    """Every column of the built-in families for one unit."""
    kinds = [k[5:] for k in keys if k.startswith("kind:")]
    paid = [k[7:] for k in keys if k.startswith("amount:")]
    columns: dict[str, float] = {}
    if "any" in keys:
        columns |= _subject(unit, "any", unit.rows, not subject, horizon)
    for kind in kinds:
        columns |= _subject(unit, kind, unit.of(kind), kind in subject, horizon)
    for channel in (k[8:] for k in keys if k.startswith("channel:")):
        for days in (28, 91):
            there = unit.ages([r for r in unit.rows if r["channel"] == channel], days)
            columns[f"by_{channel}_count_{days}d"] = len(there) * unit.scale(days)
    for kind in paid:
        columns |= _money(unit, kind, kind in subject or f"sole:{kind}" in keys)
    columns |= expected_service(unit, keys) | expected_voice(unit, keys, hear)
    return columns | _contract(unit, kinds) | _profile(unit, keys)


def _subject(unit: Unit, name: str, rows: list[Row], rich: bool, horizon: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for days in WINDOWS if rich else SLIM:
        found[f"count_{days}d"] = len(unit.ages(rows, days)) * unit.scale(days)
    found["days_since_last"] = min(unit.ages(rows), default=NAN)
    if rich:
        found |= _active(unit, rows) | _gaps(unit, rows, horizon) | _habits(unit, rows) | _pace(unit, rows, horizon)
    return {f"{name}_{suffix}": float(value) for suffix, value in found.items()}


def _active(unit: Unit, rows: list[Row]) -> dict[str, float]:
    found: dict[str, float] = {}
    active = {days: len(set(unit.ages(rows, days))) for days in WINDOWS}
    for days in WINDOWS:
        found[f"active_days_{days}d"] = active[days] * unit.scale(days)
    for half_life in (7, 14, 28, 56, 112):
        weights = [_weight(age, half_life) for age in set(unit.ages(rows))]
        found[f"decayed_{half_life}d"] = sum(weights) * _young(unit, half_life)
    for short, long in TRENDS:
        if unit.observes(long):
            found[f"trend_{short}d_{long}d"] = _trend(active[short], active[long], short, long)
    for weeks in (4, 12):
        if unit.observes(7 * weeks):
            found[f"active_weeks_{weeks}w"] = len({(age - 1) // 7 for age in unit.ages(rows, 7 * weeks)})
    first = max(unit.ages(rows), default=NAN)
    found["days_since_first"] = first
    found["active_days_weekly"] = NAN if math.isnan(first) else len(set(unit.ages(rows))) / max(first, 1) * 7
    return found


def _gaps(unit: Unit, rows: list[Row], horizon: int) -> dict[str, float]:
    days = sorted(set(unit.ages(rows)), reverse=True)
    gaps = [before - after for before, after in pairwise(days)]
    silence = days[-1] if days else NAN
    mean, spread = (fmean(gaps), pstdev(gaps)) if gaps else (NAN, NAN)
    longest = max(gaps, default=NAN)
    return {
        "gap_mean": mean,
        "gap_std": spread,
        "gap_cv": spread / mean,
        "gap_largest": longest,
        **{f"gap_last_{back}": gaps[-back] if len(gaps) >= back else NAN for back in (1, 2, 3)},
        "silence_in_gaps": silence / mean,
        "silence_in_gaps_cautious": silence * (len(gaps) + 1) / (sum(gaps) + horizon),
        "silence_in_largest_gap": silence / longest,
        "gaps_longer_share": (sum(gap > silence for gap in gaps) + 0.5) / (len(gaps) + 1),
        "gaps_of_horizon_share": (sum(gap >= horizon for gap in gaps) + 0.1) / (len(gaps) + 1),
    }


def _habits(unit: Unit, rows: list[Row]) -> dict[str, float]:
    if not unit.observes(28):
        return {}
    days = set(unit.ages(rows, 84))
    weeks = min(84, unit.observed) / 7
    habit = [
        (sum((unit.as_of - dt.timedelta(days=age)).weekday() == weekday for age in days) + len(days) / 7) / (weeks + 1)
        for weekday in range(7)
    ]
    silence = min(unit.ages(rows), default=NAN)
    quiet = [] if math.isnan(silence) else range(1, min(int(silence), 84))
    missed = sum(habit[(unit.as_of - dt.timedelta(days=age)).weekday()] for age in quiet)
    return {
        "missed_habit": NAN if math.isnan(silence) else missed,
        "weekday_share": max(habit) / sum(habit) if sum(habit) else NAN,
    }


def _pace(unit: Unit, rows: list[Row], horizon: int) -> dict[str, float]:
    first = max(unit.ages(rows), default=NAN)
    found = {}
    for days in SLIM:
        seen = min(days, unit.observed, max(first, 1)) if rows else NAN
        active = len(set(unit.ages(rows, days)))
        found[f"pace_silence_{days}d"] = (1 + active) * math.log((horizon + seen) / (2 * horizon + seen))
    return found


def _money(unit: Unit, kind: str, rich: bool) -> dict[str, float]:
    rows = unit.of(kind)
    paid = {days: [_exact(r) for r in rows if unit.age(r) <= days and r["amount"] is not None] for days in WINDOWS}
    total = {days: float(sum(paid[days])) for days in WINDOWS}
    found = {f"{kind}_amount_{days}d": total[days] * unit.scale(days) for days in (WINDOWS if rich else SLIM)}
    if not rich:
        return found
    for days in SLIM:
        found[f"{kind}_amount_mean_{days}d"] = float(sum(paid[days]) / len(paid[days])) if paid[days] else NAN
    for days in (28, 91):
        found[f"{kind}_amount_largest_{days}d"] = float(max(paid[days], default=NAN))
    last = [r for r in rows if r["occurred_at"] == rows[-1]["occurred_at"] and r["amount"] is not None]
    found[f"{kind}_amount_last"] = max((r["amount"] for r in last), default=NAN)
    for half_life in (14, 56):
        weighed = [(r["amount"] or 0.0) * _weight(unit.age(r), half_life) for r in rows]
        found[f"{kind}_amount_decayed_{half_life}d"] = sum(weighed) * _young(unit, half_life)
    for short, long in TRENDS:
        if unit.observes(long):
            change = _trend(max(total[short], 0.0), max(total[long], 0.0), short, long)
            found[f"{kind}_amount_trend_{short}d_{long}d"] = change
    return found


def _contract(unit: Unit, kinds: list[str]) -> dict[str, float]:
    def since(rows: list[Row]) -> float:
        return min(unit.ages(rows), default=NAN)

    def due(kind: str) -> float:
        rows = unit.of(kind)
        dates = [r["due_at"] for r in rows if r["occurred_at"] == rows[-1]["occurred_at"] and r["due_at"]]
        return (max(dates).astimezone(unit.zone).date() - unit.as_of).days if dates else NAN

    found: dict[str, float] = {}
    for kind in ("signup", "renewal", "notice", "plan_changed", "price_changed"):
        found[f"contract_days_since_{kind}"] = since(unit.of(kind))
    found["contract_day"] = since(unit.of("signup")) if math.isnan(due("signup")) else -due("signup")
    found["contract_days_until_renewal"] = due("renewal_due")
    for kind in ("plan_changed", "price_changed"):
        found[f"contract_{kind}_count"] = len(unit.ages(unit.of(kind), 364))
    signed, gone = ([r for r in unit.others if r["kind"] == kind] for kind in ("signup", "cancellation"))
    for kind in ("signup", "cancellation", "renewal"):
        other = [r for r in unit.others if r["kind"] == kind]
        found |= {f"others_{kind}_count": len(other), f"others_{kind}_days_since": since(other)}
    found["others_cancelled_share"] = len(gone) / len(signed) if signed else NAN
    here = {
        f"contract_days_until_{'renewal'}": "renewal_due",
        "contract_day": "signup",
        "others_cancelled_share": "cancellation",
    }

    def kind_of(name: str) -> str:
        return here.get(name) or next(k for k in sorted(_CONTRACT, key=len, reverse=True) if k in name)

    return {name: float(value) for name, value in found.items() if kind_of(name) in kinds}


_CONTRACT = ("signup", "renewal", "renewal_due", "notice", "cancellation", "plan_changed", "price_changed")


def _profile(unit: Unit, keys: frozenset[str]) -> dict[str, float]:
    def last(name: str) -> list[str]:
        facts = [f for f in unit.facts if f["name"] == name]
        newest = max((f["occurred_at"] for f in facts), default=None)
        return [f["value"] for f in facts if f["occurred_at"] == newest]

    found = {"profile_age": max(map(float, last("age")), default=NAN)}
    for level in (k.split("=")[1] for k in keys if k.startswith("level:city=")):
        found[f"profile_city_{level.lower()}"] = float(max(last("city")) == level) if last("city") else NAN
    return found


def _exact(row: Row) -> Fraction:
    return Fraction(round(row["amount"] * 10_000), 10_000)


def _weight(age: int, half_life: int) -> float:
    return 0.0 if age > 20 * half_life else round(2**20 * 0.5 ** (age / half_life)) / 2**20


def _young(unit: Unit, half_life: int) -> float:
    return 1 / (1 - 0.5 ** (max(unit.observed, 1) / half_life))


def _trend(short: float, long: float, short_days: int, long_days: int) -> float:
    before = max(long - short, 0.0)
    return math.log((short + 0.5) / short_days / ((before + 0.5) / (long_days - short_days)))
