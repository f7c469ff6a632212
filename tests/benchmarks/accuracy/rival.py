"""What a rival is: training rows in, probabilities of the test rows out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from accuracy.rows import Task
from tenure.models.odds import Floats


class NotApplicable(ValueError):
    """The question is not one that the rival can be asked, or its fit does not converge; the message says why."""


class Said(NamedTuple):
    """Probabilities of the test rows, in their order.

    `seconds` are given where a fit is shared; else the call is measured.
    `note` is what a reader has to know, such as for how many rows the model had no answer of its own.
    """

    probabilities: Floats
    seconds: float | None = None
    note: str = ""


class Rival(NamedTuple):
    """A name, how to ask, and whether another seed gives another answer."""

    name: str
    ask: Callable[[Task, int], Said]
    drawn: bool = False
