"""How well and how fast signals are read out of texts, on the held-out parts of ../shared/data/text.

Run it with `python tests/benchmarks/text_signals.py [--anchors]`; it prints JSON. The signal is a bad
tone (1) against a good one (0). Splits are those marked in the files; a training text that occurs
in the test too is dropped. Three protocols:

- `reviews_and_posts`: reviews in Polish, Bulgarian and Hindi, posts in English, German, Spanish and
  Portuguese; one model for all seven. `equal` trains on up to 2,500 a language (the posts hold 1,442)
  and tests on 500 each, drawn by a fixed seed; `all_labels` trains on everything, texts that are
  neither good nor bad included, and tests on the same 500 and on everything held out.
- `every_label`: the same test texts, the model trained on the training parts of all files: the labels of
  subtitles and of posts in Hindi besides, subtitles counting a fifth (`SUBTITLES_COUNT`, chosen by
  cross-validation on the training parts). No line of a subtitle is a test text here.
- `reviews`: the all-labels model, the three languages that have reviews, everything held out.
- `subtitles`: six languages of XED. Its languages are translations of the same lines, and the files do
  not say which; so each language has a model of its own, and no translation of a test line is trained on.

With `--anchors` the extra `embeddings` reads the 500 test texts of each language without any label
(two to three minutes of CPU).
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.metrics import roc_auc_score

from tenure.models.text_model import TextModel, fit_text
from tenure.pipelines.text.cleaning import Cut
from tenure.pipelines.text.reading import readable

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "text"
VALUE = {"neg": 1.0, "pos": 0.0, "neu": 0.5, "amb": 0.5, "mix": 0.5}
REVIEWS, POSTS = ("pl", "bg", "hi"), ("en", "de", "es", "pt")
TRAIN, TEST, SEED = 2_500, 500, 20_170_101
SUBTITLES_COUNT = 0.2
CUT = Cut(300)
LEAST = {"core_macro_auc": 0.895, "anchors_macro_auc": 0.90, "messages_per_cpu_second": 10_000}

Row = dict[str, Any]


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anchors", action="store_true", help="measure the extra too")
    asked = parser.parse_args()
    train, test = reviews_and_posts()
    few = [row for language in (*REVIEWS, *POSTS) for row in drawn(test, language, TEST)]
    equal = fitted([row for language in (*REVIEWS, *POSTS) for row in drawn(train, language, TRAIN)])
    whole = fitted(train)
    every = every_label(train, test)
    found: dict[str, Any] = {
        "reviews_and_posts": {
            "equal": judged(equal, few),
            "all_labels": judged(whole, few),
            "all_labels_all_held_out": judged(whole, test),
        },
        "every_label": {"same_500": judged(every, few), "all_held_out": judged(every, test)},
        "reviews": judged(whole, [row for row in test if row["lang"] in REVIEWS]),
        "subtitles": subtitles(),
        "speed": speed(train[:20_000]),
        "required": LEAST,
    }
    if asked.anchors:
        found["anchors_no_labels"] = anchors(few)
    print(json.dumps(found, indent=1))


def reviews_and_posts() -> tuple[list[Row], list[Row]]:
    """Training rows and test rows; only the training rows have texts that are neither good nor bad."""
    rows = [r for name in ("pl_wccrs", "bg_cinexio", "hi_hsac") for r in loaded(name)]
    rows += [r for r in loaded("tweets") if r["lang"] in POSTS]
    return parted(rows)


def parted(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The marked split, without training texts that are in the test as well."""
    test = [r for r in rows if r["split"] == "test" and r["value"] != 0.5]
    held = {r["text"].lower() for r in test}
    return [r for r in rows if r["split"] == "train" and r["text"].lower() not in held], test


