"""What is assumed of a contact, in words, and who is not contacted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenure.pipelines.settings.decisions import CONTACT_COST, Economics

USUAL = Economics()
ORIGIN = (
    "twenty minutes at the US median pay of customer service representatives in 2021, $36,920 a year "
    "(Bureau of Labor Statistics)"
)


def assumptions(worth: Mapping[str, Any] | None) -> list[str]:
    """The terms by which the gains of a score set were computed, a sentence each; nothing where there are none.

    >>> usual = {**USUAL.model_dump(), "currency": "EUR"}
    >>> assumptions({"assumed": usual})[0]
    'assumed: a contact keeps 10 of 100 who would leave (a default, not measured)'
    >>> assumptions({"assumed": {**usual, "value": "spent * 4", "offer_cost": 20.0}})[1:]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['what is lost with a customer: spent * 4 EUR', 'a contact costs 5.92 EUR (a default: twenty minutes at the US
      median pay of customer service representatives in 2021, $36,920 a year (Bureau of Labor Statistics))',
      'an offer costs 20 EUR where it is taken: by whoever is kept, and by 100 of 100 who would have stayed']
    """
    held = (worth or {}).get("assumed")
    if not held:
        return []
    currency = held["currency"]
    rate, value, cost = held["save_rate"], held["value"], held["contact_cost"]
    amount = value if isinstance(value, str) else f"{value:g}"
    default = " (a default: say in [economics] what it is)" if value == USUAL.value else ""
    measured = held.get("effect_model")
    found = [
        f"what a contact changes is estimated for each customer, from published lists ({measured})"
        if measured
        else f"assumed: a contact keeps {100 * rate:g} of 100 who would leave"
        f"{' (a default, not measured)' if rate == USUAL.save_rate else ' (not measured)'}",
        f"what is lost with a customer: {amount} {currency}{default}",
        f"a contact costs {cost:g} {currency}{f' (a default: {ORIGIN})' if cost == CONTACT_COST else ''}",
    ]
    if held["offer_cost"]:
        found.append(
            f"an offer costs {held['offer_cost']:g} {currency} where it is taken: by whoever is kept, and by "
            f"{100 * held['stayers_accept']:g} of 100 who would have stayed"
        )
    return found


def barred_in_words(worth: Mapping[str, Any] | None) -> list[str]:
    """How many are not contacted, and how many are not scored, by cause.

    >>> barred_in_words({"barred": {"consent": 1200}, "excluded": {"staff": 3}, "unvalued": 0})
    ['1,200 not to be contacted (consent)', '3 excluded (staff)']
    """
    held = worth or {}
    told = [f"{count:,} not to be contacted ({cause})" for cause, count in held.get("barred", {}).items()]
    told += [f"{count:,} excluded ({cause})" for cause, count in held.get("excluded", {}).items()]
    return told + ([f"{held['unvalued']:,} without a known value"] if held.get("unvalued") else [])
