"""The linear text model: one text equals the batch, arrays equal the model, and it learns what it is shown."""

from __future__ import annotations

import io
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from tenure.models.ngrams import BLOCK, BUCKETS, plain, terms
from tenure.models.text_model import LabelsTooFew, TextModel, fit_text

BAD = [
    "nie działa",
    "awful service",
    "не работи",
    "terrible, broken",
    "काम नहीं कर रहा",
    "schlecht und teuer",
    "żałuję zakupu",
]
GOOD = [
    "działa świetnie",
    "great service",
    "работи чудесно",
    "wonderful, thanks",
    "बहुत अच्छा",
    "gut und günstig",
    "polecam zakup",
]
TEXTS = [f"{text} {number}" for number in range(30) for text in (*BAD, *GOOD)]
LABELS = np.array([1.0] * len(BAD) + [0.0] * len(GOOD)).repeat(1).tolist() * 30
WORDS = st.text(max_size=30) | st.sampled_from([*BAD, *GOOD, "", " ", "a", "😀", "\ud800", "\0", "x" * 3_000])


@pytest.fixture(scope="module")
def model() -> TextModel:
    leave = np.array([1.0 if "działa" in text else 0.0 for text in TEXTS])
    return fit_text(TEXTS, {"tone": np.array(LABELS), "leave": leave})


@given(st.lists(WORDS, min_size=1, max_size=12))
def test_a_text_alone_scores_as_among_others_bit_for_bit(model: TextModel, texts: list[str]) -> None:
    together = model.log_odds(texts)
    alone = np.concatenate([model.log_odds([text]) for text in texts])
    assert together.tobytes() == alone.tobytes()
    assert together[::-1].tobytes() == model.log_odds(texts[::-1]).tobytes()
    assert np.isfinite(together).all()


def test_a_block_of_texts_ends_without_a_trace(model: TextModel) -> None:
    texts = (TEXTS * (BLOCK // len(TEXTS) + 2))[: BLOCK + 7]
    assert model.log_odds(texts)[-len(TEXTS) :].tobytes() == model.log_odds(texts[-len(TEXTS) :]).tobytes()


def test_the_model_survives_a_file_without_pickle(model: TextModel) -> None:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **model.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        again = TextModel.from_arrays({name: arrays[name] for name in arrays.files})
    assert again.names == model.names
    assert again.log_odds(TEXTS).tobytes() == model.log_odds(TEXTS).tobytes()


def test_it_tells_bad_from_good_in_every_script(model: TextModel) -> None:
    tone = model.log_odds([*BAD, *GOOD])[:, 0]
    assert (tone[: len(BAD)] > 1).all()
    assert (tone[len(BAD) :] < -1).all()


def test_the_order_of_training_texts_does_not_matter(model: TextModel) -> None:
    turned = fit_text(TEXTS[::-1], {"tone": np.array(LABELS[::-1])})
    assert turned.log_odds(TEXTS)[:, 0] == pytest.approx(model.log_odds(TEXTS)[:, 0], abs=1e-3)


def test_texts_of_neither_class_pull_the_words_they_share_to_the_middle() -> None:
    texts, labels = ["hotel bad", "hotel good", "hotel", "hotel"] * 20, np.array([1.0, 0.0, 0.5, 0.5] * 20)
    found = fit_text(texts, {"tone": labels}).log_odds(["bad", "good", "hotel"])[:, 0]
    assert found[0] > 1 > abs(found[2])
    assert found[1] < -1


def test_labels_that_are_not_known_are_left_out() -> None:
    some = fit_text(TEXTS, {"tone": np.where(np.arange(len(TEXTS)) % 3, LABELS, np.nan)})
    assert some.log_odds(["awful service"])[0, 0] > 0


def test_one_class_is_refused_with_the_counts() -> None:
    with pytest.raises(LabelsTooFew, match="'leave' needs .* found 0 and 2 among 2 labels"):
        fit_text(["a", "b", "c"], {"leave": np.array([1.0, 1.0, np.nan])})


@pytest.mark.parametrize("text", ["Nie działa już od rana", "go", "a b", "", "काम नहीं", "x" * 40, "no no no"])
def test_character_terms_are_those_of_scikit_learn(text: str) -> None:
    wanted = Counter(CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).build_analyzer()(plain(text)))
    found = terms([text])
    ours = found.counts[found.places < BUCKETS]
    assert sorted(ours.tolist()) == sorted(wanted.values())


def test_the_character_part_agrees_with_scikit_learns_pipeline() -> None:
    vectorizer = HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), n_features=BUCKETS, alternate_sign=False, norm=None
    )
    transformer = TfidfTransformer(sublinear_tf=True)
    peer = LogisticRegression(C=10, solver="liblinear").fit(
        transformer.fit_transform(vectorizer.transform(TEXTS)), LABELS
    )
    asked = [*BAD, *GOOD, "awful", "wonderful hotel"]
    theirs = peer.decision_function(transformer.transform(vectorizer.transform(asked)))
    ours = fit_text(TEXTS, {"tone": np.array(LABELS)}).log_odds(asked)[:, 0]
    assert np.corrcoef(ours, theirs)[0, 1] > 0.97


def test_of_contradicting_labels_those_that_count_more_win() -> None:
    texts, labels = [*TEXTS, *TEXTS], np.array([*LABELS, *(1.0 - label for label in LABELS)])
    for first, second, expected in ((1.0, 0.2, 1.0), (0.2, 1.0, 0.0)):
        weights = np.repeat([first, second], len(TEXTS))
        model = fit_text(texts, {"tone": labels}, weights=weights)
        assert ((model.log_odds(BAD)[:, 0] > 0.0) == expected).all()
        assert ((model.log_odds(GOOD)[:, 0] > 0.0) != expected).all()


def test_a_term_that_leans_to_one_side_weighs_more_than_one_that_occurs_on_both() -> None:
    texts = [f"{word} {other}" for word in ("refund", "thanks") for other in ("order", "box", "paper")]
    model = fit_text(texts, {"tone": np.array([1.0] * 3 + [0.0] * 3)})
    leaning, shared = np.abs(model.log_odds(["refund", "box"])[:, 0] - model.intercepts[0])
    assert leaning > 3.0 * shared
