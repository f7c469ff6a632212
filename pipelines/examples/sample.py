"""A sample of customers by a hash of their id: the same people at every date, a smaller sample inside a larger."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

WHOLE = 1 << 64


def lot(customer_id: str) -> int:
    """The number a customer has drawn, below `WHOLE`; it hangs neither on fold nor on bucket.

    >>> [round(lot(name) / WHOLE, 2) for name in ("ann", "ben", "cem")]
    [0.63, 0.92, 0.38]
    """
    digest = blake2b(customer_id.encode(errors="surrogatepass"), digest_size=8, person=b"tenure sample").digest()
    return int.from_bytes(digest, "little")


def in_sample(customer_ids: Iterable[str], share: float) -> NDArray[np.bool_]:
    """Who belongs to the sample of a share of all customers; everybody at 1."""
    names = list(customer_ids)
    if share >= 1:
        return np.ones(len(names), dtype=bool)
    limit = int(share * WHOLE)
    return np.array([lot(str(name)) < limit for name in names], dtype=bool)
