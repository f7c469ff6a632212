"""What may be said of saves: so many kept, no effect, or not yet, with how many more it takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from tenure.models.mover import quantile
from tenure.models.saves import CLAIMED, LEAST_HELD_OUT, LEVEL, Saves

POWER = 0.8
"""In so many cases an effect of the assumed size is to be found."""

Name = Literal[
    "kept", "driven away", "cannot show an effect", "cannot tell yet", "hold-out too small", "do not believe"
]


@dataclass(frozen=True)
class SavesVerdict:
    """The verdict, the sentence that says it with figures, and how many more places on lists it takes (None: any)."""

    name: Name
    sentence: str
    needed: int | None = None


def needed(found: Saves, *, save_rate: float) -> int | None:
    """How many more places on lists it takes to see whether contacts keep `save_rate` of those who would leave.

    With the rate of leaving `p` among the held-out the effect would be `d = save_rate * p`. Its standard error is now
    `s` with `n` places, and shrinks as `1 / sqrt(n)`; an interval of 99 % excludes 0 in 80 of 100 cases where
    `s = d / (2.576 + 0.842)` (Cohen 1988, chapter 2). So `n * ((2.576 + 0.842)^2 * s^2 / d^2 - 1)` are missing, the
    same share of them held out; 0 where there are enough. None where nobody who was held out left, or nothing is
    assumed to be saved.
    """
    effect = save_rate * found.rate_held_out
    if effect <= 0:
        return None
    error = (found.effect.high - found.effect.low) / (2 * quantile(LEVEL))
    wanted = effect / (quantile(1 - CLAIMED) + quantile(2 * POWER - 1))
    places = found.contacts + found.held_out
    return max(0, math.ceil(places * ((error / wanted) ** 2 - 1)))


def say(found: Saves, *, save_rate: float, ratio_is_wrong: bool) -> SavesVerdict:
    """The verdict on saves, of which `save_rate` had been assumed.

    An effect is claimed where an interval of 99 % excludes 0. Where it does not, it cannot be told yet, unless an
    effect as assumed would have been seen by now.
    """
    span = _span(found)
    if ratio_is_wrong:
        return SavesVerdict(
            "do not believe",
            "The sample ratio is wrong: do not believe this. Other people are held out than were drawn, "
            f"so that the arms cannot be compared; {span} is what they would say.",
        )
    if not found.enough_held_out:
        return SavesVerdict(
            "hold-out too small",
            f"The hold-out is too small to tell anything: {_people(found.persons_held_out)} held out, "
            f"at least {LEAST_HELD_OUT} are needed.",
        )
    if found.p_value < CLAIMED:
        if found.effect.value > 0:
            return SavesVerdict("kept", f"{span[0].upper()}{span[1:]}.")
        return SavesVerdict("driven away", f"Contacts drive customers away: {span}.")
    more = needed(found, save_rate=save_rate)
    if more == 0:
        return SavesVerdict(
            "cannot show an effect",
            f"Cannot show an effect: {span}, and had contacts kept {save_rate:.0%} of those who would leave, as is "
            "assumed, it would have been seen.",
            0,
        )
    if more is None:
        return SavesVerdict("cannot tell yet", f"Cannot tell yet: {span}; {_nobody(found)}.")
    leans = " It leans that way, but not surely enough to be claimed." if _leans(found) else ""
    share = found.held_out / (found.contacts + found.held_out)
    return SavesVerdict(
        "cannot tell yet",
        f"Cannot tell yet, needs about {rounded(more):,} more places on lists, {share:.0%} of them held out: "
        f"{span}.{leans}",
        more,
    )


def _span(found: Saves) -> str:
    saved = found.saved
    whom = f"of {found.contacts:,} to be contacted"
    if saved.low >= 0:
        return f"about {saved.value:,.0f} {whom} were kept, between {saved.low:,.0f} and {saved.high:,.0f}"
    if saved.high <= 0:
        return f"about {-saved.value:,.0f} {whom} left because of it, between {-saved.high:,.0f} and {-saved.low:,.0f}"
    return f"{whom} it may be anything from {-saved.low:,.0f} driven away to {saved.high:,.0f} kept"


def rounded(count: int) -> int:
    """Up to two digits.

    >>> rounded(50_059), rounded(7)
    (51000, 7)
    """
    unit = 10 ** max(len(str(count)) - 2, 0)
    return -(-count // unit) * unit


def _leans(found: Saves) -> bool:
    return found.effect.low > 0 or found.effect.high < 0


def _nobody(found: Saves) -> str:
    if found.rate_held_out <= 0:
        return "nobody who was held out left so far, so that nobody can say how many more are needed"
    return "no save rate is assumed ([economics] save_rate), so that nobody can say how many more are needed"


def _people(count: int) -> str:
    return "1 person is" if count == 1 else f"{count:,} people are"
