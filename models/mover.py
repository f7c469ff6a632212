"""Intervals of a rate and of the difference of two, which hold for few cases and for dependent ones."""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import ndtr, ndtri

CERTAIN = 40.0
"""Standard errors beyond which the chance of an error is nothing to a computer."""


class Rate(NamedTuple):
    """A share, and of how many independent cases it has the precision."""

    value: float
    size: float


def quantile(level: float) -> float:
    """How many standard errors lie on either side of the middle `level` of a normal distribution.

    >>> round(quantile(0.95), 3)
    1.96
    """
    return float(ndtri(0.5 + level / 2))


def wilson(rate: Rate, z: float) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927), `z` standard errors to either side.

    It lies within 0 and 1, and has a width where nothing or everything happened.

    >>> [round(end, 4) for end in wilson(Rate(0.0, 20), 1.96)], [round(end, 3) for end in wilson(Rate(0.5, 96), 1.96)]
    ([0.0, 0.1611], [0.402, 0.598])
    """
    share, spread = rate.value, z * z / rate.size
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(max(spread * share * (1 - share) + spread * spread / 4, 0.0)) / (1 + spread)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def difference(first: Rate, second: Rate, z: float, *, correlation: float = 0.0) -> tuple[float, float]:
    """The interval of `first` minus `second`.

    The distances of each share from the ends of its own interval are put together (Newcombe 1998, method 10; with
    a `correlation` of the two estimates as in his method for paired shares, and by Zou and Donner 2008, MOVER).

    >>> low, high = difference(Rate(56 / 70, 70), Rate(48 / 80, 80), 1.96)  # Newcombe's own example
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    (low, high), (lower, higher) = wilson(first, z), wilson(second, z)
    found = first.value - second.value
    below = _together(first.value - low, higher - second.value, correlation)
    above = _together(high - first.value, second.value - lower, correlation)
    return found - below, found + above


def p_value(first: Rate, second: Rate, *, correlation: float = 0.0) -> float:
    """Two-sided: one minus the level of the widest interval of the difference that does not reach 0.

    >>> round(p_value(Rate(0.5, 50), Rate(0.5, 50)), 3), round(p_value(Rate(56 / 70, 70), Rate(48 / 80, 80)), 3)
    (1.0, 0.008)
    """
    if first.value < second.value:
        first, second = second, first
    least, most = 0.0, CERTAIN
    while most - least > 1e-6:
        z = (least + most) / 2
        least, most = (z, most) if difference(first, second, z, correlation=correlation)[0] > 0 else (least, z)
    return float(2 * ndtr(-(least + most) / 2))


def _together(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(one * one + other * other - 2 * correlation * one * other, 0.0))
