"""What families learnt, as two files without pickle: plain data in JSON, arrays in NumPy's own archive."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from tenure.pipelines.features.column import State

PLAIN, ARRAYS = "learnt.json", "learnt.npz"

Learnt = Mapping[str, tuple[State | None, ...]]


def pack(learnt: Learnt) -> dict[str, bytes]:
    """Two files with all states, the same bytes for the same states; no file where nothing was learnt.

    >>> unpack(pack({"own": ({"rate": 0.1, "knots": np.array([1.0, 2.0])}, None)}))["own"][0]["knots"].tolist()
    [1.0, 2.0]
    """
    if not learnt:
        return {}
    arrays: dict[str, np.ndarray] = {}
    plain = {
        family: [None if state is None else _without_arrays(state, f"{family}/{fold}", arrays)
                 for fold, state in enumerate(states)]
        for family, states in sorted(learnt.items())
    }  # fmt: skip
    archive = io.BytesIO()
    np.savez(archive, allow_pickle=False, **arrays)
    return {PLAIN: json.dumps(plain, sort_keys=True, indent=1).encode(), ARRAYS: archive.getvalue()}


def unpack(files: Mapping[str, bytes]) -> dict[str, tuple[State | None, ...]]:
    """Read states back from files that may hold others beside them."""
    if PLAIN not in files:
        return {}
    plain = json.loads(files[PLAIN])
    with np.load(io.BytesIO(files[ARRAYS]), allow_pickle=False) as arrays:
        for name in arrays.files:
            family, fold, key = name.split("/", 2)
            plain[family][int(fold)][key] = arrays[name]
    return {family: tuple(states) for family, states in plain.items()}


def _without_arrays(state: State, place: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    arrays |= {f"{place}/{key}": value for key, value in state.items() if isinstance(value, np.ndarray)}
    return {key: value for key, value in state.items() if not isinstance(value, np.ndarray)}
