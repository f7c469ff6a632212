"""The messages of a history: their texts told apart once, and the labels a user gave them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenure.pipelines.history.encoding import codes, fixed
from tenure.pipelines.history.log import MISSING, Ints
from tenure.pipelines.settings.text import Text
from tenure.pipelines.text.signals import SIGNALS
from tenure.pipelines.text.texts import Texts

LABEL = "label_"
"""Attributes that begin so (`label_tone`, `label_leave` and the like, 0 or 1) are labels given by the user."""

Columns = dict[str, Ints]


def with_messages(
    columns: Columns, table: pa.Table, settings: Text | None, held: pa.Table | None
) -> tuple[Columns, Texts]:
    """Add `text` (the place of what can be read, else -1) and the labels that were given."""
    if settings is None or "text" not in table.column_names:
        return columns, Texts()
    place, raw = codes(table, "text")
    if not raw:
        return columns, Texts()
    from tenure.pipelines.text.facts import facts_of  # half a second, for who has messages only

    texts = Texts.of(facts_of(raw, held, settings))
    legible = np.array([*(bool(text) for text in texts.texts), False])
    return columns | {"text": np.where(legible[place], place, -1)} | _labels(table), texts


def _labels(table: pa.Table) -> Columns:
    """The labels given as attributes, ten-thousandths; only those that occur."""
    if "attributes" not in table.column_names:
        return {}
    found = {f"{LABEL}{name}": _attribute(table, f"{LABEL}{name}") for name in SIGNALS}
    return {name: column for name, column in found.items() if (column != MISSING).any()}


def _attribute(table: pa.Table, name: str) -> Ints:
    words = pc.map_lookup(table["attributes"], query_key=pa.scalar(name), occurrence="first")
    if words.null_count == len(words):
        return np.full(len(table), MISSING, dtype=np.int64)
    numbers: NDArray[np.float64] = pd.to_numeric(words.to_pandas(), errors="coerce").to_numpy(dtype=np.float64)
    return fixed(np.where((numbers >= 0.0) & (numbers <= 1.0), numbers, np.nan), name)
