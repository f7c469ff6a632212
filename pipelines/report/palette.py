"""Colours and names of what the report shows; colours tell apart for the colour-blind, and never alone."""

from __future__ import annotations

from dataclasses import dataclass

INK = "#1b2430"
MUTED = "#5b6675"
RULE = "#d8dee6"
PAPER = "#fefefe"
PALE = "#b9c3cf"


@dataclass(frozen=True)
class Look:
    """How a model is drawn and called."""

    name: str
    colour: str
    marker: str


LOOKS = {
    "recency": Look("days since last", "#d55e00", "s"),
    "logistic": Look("logistic", "#c0609b", "^"),
    "boosted": Look("boosted", "#00916a", "D"),
    "risk": Look("risk", "#0072b2", "o"),
}

ROLES = {look.colour: f"--{model}" for model, look in LOOKS.items()} | {
    INK: "--ink",
    MUTED: "--muted",
    RULE: "--rule",
    PAPER: "--card",
    PALE: "--pale",
}
"""The style-sheet variable that stands for each colour, so that plots follow the page into the dark."""


def look_of(model: str) -> Look:
    """How a model is drawn; one we do not know is grey under its own name.

    >>> look_of("recency").name, look_of("uplift").name
    ('days since last', 'uplift')
    """
    return LOOKS.get(model, Look(model, MUTED, "v"))
