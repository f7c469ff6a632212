"""The families that look at others or learn, once more, slow and obvious: loops over everybody, textbook formulas."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from oracle.plain import NAN, Unit
from scipy.special import hyp2f1


def repeat_buying(
    unit: Unit, owner: str, states: Sequence[Mapping[str, float] | None], kinds: tuple[str, ...], horizon: int
) -> dict[str, float]:
    """Expected purchases by formula (10) of Fader, Hardie and Lee (2005), and the odds of any."""
    state = states[int.from_bytes(hashlib.md5(owner.encode()).digest()[:8], "little") % 5]
    days = sorted({unit.age(row) for row in unit.of(*kinds)}, reverse=True)
    names = [f"repeat_{what}_{horizon}d" for what in ("expected", "odds", "against_pace")]
    if not days or state is None:
        return dict.fromkeys(names, NAN)
    r, alpha, a, b = (state[name] for name in ("r", "alpha", "a", "b"))
    x, t_x, T, t = len(days) - 1, (days[0] - days[-1]) / 7, (days[0] - 1) / 7, horizon / 7
    still = 1.0 if x == 0 else 1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))
    function = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t))
    bought = (a + b + x - 1) / (a - 1) * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * function)
    any_at_all = still * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x))
    pace = (x + 0.5) / (7 * T + 1) * horizon
    values = (still * bought, math.log(any_at_all / (1 - any_at_all)), math.log(still * bought / pace))
    return dict(zip(names, values, strict=True))


def company(own: str, units: Mapping[str, Unit], kinds: tuple[str, ...], *, per: str, churn: bool) -> dict[str, float]:
    """How the others who live in the same city fare; `units` is everybody by id."""
    here = _city(units[own], own, per)
    others = [u for name, u in units.items() if name != own and here and _city(u, name, per) == here]
    found = _churn(others) if churn else {}
    found |= _activity(units[own], others, kinds)
    few = len(others) < 5
    return {f"peers_city_{name}": NAN if few else float(value) for name, value in found.items()}


def _activity(own: Unit, others: list[Unit], kinds: tuple[str, ...]) -> dict[str, float]:
    def count(unit: Unit, days: int) -> int:
        return len(unit.ages(unit.of(*kinds) if kinds else unit.rows, days))

    active = {days: [u for u in others if count(u, days)] for days in (7, 28)}
    before = [u for u in others if count(u, 56) > count(u, 28)]
    found: dict[str, float] = {"active_share_28d": len(active[28]) / max(len(others), 1)}
    for days in (7, 28):
        mean = sum(count(u, days) for u in others) / len(active[days]) if len(active[days]) >= 5 else NAN
        found[f"own_against_{days}d"] = math.log(count(own, days) + 0.5) - math.log(mean + 0.5)
    if own.observes(56):
        quiet = [u for u in before if not count(u, 28)]
        found["gone_quiet_share"] = len(quiet) / len(before) if len(before) >= 5 else NAN
        lately = sum(count(u, 28) for u in others)
        found["trend_28d_56d"] = math.log(lately + 0.5) - math.log(sum(count(u, 56) for u in others) - lately + 0.5)
    return found


def _churn(others: list[Unit]) -> dict[str, float]:
    standing = [u for u in others if _standing(u)]
    found = {}
    for days in (28, 91):
        gone = [u for u in others if u not in standing and u.ages(u.of("cancellation"), days)]
        among = len(gone) + len(standing)
        found[f"cancelled_share_{days}d"] = len(gone) / among if among else NAN
    return found


def _standing(unit: Unit) -> bool:
    opened = max((row["occurred_at"] for row in unit.of("signup", "renewal")), default=None)
    ended = max((row["occurred_at"] for row in unit.of("cancellation")), default=None)
    return opened is not None and (ended is None or opened > ended)


def _city(unit: Unit, name: str, per: str) -> str | None:
    """Where a unit lives, once there is a row that names it."""
    facts: list[dict[str, Any]] = [fact for fact in unit.facts if fact["name"] == "city"]
    if not facts or not any(row[f"{per}_id"] == name for row in unit.rows):
        return None
    newest = max(fact["occurred_at"] for fact in facts)
    return max(fact["value"] for fact in facts if fact["occurred_at"] == newest)
