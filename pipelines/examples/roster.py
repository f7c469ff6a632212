"""The roster of a bucket: its units, each with a print that changes with the rows it is described from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.cache.block import Block
from tenure.pipelines.history.history import History
from tenure.pipelines.lake.people import People

Prints = NDArray[np.uint64]


@dataclass(frozen=True)
class Roster:
    """Units in the order of their ids, and the prints of all customers whose units these are.

    A unit's print is that of its customer, mixed with its own id where it is a contract.
    """

    unit_ids: NDArray[np.object_]
    customer_ids: NDArray[np.object_]
    prints: Prints
    of_customer: Prints
    customers: Prints

    def __len__(self) -> int:
        return len(self.unit_ids)

    @classmethod
    def of(cls, history: History, people: People, customers: Prints) -> Roster:
        """The units of a history of some of the people, of which `customers` were read."""
        place = {name: number for number, name in enumerate(people.ids)}
        owners = np.array([place[name] for name in history.customer_ids], dtype=np.int64)
        of_customer = people.prints[owners] if len(owners) else np.empty(0, np.uint64)
        prints = of_customer.copy()
        other = np.flatnonzero(history.unit_ids != history.customer_ids)
        prints[other] = [_mixed(p, name) for p, name in zip(prints[other], history.unit_ids[other], strict=True)]
        return cls(history.unit_ids, history.customer_ids, prints, of_customer, customers)

    def where(self, chosen: NDArray[np.bool_]) -> Roster:
        """Some of the units."""
        return Roster(
            self.unit_ids[chosen],
            self.customer_ids[chosen],
            self.prints[chosen],
            self.of_customer[chosen],
            self.customers,
        )

    def keep(self, customers: Prints) -> Roster:
        """The units of some customers."""
        held = np.intersect1d(self.customers, customers)
        found = self.where(np.isin(self.of_customer, held))
        return Roster(found.unit_ids, found.customer_ids, found.prints, found.of_customer, held)

    def joined(self, other: Roster) -> Roster:
        """The units of both."""
        ids = np.concatenate([self.unit_ids, other.unit_ids])
        order = np.argsort(ids, kind="stable")
        return Roster(
            ids[order],
            np.concatenate([self.customer_ids, other.customer_ids])[order],
            np.concatenate([self.prints, other.prints])[order],
            np.concatenate([self.of_customer, other.of_customer])[order],
            np.union1d(self.customers, other.customers),
        )

    @cached_property
    def block(self) -> Block:
        """The roster as it is kept."""
        arrays = {"prints": self.prints, "of_customer": self.of_customer, "customers": self.customers}
        return Block(arrays, {"units": self.unit_ids.tolist(), "customers": self.customer_ids.tolist()})

    @classmethod
    def read(cls, block: Block | None) -> Roster:
        """The roster that was kept; an empty one where there is none."""
        if block is None:
            none, nobody = np.empty(0, np.uint64), np.empty(0, object)
            return cls(nobody, nobody, none, none, none)
        names = {name: _names(block.about[name]) for name in ("units", "customers")}
        held = block.arrays
        return cls(names["units"], names["customers"], held["prints"], held["of_customer"], held["customers"])


def _names(found: Iterable[str]) -> NDArray[np.object_]:
    names = list(found)
    array = np.empty(len(names), dtype=object)
    array[:] = names
    return array


def _mixed(customer: np.uint64, unit_id: str) -> int:
    said = int(customer).to_bytes(8, "little") + str(unit_id).encode(errors="surrogatepass")
    return int.from_bytes(blake2b(said, digest_size=8).digest(), "little")
