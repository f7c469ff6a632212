"""One sentence a theme, filled from the unit's own features; every figure in it can be checked."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tenure.pipelines.reasons.kinds import KINDS, KNOWN, OTHER
from tenure.pipelines.reasons.saying import Clause, Message, Said, figure, say
from tenure.pipelines.reasons.service import is_counted, service
from tenure.pipelines.reasons.spans import ago, every
from tenure.pipelines.reasons.voice import manners, voice

Row = Mapping[str, float]

USUALLY = Message("usually %(every)s")
THE_LAST_ONE = Message("the last one %(when)s")
BEFORE_THAT = Message("before that on average %(number)s in %(days)d days")
FIRST_SEEN = Message("first seen %(when)s")

SPENT = Message("spent %(amount)s in the last %(days)d days")
SPENT_NOTHING = Message("spent nothing in the last %(days)d days")
SPENT_NOTHING_BEFORE = Message("before that on average nothing in %(days)d days")
SPENT_BEFORE = Message("before that on average %(amount)s in %(days)d days")
AMOUNT = Message("%(number)s %(currency)s")

RENEWAL = Message("the contract is due for renewal in %(n)d day", "the contract is due for renewal in %(n)d days")
CONTRACT_DAY = Message("day %(day)d of the contract")
BEGINS = Message("the contract begins in %(n)d day", "the contract begins in %(n)d days")
NOTICE = Message("notice was given")
ENDS = Message("notice was given, the contract ends in %(n)d day", "notice was given, the contract ends in %(n)d days")

_OTHERS_ENDED = "%(gone)s of %(n)s other contracts ended early"
OTHERS_ENDED = Message(_OTHERS_ENDED, _OTHERS_ENDED)  # English says it so of one, too

_RHYTHM = "own rhythm so far: comes back within %(n)d {} with a chance of {}"
CHANCE, SLIM_CHANCE, SURE_CHANCE = (
    Message(_RHYTHM.format("day", share), _RHYTHM.format("days", share))
    for share in ("%(share)d%%", "under 1%%", "over 99%%")
)

MEANING = Message("%(meaning)s: %(value)s")
"""What is said of a feature that has no sentence: its meaning, in the words of whoever wrote it."""


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
        """The subject in the singular, in English."""
        return KINDS.get(self.subject, (f"'{self.subject.replace('_', ' ')}'", ""))[0]

    def about(self, what: str, **values: float | Clause) -> Clause:
        """What is said of the subject's kind; see `tenure.pipelines.reasons.kinds.Words`."""
        known = KNOWN.get(self.subject)
        message: Message = getattr(known or OTHER, what)
        return message(**values) if known else message(kind=self.one, **values)

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


def silence(facts: Facts) -> Said | None:
    """How long it has been quiet, and how long is usual."""
    days, gap = facts.value("days_since_last"), facts.value("gap_mean")
    if days is None:
        return None
    quiet = facts.about("silent", n=round(days))
    if gap is not None and days > gap:
        return [quiet, USUALLY(every=every(gap))]
    if gap is not None:
        return [facts.about("regular", every=every(gap)), THE_LAST_ONE(when=ago(days))]
    if not facts.has("gap_mean"):
        return [quiet] if days >= 2 else None
    return [quiet, facts.about("only")] if days >= 2 else [facts.about("only_then", when=ago(days))]


def activity(facts: Facts) -> Said | None:
    """How much there was lately, against the customer's own pace before."""
    lately, longer = facts.value("count_28d"), facts.value("count_91d")
    if lately is None:
        return None
    said = [facts.about("some", n=round(lately), days=28) if lately else facts.about("none", days=28)]
    usual = 0.0 if longer is None or not facts.own(91) else _pace(lately, longer)
    return [*said, BEFORE_THAT(number=figure(usual), days=28)] if lately < usual else said


def history(facts: Facts) -> Said | None:
    """How long the unit is known."""
    days = facts.value("days_since_first")
    return None if days is None else [FIRST_SEEN(when=ago(days))]


