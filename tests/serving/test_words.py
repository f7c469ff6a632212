"""Bands and statuses in words."""

from __future__ import annotations

from tenure.pipelines.settings.outcome import Cancellation, Inactivity
from tenure.serving.words import in_words

LEAVES = Cancellation(type="cancellation", horizon_days=28)


def words(probability: float) -> str:
    return in_words(LEAVES, status="scored", band="low", probability=probability)


def test_small_and_large_probabilities_are_not_rounded_to_certainty() -> None:
    assert words(0.001) == "Low: fewer than 1 of 100 leave within 28 days"
    assert words(0.999) == "Low: more than 99 of 100 leave within 28 days"


def test_a_lead_is_said() -> None:
    quiet = Inactivity(type="inactivity", kinds=("purchase",), horizon_days=1, lead_days=7)
    said = in_words(quiet, status="scored", band="high", probability=0.4)
    assert said == "High: about 40 of 100 go quiet for 1 day, starting in 7"
