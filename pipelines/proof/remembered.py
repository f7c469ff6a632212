"""Heats kept in the cache: the same rows, features and settings, fitted by the same code, predict the same."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import blake2b
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tenure.models.race import MODELS
from tenure.pipelines.cache.block import Block
from tenure.pipelines.cache.source import code_digest
from tenure.pipelines.cache.store import Place, Store
from tenure.pipelines.examples.keys import digest

if TYPE_CHECKING:
    from tenure.pipelines.proof.heats import Heat, Outcome

FITTERS = ("lightgbm", "scikit-learn", "scipy", "threadpoolctl")
"""Packages that take part in a fit, beside those that every digest of code has."""


def heat_place(heat: Heat) -> Place:
    """Where the outcome of a heat belongs: of everything that it is fitted and tested on."""
    code = [code_digest("tenure.models.fit"), *(version(name) for name in FITTERS)]
    features = [asdict(feature) for feature in heat.features]
    rows = [table_digest(table) for table in (heat.training, *heat.tests)]
    return Place("heats", digest(code, features, asdict(heat.settings), rows))


def table_digest(table: pd.DataFrame) -> str:
    """The digest of a table: names, types and values, in their order.

    Numbers and dates go in as bytes, all else as text: the bytes of an array of texts may be addresses in memory.
    """
    found = blake2b(digest_size=16)
    for name in table.columns:
        column = table[name]
        found.update(f"{name}:{column.dtype}:{len(column)}\n".encode())
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biufmM":
            found.update(np.ascontiguousarray(column.to_numpy()).tobytes())
        else:
            texts = [str(value) for value in column]
            found.update(np.array([len(text) for text in texts], dtype=np.int64).tobytes())
            found.update("".join(texts).encode(errors="surrogatepass"))
    return found.hexdigest()


def kept_outcome(store: Store, place: Place) -> Outcome | None:
    """The outcome that was kept, None where there is none."""
    held = store.get(place)
    if held is None:
        return None
    tables = [held.arrays[str(number)] for number in range(len(held.arrays))]
    return [pd.DataFrame(values, columns=list(MODELS)) for values in tables], dict(held.about["report"])


def keep_outcome(store: Store, place: Place, outcome: Outcome) -> None:
    """Keep an outcome."""
    predictions, report = outcome
    arrays = {str(number): table.to_numpy(dtype=np.float64) for number, table in enumerate(predictions)}
    store.put(place, Block(arrays, {"report": report}))
