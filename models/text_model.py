"""A linear model over hashed terms: tf-idf and logistic regression, one text equal to the batch bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.models.ngrams import BUCKETS, PLACES, Terms, blocks, terms
from tenure.models.odds import Floats

MOST = 4_096
"""Counts beyond this weigh like this many; a table up to it makes a logarithm the same for every caller."""

_WEIGHT_OF_COUNT = np.concatenate([[0.0], 1.0 + np.log(np.arange(1.0, MOST + 1.0))])


@dataclass(frozen=True)
class TextSettings:
    """The inverse penalty (scikit-learn's C), when the solver stops, and the least ease of a term.

    As measured on reviews and posts in seven languages: stopping ten times later costs a fifth more
    time and gains nothing, earlier costs .01 of ROC AUC where one language is rare. Terms that lean
    to one side are penalised less (`ease`): .008 of ROC AUC with 38,000 labels, .005 with 4,000 and
    nothing lost with 100, chosen by cross-validation on the training parts alone.
    """

    strength: float = 3.0
    tolerance: float = 0.001
    least_ease: float = 0.5


@dataclass(frozen=True)
class TextModel:
    """What was fitted: `rarity` of each term (its idf), and for each signal weights and an intercept.

    `places` are the terms that occurred in training, ascending; other terms only lengthen a text:
    their rarity is `unseen`. `weights` has a row a signal.
    """

    names: tuple[str, ...]
    places: NDArray[np.uint32]
    rarity: NDArray[np.float32]
    unseen: float
    weights: NDArray[np.float32]
    intercepts: Floats

    def log_odds(self, texts: Sequence[str]) -> Floats:
        """The log-odds of each signal, texts x signals; the same for one text alone as among others."""
        scorer = _Scorer.of(self)
        parts = [scorer.log_odds(part) for part in blocks(texts)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.names)))

    def to_arrays(self) -> dict[str, NDArray]:
        """The model as NumPy arrays by name; floats come back exactly."""
        return {
            "names": np.array(self.names),
            "places": self.places,
            "rarity": self.rarity,
            "unseen": np.array(self.unseen),
            "weights": self.weights,
            "intercepts": self.intercepts,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> TextModel:
        """The model that `to_arrays` wrote."""
        names = tuple(str(name) for name in arrays["names"])
        rest = {name: arrays[name] for name in ("places", "rarity", "weights", "intercepts")}
        return cls(names, unseen=float(arrays["unseen"]), **rest)


def fit_text(
    texts: Sequence[str],
    labels: Mapping[str, NDArray[np.float64]],
    *,
    weights: NDArray[np.float64] | None = None,
    settings: TextSettings | None = None,
) -> TextModel:
    """Fit one regression a signal; `labels` has 1 (yes), 0 (no), 0.5 (neither) or NaN (not known) for each text.

    `weights` say how much the label of each text counts, one where they are not given: labels from
    texts of another sort help when they count less. The order of the texts does not matter beyond
    rounding inside the solver. Raises `LabelsTooFew` where a signal has only one class.
    """
    held = terms(texts)
    places, number = _numbered(held.places)
    rarity, unseen = _rarity(number, len(places), len(texts))
    matrix = _matrix(held, number, places, rarity)
    counts = np.ones(len(texts)) if weights is None else weights
    lines = [_fit(matrix, column, counts, name, settings or TextSettings()) for name, column in labels.items()]
    return TextModel(
        tuple(labels),
        places,
        rarity,
        unseen,
        np.array([weights for weights, _ in lines], dtype=np.float32).reshape(len(lines), len(places)),
        np.array([intercept for _, intercept in lines], dtype=np.float64),
    )


class LabelsTooFew(ValueError):
    """A signal cannot be learnt from labels of one class."""


def _numbered(places: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray]:
    """The places that occur, ascending, and for each occurrence its number among them; nothing is sorted."""
    occurs = np.zeros(PLACES, dtype=bool)
    occurs[places] = True
    return np.flatnonzero(occurs).astype(np.uint32), (np.cumsum(occurs, dtype=np.int32) - 1)[places]


def _rarity(number: NDArray, places: int, texts: int) -> tuple[NDArray[np.float32], float]:
    """Smoothed inverse document frequency, `ln((1 + n) / (1 + df)) + 1`, as in scikit-learn."""
    frequency = np.bincount(number, minlength=places)
    rarity = (np.log((1.0 + texts) / (1.0 + frequency)) + 1.0).astype(np.float32)
    return rarity, float(np.float32(np.log(1.0 + texts) + 1.0))


def _matrix(held: Terms, number: NDArray, places: NDArray[np.uint32], rarity: NDArray[np.float32]):  # type: ignore[no-untyped-def]
    from scipy.sparse import csr_matrix  # only who fits waits for this import

    owner = held.text_of_term()
    values = _WEIGHT_OF_COUNT[np.minimum(held.counts, MOST)] * rarity[number].astype(np.float64)
    lengths = _lengths(owner, held.places, values, len(held))
    values = values / lengths[2 * owner + (held.places >= BUCKETS)]
    return csr_matrix((values, number, held.starts), shape=(len(held), len(places)))


def _lengths(owner: NDArray, places: NDArray[np.uint32], values: Floats, texts: int) -> Floats:
    """The Euclidean length of each text's two parts, characters and words; 1 for an empty part."""
    part = 2 * owner + (places >= BUCKETS)
    lengths = np.sqrt(np.bincount(part, weights=values * values, minlength=2 * texts))
    return np.where(lengths > 0.0, lengths, 1.0)


def _fit(matrix: Any, labels: Floats, counts: Floats, name: str, settings: TextSettings) -> tuple[Floats, float]:
    """The weights of one signal; with texts of neither class, half of "yes or not" less "no or not"."""
    known = np.flatnonzero(~np.isnan(labels))
    given, rows, counts = labels[known], matrix[known], counts[known]
    yes, no = given == 1.0, given == 0.0
    if not (yes.any() and no.any()):
        raise LabelsTooFew(
            f"signal {name!r} needs texts labelled 0 and texts labelled 1, found {int(no.sum())} and "
            f"{int(yes.sum())} among {len(known)} labels; leave the signal out"
        )
    ease = _ease(rows, counts * yes, counts * no) + settings.least_ease
    eased = rows.multiply(ease).tocsr()
    weights, intercept = _line(eased, yes, counts, settings)
    if not (yes | no).all():
        against, below = _line(eased, no, counts, settings)
        weights, intercept = (weights - against) / 2.0, (intercept - below) / 2.0
    return weights * ease, intercept


def _ease(matrix: Any, yes: Floats, no: Floats) -> Floats:
    """How far each term leans to one side: the absolute log ratio of its shares in texts of yes and of no.

    Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic classification", 2012;
    there the columns are multiplied by the signed ratio, which for a linear model is the same.
    """
    present = matrix.copy()
    present.data[:] = 1.0
    with_yes, with_no = present.T @ yes + 1.0, present.T @ no + 1.0
    return np.abs(np.log(with_yes / with_yes.sum()) - np.log(with_no / with_no.sum()))


def _line(matrix: Any, labels: NDArray[np.bool_], counts: Floats, settings: TextSettings) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(C=settings.strength, tol=settings.tolerance, solver="liblinear", random_state=0)
    regression.fit(matrix, labels, sample_weight=counts)
    return regression.coef_[0], float(regression.intercept_[0])


@dataclass(frozen=True)
class _Scorer:
    """A model spread over all places, so that a term is looked up by its place."""

    rarity: Floats
    weights: Floats
    intercepts: Floats

    @classmethod
    def of(cls, model: TextModel) -> _Scorer:
        rarity = np.full(PLACES, model.unseen)
        rarity[model.places] = model.rarity
        weights = np.zeros((len(model.names), PLACES))
        weights[:, model.places] = model.weights
        return cls(rarity, weights, model.intercepts)

    def log_odds(self, part: Terms) -> Floats:
        """Sums by `bincount`, which adds in the order of the terms whoever else is in the block."""
        owner, texts = part.text_of_term(), len(part)
        values = _WEIGHT_OF_COUNT[np.minimum(part.counts, MOST)] * self.rarity[part.places]
        lengths = _lengths(owner, part.places, values, texts).reshape(texts, 2)
        half = 2 * owner + (part.places >= BUCKETS)
        found = np.empty((texts, len(self.weights)))
        for signal, weights in enumerate(self.weights):
            sums = np.bincount(half, weights=values * weights[part.places], minlength=2 * texts).reshape(texts, 2)
            found[:, signal] = self.intercepts[signal] + sums[:, 0] / lengths[:, 0] + sums[:, 1] / lengths[:, 1]
        return found
