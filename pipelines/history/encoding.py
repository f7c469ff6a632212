"""Arrow columns as the kernel's whole numbers: instants, fixed-point numbers and codes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenure.pipelines.history.log import FIXED_POINT, FOREVER, MISSING, Ints

_NEVER = int(np.datetime64("9999-12-31", "ms").astype(np.int64))


def codes(table: pa.Table, name: str) -> tuple[Ints, tuple[str, ...]]:
    """A text column as codes into its sorted words; -1 where null."""
    encoded = table[name].combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # an empty table combines to no chunk at all
        encoded = pa.array([], pa.string())
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    words = np.array([str(w) for w in encoded.dictionary.to_pylist()], dtype=object)
    order = np.argsort(words, kind="stable")
    rank = np.empty(len(words) + 1, dtype=np.int64)
    rank[order], rank[-1] = np.arange(len(words)), -1
    places = pc.fill_null(encoded.indices, len(words)).to_numpy(zero_copy_only=False)
    return rank[places], tuple(words[order])


def instants(table: pa.Table, name: str, *, round_up: bool = False) -> Ints:
    """A timestamp column as milliseconds since 1970, `MISSING` where null.

    A time of knowing is rounded up, so that nothing counts as known too early.
    """
    micros = pc.cast(table[name], pa.int64())
    missing = micros.is_null().to_numpy(zero_copy_only=False) if micros.null_count else False
    whole = pc.fill_null(micros, 0).to_numpy(zero_copy_only=False)
    return np.where(missing, MISSING, -(-whole // 1000) if round_up else whole // 1000)


def superseded(table: pa.Table) -> Ints:
    """Until when each row is valid, `FOREVER` for those that still are."""
    found = instants(table, "superseded_at", round_up=True)
    return np.where(found >= _NEVER, FOREVER, found)


def fixed_point(table: pa.Table, name: str) -> Ints:
    """A column of numbers in ten-thousandths, `MISSING` where null."""
    return fixed(pc.cast(table[name], pa.float64()).to_numpy(zero_copy_only=False))


def fixed(numbers: NDArray[np.float64]) -> Ints:
    """Numbers in ten-thousandths, `MISSING` where not finite."""
    given = np.isfinite(numbers)
    return np.where(given, np.rint(np.where(given, numbers, 0.0) * FIXED_POINT), MISSING).astype(np.int64)
