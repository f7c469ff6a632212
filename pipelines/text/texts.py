"""The distinct texts of a history, beside its rows, which only hold their numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenure.pipelines.text.signals import SIGNALS


@dataclass(frozen=True)
class Texts:
    """Distinct texts as a history holds them: `anchors` are log-odds, texts x `SIGNALS`, NaN where there are none."""

    texts: tuple[str, ...] = ()
    apology: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    anchors: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, len(SIGNALS))))

    @classmethod
    def of(cls, table: pa.Table) -> Texts:
        """The texts of a table of facts, in its order."""
        anchors = [table[name].to_numpy(zero_copy_only=False).astype(np.float64) for name in SIGNALS]
        return cls(
            tuple(table["text"].to_pylist()),
            table["apology"].to_numpy(zero_copy_only=False).astype(bool),
            np.column_stack(anchors) if len(table) else np.zeros((0, len(SIGNALS))),
        )
