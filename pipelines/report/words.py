"""What the report says in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenure.pipelines.examples.study import Study
from tenure.pipelines.outcomes.sentence import VERBS
from tenure.pipelines.proof.backtest import BacktestResult, recency_feature
from tenure.pipelines.settings.source import Source

MEANING = {
    "use": "The model finds the customers at risk clearly better than a list sorted by longest silence does, and by "
    "more than luck explains. It may be registered, used for scores and put in front of people.",
    "use recency": "A list sorted by longest silence does as well as anything else that was tried. That one-feature "
    "model is what is registered: simple, cheap and honest about what it knows.",
    "no signal": "Nothing in this history tells who is at risk better than drawing lots does. No scores and no list "
    "are made from it. Other data, another outcome or a longer horizon may help; more effort on this model will not.",
    "not enough data": "Too few cases were seen to decide anything, either way. Wait for more history, test more "
    "dates, or ask for an outcome that happens more often. Until then no list is made.",
}

GLOSSARY = {
    "Origin": "a past date on which we pretend to stand, knowing only what was known by then.",
    "Interval": "the middle 95 of 100 results when the customers are drawn again at random; a person counts as one "
    "over all dates.",
    "ROC AUC": "how often a customer to whom it happened was ranked above one to whom it did not; 0.5 is chance, 1 is "
    "perfect.",
    "Average precision": "the share of hits on the list, averaged over the places where the hits stand; chance gives "
    "the base rate.",
    "Brier score": "the mean squared distance between the probability and what happened; lower is better.",
    "Log loss": "the penalty for being surely wrong; lower is better.",
    "Calibration error": "how far predicted and observed share lie apart, on average over ten bins; redrawing people "
    "adds noise to it, so its interval lies high.",
    "Calibration in the large": "mean prediction minus what happened on average; 0 is right, above 0 is too gloomy.",
    "Calibration slope": "1 is right; below 1 the predictions are too extreme, above 1 too timid.",
    "Lift in the top tenth": "how many times more cases the riskiest tenth of the list holds than a tenth at random.",
    "Precision at capacity": "the share of hits among those whom we have the capacity to contact; pooled, among "
    "as many of all dates together.",
    "Profit at capacity": "what the contacts that are worth most by a model would have brought, in the project's "
    "currency, as many as there is room for and only while one is worth making; what a contact costs and saves is "
    "assumed, see [economics].",
    "Days since last": "the simple rival: how long a customer has been silent, turned into a probability.",
    "Risk": "what would be registered: at each date chosen among the models and their blend, from the past alone.",
}


@dataclass(frozen=True)
class Words:
    """The nouns and verbs of one outcome."""

    units: str
    happen: str
    happened: str
    baseline: str
    rival: str


def words_of(result: BacktestResult) -> Words:
    """How to speak about the outcome of a back-test."""
    outcome = result.study.outcome
    happen, happened = VERBS[outcome.type]
    known = recency_feature(result.study, result.features) is not None
    return Words(
        units=f"{outcome.unit}s",
        happen=happen,
        happened=happened,
        baseline="days since last" if known else "base rate",
        rival="by longest silence" if known else "without a model",
    )


def timeless_notes(study: Study) -> list[str]:
    """Say of every source that is one undated snapshot what it may have done to the figures."""
    return [_timeless(source, sorted(study.context.profiles)) for source in study.project.source if source.timeless]


def _timeless(source: Source, features: Sequence[str]) -> str:
    start = f"The source {source.name} has no dates: declared timeless, its values count as if they had always held."
    if source.into == "profiles" and not features:
        return f"{start} None of the profiles is a feature, so the figures of this report do not depend on it."
    named = f" ({', '.join(features[:6])}{' and others' if len(features) > 6 else ''})" if features else ""
    return (
        f"{start} The model may learn from it{named}: where such values were written down after the dates "
        "tested, the figures of this report are too good."
    )