def loaded(name: str) -> list[Row]:
    """The rows of one file, their texts read as the product reads them."""
    with gzip.open(FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [r | {"text": readable(r["text"], CUT), "value": VALUE[r["label"]]} for r in rows]


def drawn(rows: Sequence[Row], language: str, most: int) -> list[Row]:
    """Up to `most` good or bad texts of a language, drawn by the seed."""
    held = [r for r in rows if r["lang"] == language and r["value"] != 0.5]
    places = np.random.default_rng(SEED).permutation(len(held))[:most]
    return [held[place] for place in places]


def fitted(rows: Sequence[Row]) -> TextModel:
    """The core, fitted on the rows."""
    return fit_text([r["text"] for r in rows], {"tone": np.array([r["value"] for r in rows])})


def every_label(train: Sequence[Row], test: Sequence[Row]) -> TextModel:
    """The core, fitted on the training rows and on the labels of the other files."""
    held = {r["text"].lower() for r in test}
    posts = [r for r in loaded("tweets") if r["lang"] not in POSTS]
    others = [r for r in (*posts, *loaded("xed")) if r["split"] == "train" and r["text"].lower() not in held]
    rows = [*train, *others]
    counts = np.array([SUBTITLES_COUNT if r["src"] == "xed" else 1.0 for r in rows])
    return fit_text([r["text"] for r in rows], {"tone": np.array([r["value"] for r in rows])}, weights=counts)


def judged(model: TextModel, rows: Sequence[Row]) -> dict[str, Any]:
    """ROC AUC by language and their mean."""
    return areas(rows, model.log_odds([r["text"] for r in rows])[:, 0])


def areas(rows: Sequence[Row], scores: np.ndarray) -> dict[str, Any]:
    """ROC AUC by language, their mean, and how many texts it was measured on."""
    languages = np.array([r["lang"] for r in rows])
    values = np.array([r["value"] for r in rows])
    by = {k: float(roc_auc_score(values[languages == k], scores[languages == k])) for k in sorted(set(languages))}
    return {"texts": len(rows), "macro_auc": round(float(np.mean(list(by.values()))), 4)} | {
        str(k): round(v, 3) for k, v in by.items()
    }


def subtitles() -> dict[str, Any]:
    """XED, a model a language."""
    rows = loaded("xed")
    scored: list[Row] = []
    scores = []
    for language in sorted({r["lang"] for r in rows}):
        train, test = parted([r for r in rows if r["lang"] == language])
        scores.append(fitted(train).log_odds([r["text"] for r in test])[:, 0])
        scored += test
    return areas(scored, np.concatenate(scores))


def speed(rows: Sequence[Row]) -> dict[str, Any]:
    """Messages per CPU-second: reading, four signals, and scikit-learn's hashing alone as the peer."""
    texts = [r["text"] for r in rows]
    values = np.array([r["value"] for r in rows])
    model = fit_text(texts, dict.fromkeys(("tone", "leave", "effort", "complaint"), values))
    peer = HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), n_features=1 << 18, alternate_sign=False, norm=None
    )
    seconds = {
        "reading": cpu(lambda: [readable(text) for text in texts]),
        "four_signals": cpu(lambda: model.log_odds(texts)),
        "peer_hashing_only": cpu(lambda: peer.transform(texts)),
    }
    both = seconds["reading"] + seconds["four_signals"]
    per_second = {name: round(len(texts) / spent) for name, spent in (seconds | {"reading_and_signals": both}).items()}
    return {
        "characters_mean": round(float(np.mean([len(text) for text in texts])), 1),
        "messages_per_cpu_second": per_second,
        "ratio_signals_to_peer": round(seconds["four_signals"] / seconds["peer_hashing_only"], 2),
    }


def cpu(work: Callable[[], object]) -> float:
    """The least CPU time of three runs."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def anchors(rows: Sequence[Row]) -> dict[str, Any]:
    """The extra without labels."""
    from tenure.pipelines.text.embeddings import AnchorReader, Embedder

    reader = AnchorReader(Embedder())
    started = time.process_time()
    scores = reader.log_odds([r["text"] for r in rows])[:, reader.names.index("tone")]
    spent = time.process_time() - started
    return areas(rows, scores) | {"cpu_milliseconds_a_message": round(1000 * spent / len(rows), 1)}


if __name__ == "__main__":
    main()
