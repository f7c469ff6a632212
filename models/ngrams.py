"""Hashed n-grams of texts: characters inside words and runs of words, counted without a Python loop over letters.

A text is lower-cased and its white space made single spaces. Terms are all runs of two to five
characters inside a word, its borders counted as a space (scikit-learn's `char_wb`), and all words
and pairs of neighbouring words; each is hashed into one of `BUCKETS` places of its own space. The
terms of a text depend on nothing but the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = 18
BUCKETS = 1 << BITS
"""Places of one space; terms with characters lie below, terms with words from `BUCKETS` on."""

PLACES = 2 * BUCKETS

LENGTHS = (2, 3, 4, 5)
"""How many characters a run has."""

BLOCK = 4_096
"""Texts hashed at a time: a block number and a place fit into 32 bits, and the block into the cache."""

_SPACE = 32
_BETWEEN_WORDS = np.array([ord(c) for c in ' .,!?;:"()'], dtype=np.uint32)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Terms:
    """The terms of several texts: text `t` has the terms `starts[t]:starts[t + 1]`.

    `places` are in ascending order within a text, `counts` say how often each occurs.
    """

    starts: Counts
    places: NDArray[np.uint32]
    counts: Counts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def text_of_term(self) -> Counts:
        """The text each term belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))


def terms(texts: Sequence[str]) -> Terms:
    """Hash and count the terms of texts.

    >>> found = terms(["Go on", "go on", ""])
    >>> np.array_equal(found.places[: found.starts[1]], found.places[found.starts[1] : found.starts[2]])
    True
    >>> len(terms(["ab"]).places)  # " a", "ab", "b ", " ab", "ab ", " ab ", and the word
    7
    """
    parts = list(blocks(texts))
    lengths = [np.diff(part.starts) for part in parts]
    starts = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]) if parts else np.zeros(1)
    return Terms(
        starts.astype(np.int64),
        np.concatenate([part.places for part in parts]) if parts else np.empty(0, np.uint32),
        np.concatenate([part.counts for part in parts]) if parts else np.empty(0, np.int64),
    )


def blocks(texts: Sequence[str]) -> Iterator[Terms]:
    """The terms of texts, `BLOCK` texts at a time."""
    for start in range(0, len(texts), BLOCK):
        yield _counted(*_hashed(texts[start : start + BLOCK]), len(texts[start : start + BLOCK]))


def _hashed(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Every occurrence of a term: the text it is in, and its place."""
    padded = [f" {plain(text)} " for text in texts]
    lengths = np.array([len(text) for text in padded], dtype=np.int64)
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    owner = np.repeat(np.arange(len(texts), dtype=np.uint32), lengths)
    found = [*_runs(letters, owner), *_words(letters, owner)]
    return np.concatenate([text for text, _ in found]), np.concatenate([place for _, place in found])


def plain(text: str) -> str:
    """The text as it is hashed: composed, lower-case, single spaces.

    >>> plain("  Nie DZIAŁA\\n\\tjuż ")
    'nie działa już'
    """
    return " ".join((text if text.isascii() else unicodedata.normalize("NFC", text)).lower().split())


Found = tuple[NDArray[np.uint32], NDArray[np.uint32]]


def _runs(letters: NDArray[np.uint32], owner: NDArray[np.uint32]) -> Iterator[Found]:
    """Runs of characters without a space inside; a space begins or ends a word, and never stands alone."""
    space = letters == _SPACE
    wide = letters.astype(np.uint64)
    hashed, inside = wide.copy(), np.zeros(len(letters), dtype=bool)
    for length in LENGTHS:
        whole = len(letters) - length + 1
        if whole <= 0:
            return
        hashed = hashed[:whole] * _FACTOR + wide[length - 1 :]
        inside = inside[:whole] | space[length - 2 : length - 2 + whole] if length > 2 else inside[:whole]
        kept = ~(inside | (space[:whole] & space[length - 1 :]) if length == 2 else inside)
        yield owner[:whole][kept], _place(hashed[kept] + np.uint64(length))


def _words(letters: NDArray[np.uint32], owner: NDArray[np.uint32]) -> Iterator[Found]:
    """Words without the signs between them, and pairs of neighbours in one text."""
    held = ~np.isin(letters, _BETWEEN_WORDS)
    first = np.flatnonzero(held & ~np.concatenate([[False], held[:-1]]))
    if not len(first):
        return
    end = np.flatnonzero(held & ~np.concatenate([held[1:], [False]])) + 1
    lengths = end - first
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    powers = np.cumprod(np.full(int(lengths.max()), _FACTOR, dtype=np.uint64))
    word = np.add.reduceat(letters[held].astype(np.uint64) * powers[within], np.cumsum(lengths) - lengths)
    text = owner[first]
    yield text, _place(word) + np.uint32(BUCKETS)
    pair = text[1:] == text[:-1]
    yield text[1:][pair], _place(word[:-1][pair] * _MIX + word[1:][pair]) + np.uint32(BUCKETS)


def _place(hashed: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Spread a hash over the places: its high bits after a multiplication hang on all of its bits."""
    mixed = (hashed ^ (hashed >> np.uint64(32))) * _MIX
    return ((mixed ^ (mixed >> np.uint64(32))) * _FACTOR >> np.uint64(64 - BITS)).astype(np.uint32)


def _counted(text: NDArray[np.uint32], place: NDArray[np.uint32], texts: int) -> Terms:
    keys = np.sort(text * np.uint32(PLACES) + place)
    fresh = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.empty(0, np.int64)
    held = keys[fresh]
    counts = np.diff(np.append(fresh, len(keys)))
    starts = np.searchsorted(held, np.arange(texts + 1, dtype=np.uint64) * np.uint64(PLACES))
    return Terms(starts.astype(np.int64), held % np.uint32(PLACES), counts.astype(np.int64))