def money(facts: Facts) -> Said | None:
    """How much money there was lately."""
    lately, longer = facts.value("amount_28d"), facts.value("amount_91d")
    if lately is None:
        return None
    usual = 0.0 if longer is None or not facts.own(91) else _pace(lately, longer)
    said = [_money(lately, facts, SPENT, SPENT_NOTHING)]
    return [*said, _money(usual, facts, SPENT_BEFORE, SPENT_NOTHING_BEFORE)] if lately < usual else said


def contract(facts: Facts) -> Said | None:
    """Where the contract stands."""
    due = facts.row.get("contract_days_until_renewal", math.nan)
    if facts.feature == "contract_days_until_renewal" and due >= 0:
        return [RENEWAL(n=round(due))]
    day = facts.row.get("contract_day", math.nan)
    if facts.feature in ("contract_day", "contract_days_since_signup") and not math.isnan(day):
        return [CONTRACT_DAY(day=round(day)) if day >= 0 else BEGINS(n=round(-day))]
    end = facts.row.get("contract_days_until_end", math.nan)
    if facts.feature in ("contract_days_until_end", "contract_under_notice") and end >= 0:
        return [ENDS(n=round(end))]
    if facts.feature == "contract_under_notice":
        return [NOTICE()] if facts.row[facts.feature] == 1.0 else None
    return about_service(facts)


def about_service(facts: Facts) -> Said | None:
    """What service, ratings, self-service, price, payments and offers were like."""
    return service(facts.row, facts.feature, facts.own)


def others(facts: Facts) -> Said | None:
    """What the person did with other contracts."""
    signed = facts.row.get("others_signup_count", math.nan)
    gone = facts.row.get("others_cancellation_count", 0.0)
    return [OTHERS_ENDED(gone=round(gone), n=round(signed))] if signed > 0 and gone > 0 else None


def rhythm(facts: Facts) -> Said | None:
    """What the unit's own rhythm of buying makes of the days to come; with care where the chance is slim or sure."""
    found = next((name for name in facts.row if _CHANCE.fullmatch(name)), None)
    odds = facts.row.get(found or "", math.nan)
    if found is None or math.isnan(odds):
        return None
    days = int(found.removeprefix("repeat_odds_").removesuffix("d"))
    share = 1.0 / (1.0 + math.exp(-odds))
    if share < 0.01 or share > 0.99:
        return [SLIM_CHANCE(n=days) if share < 0.01 else SURE_CHANCE(n=days)]
    return [CHANCE(n=days, share=round(100 * share))]


SENTENCES: dict[str, Callable[[Facts], Said | None]] = {
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


def told(theme: str, facts: Facts) -> Said | None:
    """What is said of a theme; one from the feature's own meaning, which stays English, where the theme has none."""
    found = SENTENCES[theme](facts) if theme in SENTENCES else None
    value = facts.row.get(facts.feature, math.nan)
    if found is not None or not math.isfinite(value):
        return found
    if is_counted(facts.feature) or "log ratio" in facts.meaning:
        return None  # a count that is scaled up, or what nobody would say
    window = _SCALED.search(facts.feature)
    if window and (window[1] == "decayed" or not facts.own(int(window[2]))):
        return None
    return [MEANING(meaning=facts.meaning, value=figure(value))]


def sentence(theme: str, facts: Facts) -> str | None:
    """The same as an English sentence."""
    found = told(theme, facts)
    return None if found is None else say(found, "en")


def _pace(lately: float, longer: float) -> float:
    """What there was in 28 days on average, in the 63 days before the last 28."""
    return max(longer - lately, 0.0) / 63 * 28


def _money(value: float, facts: Facts, some: Message, none: Message) -> Clause:
    if value == 0:
        return none(days=28)
    number = figure(value)
    return some(amount=AMOUNT(number=number, currency=facts.currency) if facts.currency else number, days=28)
