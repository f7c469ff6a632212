"""One sentence a theme, filled from the unit's own features; every figure in it can be checked."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tenure.pipelines.reasons.service import is_counted, service
from tenure.pipelines.reasons.voice import manners, voice

Row = Mapping[str, float]

SILENT_KINDS = {
    "any": ("interaction", "interactions"),
    "purchase": ("purchase", "purchases"),
    "visit": ("visit", "visits"),
    "payment": ("payment", "payments"),
    "usage": ("use", "uses"),
    "message_in": ("message", "messages"),
}


@dataclass(frozen=True)
class Facts:
    """The features of one unit, seen through the feature that weighs most in a theme."""

    row: Row
    feature: str
    meaning: str
    currency: str = ""

    @property
    def subject(self) -> str:
        """The kind (or `any`) that the feature describes: the longest one whose columns begin like it."""
        known = [name.removesuffix("_days_since_last") for name in self.row if name.endswith("_days_since_last")]
        fitting = [kind for kind in known if self.feature.startswith(kind + "_")]
        return max(fitting, key=len, default="any")

    @property
    def one(self) -> str:
        """The subject in the singular."""
        return SILENT_KINDS.get(self.subject, (f"'{self.subject.replace('_', ' ')}'", ""))[0]

    @property
    def many(self) -> str:
        """The subject in the plural."""
        return SILENT_KINDS.get(self.subject, ("", f"'{self.subject.replace('_', ' ')}' rows"))[1]

    def value(self, suffix: str) -> float | None:
        """The subject's feature that ends so, None where it is missing."""
        found = self.row.get(f"{self.subject}_{suffix}", math.nan)
        return None if math.isnan(found) else found

    def has(self, suffix: str) -> bool:
        """Whether the model knows such a feature of the subject at all, be it missing or not."""
        return f"{self.subject}_{suffix}" in self.row

    def own(self, days: int) -> bool:
        """Whether counts and amounts over so many days are surely the unit's own.

        They are scaled up where the data are younger than the window, which they are not when the
        unit was seen before it. Over 28 days they never are: no cut-off has less data behind it.
        """
        seen = (days_ago for name, days_ago in self.row.items() if name.endswith("_days_since_first"))
        return days <= 28 or any(days_ago >= days for days_ago in seen)


def silence(facts: Facts) -> str | None:
    """How long it has been quiet, and how long is usual."""
    days, gap = facts.value("days_since_last"), facts.value("gap_mean")
    if days is None:
        return None
    if gap is not None and days > gap:
        return f"no {facts.one} for {_days(days)}; usually {_every(gap)}"
    if gap is not None:
        return f"{facts.many} {_every(gap)} on average; the last one {_ago(days)}"
    if not facts.has("gap_mean"):
        return f"no {facts.one} for {_days(days)}" if days >= 2 else None
    only = f"only one day with {facts.many} so far"
    return f"no {facts.one} for {_days(days)}; {only}" if days >= 2 else f"{only}, {_ago(days)}"


def activity(facts: Facts) -> str | None:
    """How much there was lately, against the customer's own pace before."""
    lately, longer = facts.value("count_28d"), facts.value("count_91d")
    if lately is None:
        return None
    said = f"{_count(lately, facts)} in the last 28 days"
    if longer is None or not facts.own(91):
        return said
    usual = max(longer - lately, 0.0) / 63 * 28
    return f"{said}; before that on average {_number(usual)} in 28 days" if lately < usual else said


def history(facts: Facts) -> str | None:
    """How long the unit is known."""
    days = facts.value("days_since_first")
    return None if days is None else f"first seen {_ago(days)}"


def money(facts: Facts) -> str | None:
    """How much money there was lately."""
    lately, longer = facts.value("amount_28d"), facts.value("amount_91d")
    if lately is None:
        return None
    said = f"spent {_money(lately, facts)} in the last 28 days"
    usual = 0.0 if longer is None or not facts.own(91) else max(longer - lately, 0.0) / 63 * 28
    return f"{said}; before that on average {_money(usual, facts)} in 28 days" if lately < usual else said


