"""What is known of a text without any label, worked out once a text: a table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from tenure.pipelines.settings.text import Text
from tenure.pipelines.text.cleaning import Cut
from tenure.pipelines.text.courtesy import apologises
from tenure.pipelines.text.language import UNKNOWN, teller
from tenure.pipelines.text.reading import readable, text_id
from tenure.pipelines.text.signals import SIGNALS, all_signals

SCHEMA = pa.schema(
    [
        ("text_id", pa.string()),
        ("text", pa.string()),
        ("language", pa.string()),
        ("apology", pa.bool_()),
        *((name, pa.float64()) for name in SIGNALS),
    ]
)
"""A row a distinct text: its id, what is read of it, its language, an apology, signals by anchors (null without)."""


def describe(raw: Sequence[str], settings: Text, *, cache: Path | None = None, languages: bool = False) -> pa.Table:
    """The facts of texts as they came, in their order; equal texts give equal facts.

    `cache` keeps embeddings. Languages are told only where asked for: no signal hangs on them.
    """
    read = [readable(text, Cut(settings.cut)) for text in raw]
    told = teller(settings.languages) if languages else None
    anchors = np.full((len(read), len(SIGNALS)), np.nan)
    if settings.embeddings and read:
        anchors = all_signals(_anchors(cache), read)
    columns = {
        "text_id": [text_id(text) for text in raw],
        "text": read,
        "language": [told.tell(text) if told else UNKNOWN for text in read],
        "apology": [apologises(text) for text in read],
    }
    numbers = {name: pa.array(anchors[:, place], from_pandas=True) for place, name in enumerate(SIGNALS)}
    return pa.table({**columns, **numbers}, schema=SCHEMA)


def facts_of(raw: Sequence[str], held: pa.Table | None, settings: Text) -> pa.Table:
    """The facts of texts in their order: from `held`, as far as it has them, else worked out."""
    if held is None:
        return describe(raw, settings)
    place = {name: number for number, name in enumerate(held["text_id"].to_pylist())}
    found = [place.get(text_id(text), -1) for text in raw]
    missing = [text for text, number in zip(raw, found, strict=True) if number < 0]
    if not missing:
        return held.take(pa.array(found, pa.int64()))
    both = pa.concat_tables([held, describe(missing, settings)])
    fresh = iter(range(len(held), len(both)))
    return both.take(pa.array([number if number >= 0 else next(fresh) for number in found], pa.int64()))


@lru_cache(maxsize=4)
def _anchors(cache: Path | None):  # type: ignore[no-untyped-def]
    from tenure.pipelines.text.embeddings import AnchorReader, Embedder

    return AnchorReader(Embedder(cache))
