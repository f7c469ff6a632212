"""The four signals of a customer's message, and the one interface behind which they are made.

Every signal is a log-odds: above 0 it is rather so than not. A `Reader` gives them for cleaned
texts; the core is `TextModel` (fitted on the customer's own labels), the extra gives anchors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SIGNALS = ("tone", "leave", "effort", "complaint")
"""High means: a bad tone, a wish to leave, trouble taken to be heard, a complaint."""

READING = 1
"""Raised whenever the same message would be read differently, so that snapshots are built anew."""

LIMIT = 12.0
"""Log-odds are held between minus and plus this: beyond it nothing is learnt from how sure a model is."""


class Reader(Protocol):
    """Anything that reads signals out of texts."""

    @property
    def names(self) -> tuple[str, ...]:
        """The signals it can tell, some of `SIGNALS`."""
        ...

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The log-odds of each signal, texts x names; one text alone gives the same as among others."""
        ...


def all_signals(reader: Reader, texts: Sequence[str]) -> NDArray[np.float64]:
    """The log-odds of all four signals, texts x `SIGNALS`; NaN where the reader cannot tell one."""
    found = np.full((len(texts), len(SIGNALS)), np.nan)
    if texts:
        found[:, [SIGNALS.index(name) for name in reader.names]] = np.clip(reader.log_odds(texts), -LIMIT, LIMIT)
    return found
