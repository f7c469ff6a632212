"""Whoever was contacted leaves what a model learns from, and the people of the hold-out stand for them.

A model is to say what happens if nobody does anything. Those who were to be contacted were chosen by their risk, so
that leaving them out alone would leave out the riskiest; of everybody on a list the people held out are a random part,
and each of them weighs as many as it stands for: 1 / (1 - propensity), the inverse of the chance to be left alone
(Horvitz and Thompson 1952; Robins, Hernan and Brumback 2000, for treatment in time).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MOST_WEIGHT = 50.0
"""The largest weight of an example: that of somebody held out of lists of two periods with a share of a seventh."""

TREATED = ("customer_id", "day")
HELD = ("customer_id", "day", "draw", "propensity")


@dataclass(frozen=True)
class Contacts:
    """What was done with whom, all outcomes together; `day` is a date, as days since 1970-01-01.

    `treated` has a row a contact that was made, or was to be made by a list; `held` a row a unit that a list held out,
    with the draw by which it was.
    """

    treated: pd.DataFrame
    held: pd.DataFrame

    @property
    def none(self) -> bool:
        """Whether nothing was done with anybody."""
        return self.treated.empty and self.held.empty


@dataclass(frozen=True)
class Corrected:
    """What became of the examples: how many were left out as contacted, how many weigh more, and how much at most."""

    contacted: int = 0
    weighted: int = 0
    largest_weight: float = 1.0
    capped: int = 0

    def parameters(self) -> dict[str, float]:
        """The same by name, for a record of the training."""
        return {f"contacts.{name}": value for name, value in asdict(self).items()}

    @property
    def said(self) -> str | None:
        """What there is to say of it; None where nothing was changed."""
        if not self.contacted and not self.weighted:
            return None
        cap = f", {self.capped:,} of them cut off there" if self.capped else ""
        return (
            f"{self.contacted:,} examples of contacted customers are left out; {self.weighted:,} of the hold-out weigh "
            f"up to {self.largest_weight:g}{cap}"
        )


def untreated(
    examples: pd.DataFrame, contacts: Contacts, *, lead_days: int, horizon_days: int
) -> tuple[pd.DataFrame, Corrected]:
    """The examples without those whose label a contact may have changed, and with a `weight` where others stand for.

    `examples` has `customer_id` and `as_of`. Left out is whoever was contacted, or was to be, on a day C such that
    `[as_of, as_of + lead + horizon)` meets `[C, C + horizon)`. Examples that nothing touches come back as they are.
    """
    if contacts.none or examples.empty:
        return examples, Corrected()
    as_of = _days(examples["as_of"])
    names = examples["customer_id"].astype(str)
    met = _meeting(names, as_of, contacts.treated, lead_days, horizon_days)
    out = np.zeros(len(examples), dtype=bool)
    out[met["row"].to_numpy()] = True
    weight, capped = _weights(_meeting(names, as_of, contacts.held, lead_days, horizon_days), len(examples))
    kept = examples.loc[~out].reset_index(drop=True)
    heavier = (weight > 1.0) & ~out
    found = Corrected(
        int(out.sum()), int(heavier.sum()), float(weight[~out].max(initial=1.0)), int((capped & ~out).sum())
    )
    if not heavier.any():
        return (examples if not out.any() else kept), found
    before = kept["weight"].to_numpy(dtype=float) if "weight" in kept else 1.0
    return kept.assign(weight=before * weight[~out]), found


def _meeting(
    names: pd.Series, as_of: NDArray[np.int64], done: pd.DataFrame, lead_days: int, horizon_days: int
) -> pd.DataFrame:
    """The rows of examples, each with everything done with the customer that falls together with its label."""
    wanted = names.isin(done["customer_id"]).to_numpy()
    rows = np.flatnonzero(wanted)
    asked = pd.DataFrame({"row": rows, "customer_id": names.to_numpy()[rows], "as_of": as_of[rows]})
    pairs = asked.merge(done, on="customer_id")
    meets = (pairs["day"] < pairs["as_of"] + lead_days + horizon_days) & (pairs["as_of"] < pairs["day"] + horizon_days)
    return pairs.loc[meets]


def _weights(held: pd.DataFrame, count: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The weight of every example, and whether it was cut off: draws do not hang together, lists of one draw do."""
    weight, capped = np.ones(count), np.zeros(count, dtype=bool)
    if held.empty:
        return weight, capped
    inverse = 1.0 / (1.0 - held["propensity"].clip(upper=1.0 - 1.0 / MOST_WEIGHT))
    whole = inverse.groupby([held["row"], held["draw"]]).max().groupby(level="row").prod()
    weight[whole.index.to_numpy()] = np.minimum(whole.to_numpy(), MOST_WEIGHT)
    capped[whole.index.to_numpy()] = whole.to_numpy() > MOST_WEIGHT
    return weight, capped


def _days(instants: pd.Series) -> NDArray[np.int64]:
    return instants.to_numpy().astype("datetime64[D]").astype(np.int64)
