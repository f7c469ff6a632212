"""Arrow columns as the kernel's whole numbers: instants, fixed-point numbers and codes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenure.pipelines.history.log import FIXED_POINT, FOREVER, MISSING, Ints

LARGEST = 9e14
"""The largest size of a number: ten-thousandths of more do not fit into 64 bits."""

_NEVER = int(np.datetime64("9999-12-31", "ms").astype(np.int64))


class NumberTooLarge(ValueError):
    """A column holds numbers that the fixed point cannot."""


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
    return fixed(pc.cast(table[name], pa.float64()).to_numpy(zero_copy_only=False), name)


def fixed(numbers: NDArray[np.float64], name: str) -> Ints:
    """Numbers in ten-thousandths, `MISSING` where not finite; `name` is their column, for the error."""
    given = np.isfinite(numbers)
    large = given & (np.abs(numbers) > LARGEST)
    if large.any():
        raise NumberTooLarge(
            f"column {name!r}: expected numbers up to {LARGEST:.0e}, found {int(large.sum())} larger ones, "
            f"the first {numbers[large][0]:g}; map the column in a larger unit, or to null where it is an error"
        )
    return np.where(given, np.rint(np.where(given, numbers, 0.0) * FIXED_POINT), MISSING).astype(np.int64)