def contract(facts: Facts) -> str | None:
    """Where the contract stands."""
    due = facts.row.get("contract_days_until_renewal", math.nan)
    if facts.feature == "contract_days_until_renewal" and due >= 0:
        return f"the contract is due for renewal in {_days(due)}"
    day = facts.row.get("contract_day", math.nan)
    if facts.feature in ("contract_day", "contract_days_since_signup") and not math.isnan(day):
        return f"day {day:.0f} of the contract" if day >= 0 else f"the contract begins in {_days(-day)}"
    end = facts.row.get("contract_days_until_end", math.nan)
    if facts.feature in ("contract_days_until_end", "contract_under_notice") and end >= 0:
        return f"notice was given, the contract ends in {_days(end)}"
    if facts.feature == "contract_under_notice":
        return "notice was given" if facts.row[facts.feature] == 1.0 else None
    return about_service(facts)


def about_service(facts: Facts) -> str | None:
    """What service, ratings, self-service, price, payments and offers were like."""
    return service(facts.row, facts.feature, facts.own)


def others(facts: Facts) -> str | None:
    """What the person did with other contracts."""
    signed = facts.row.get("others_signup_count", math.nan)
    gone = facts.row.get("others_cancellation_count", 0.0)
    if math.isnan(signed) or not signed:
        return None
    return f"{_number(gone)} of {_number(signed)} other contracts ended early" if gone else None


def rhythm(facts: Facts) -> str | None:
    """What the unit's own rhythm of buying makes of the days to come."""
    found = next((name for name in facts.row if _CHANCE.fullmatch(name)), None)
    odds = facts.row.get(found or "", math.nan)
    if found is None or math.isnan(odds):
        return None
    days = int(found.removeprefix("repeat_odds_").removesuffix("d"))
    return f"own rhythm so far: comes back within {_days(days)} with a chance of {_share(odds)}"


SENTENCES: dict[str, Callable[[Facts], str | None]] = {
    "silence": silence,
    "activity": activity,
    "history": history,
    "money": money,
    "contract": contract,
    "other contracts": others,
    "service": about_service,
    "work on cases": about_service,
    "satisfaction": about_service,
    "complaints": about_service,
    "self-service": about_service,
    "repeat buying": rhythm,
    "price": about_service,
    "failed payments": about_service,
    "offers": about_service,
    "voice": lambda facts: voice(facts.row, facts.feature),
    "how we speak": lambda facts: manners(facts.row, facts.feature),
}

_SCALED = re.compile(r"_(count|amount|decayed)_(\d+)d$")
"""Features whose values are scaled up while the data are young."""

_CHANCE = re.compile(r"repeat_odds_\d+d")
"""The feature that holds the log-odds of buying again within the horizon."""

FOR_YOU_ONLY = frozenset(
    {
        "profile", "other contracts", "history", "voice", "how we speak", "work on cases", "self-service",
        "failed payments", "offers", "repeat buying",
    }
)  # fmt: skip
"""Themes that are never said to the customer."""


def sentence(theme: str, facts: Facts) -> str | None:
    """The sentence of a theme; one from the feature's own meaning where the theme has none."""
    found = SENTENCES[theme](facts) if theme in SENTENCES else None
    value = facts.row.get(facts.feature, math.nan)
    if found is not None or math.isnan(value):
        return found
    if is_counted(facts.feature) or "log ratio" in facts.meaning:
        return None  # a count that is scaled up, or what nobody would say
    window = _SCALED.search(facts.feature)
    if window and (window[1] == "decayed" or not facts.own(int(window[2]))):
        return None
    return f"{facts.meaning}: {_number(value)}"


def _share(log_odds: float) -> str:
    """A probability in whole per cent, said with care at both ends.

    >>> _share(-1.1), _share(-9.0)
    ('25%', 'under 1%')
    """
    share = 1.0 / (1.0 + math.exp(-log_odds))
    return "under 1%" if share < 0.01 else "over 99%" if share > 0.99 else f"{share:.0%}"


def _days(days: float) -> str:
    return "1 day" if round(days) == 1 else f"{days:.0f} days"


def _ago(days: float) -> str:
    return {0: "today", 1: "yesterday"}.get(round(days), f"{days:.0f} days ago")


def _every(gap: float) -> str:
    return "almost every day" if gap < 1.5 else f"every {gap:.0f} days"


def _count(count: float, facts: Facts) -> str:
    if count == 0:
        return f"no {facts.one}"
    return f"1 {facts.one}" if count == 1 else f"{_number(count)} {facts.many}"


def _money(value: float, facts: Facts) -> str:
    return "nothing" if value == 0 else f"{_number(value)} {facts.currency}".strip()


def _number(value: float) -> str:
    """A figure as one would say it.

    >>> _number(12.0), _number(3.456), _number(1234.5)
    ('12', '3.5', '1,234')
    """
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}"
