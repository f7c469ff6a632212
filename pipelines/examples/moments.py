"""When an outcome happened to the units of examples, read from the lake once for many dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tenure.models.odds import Floats
from tenure.models.periods import Times
from tenure.pipelines.examples.study import Study
from tenure.pipelines.features.bucket import COLUMNS
from tenure.pipelines.features.column import Fitted
from tenure.pipelines.history.history import History
from tenure.pipelines.outcomes.moment import decided_days, moments, next_day, silence_days


@dataclass(frozen=True)
class Moments:
    """The rows that decide an outcome, of all units, a history a bucket."""

    study: Study
    histories: tuple[History, ...]

    @classmethod
    def of(cls, study: Study) -> Moments:
        """Read the rows of the outcome's kinds."""
        recipe = study.recipe(Fitted(frozenset()))
        histories = []
        for bucket in range(study.snapshot.buckets):
            rows, profiles = recipe.tables(bucket, columns=COLUMNS)
            rows = _deciding(rows, study.outcome.kinds, contracts=study.outcome.unit == "contract")
            histories.append(recipe.history(rows, profiles.slice(0, 0)))
        return cls(study, tuple(histories))

    def times(self, examples: pd.DataFrame, *, known_by: dt.date | None = None) -> Times:
        """When it happens to each example (`unit_id`, `customer_id`, `as_of`), in the knowledge of a date or of today.

        A row is censored where a gap begins or its contract ends for an excluded reason, and by a contact: what would
        have become of whoever was contacted is not known.
        """
        until = self.study.watermark if known_by is None else min(known_by, self.study.watermark)
        days, decided = np.full(len(examples), np.inf), np.empty(len(examples))
        for as_of, rows in _by_date(examples):
            decided[rows] = decided_days(self.study.outcome, as_of, until, self._gaps())
            for history, at, units in self._held(examples["unit_id"].to_numpy()[rows]):
                found, away = moments(self.study.outcome, history, as_of, units, known_by)
                days[rows[at]] = found
                decided[rows[at]] = np.where(away < found, np.minimum(decided[rows[at]], away), decided[rows[at]])
        return Times(days, np.minimum(decided, self._untouched(examples)))

    def next(self, examples: pd.DataFrame, *, known_by: dt.date | None = None) -> Floats:
        """Days from each example's date to its next row of the outcome's kinds, infinite where none is known."""
        days = np.full(len(examples), np.inf)
        for as_of, rows in _by_date(examples):
            for history, at, units in self._held(examples["unit_id"].to_numpy()[rows]):
                days[rows[at]] = next_day(history, self.study.outcome.kinds, as_of, units, known_by)
        return days

    def _held(self, names: np.ndarray) -> list[tuple[History, np.ndarray, np.ndarray]]:
        """The histories that hold some of the units, with the places of these in `names` and in the history."""
        found = []
        for history in self.histories:
            units = pd.Index(history.unit_ids).get_indexer(pd.Index(names))
            at = np.flatnonzero(units >= 0)
            if len(at):
                found.append((history, at, units[at].astype(np.int64)))
        return found

    def _gaps(self) -> tuple[tuple[dt.date, dt.date], ...]:
        """The declared gaps of the kinds, as local dates: the day on which one begins, the day after its last."""
        calendar, kinds = self.study.calendar, self.study.outcome.kinds
        every = {gap for history in self.histories for gap in history.gaps_of(kinds)}
        return tuple((calendar.date_of(a), calendar.date_of(b - 1) + dt.timedelta(days=1)) for a, b in sorted(every))

    def _untouched(self, examples: pd.DataFrame) -> Floats:
        """How many days of each example no contact has touched."""
        untouched = np.full(len(examples), np.inf)
        contacts = self.study.contacts
        if contacts is None or contacts.treated.empty:
            return untouched
        asked = pd.DataFrame(
            {
                "row": np.arange(len(examples)),
                "customer_id": examples["customer_id"].astype(str).to_numpy(),
                "as_of": _day_numbers(examples),
            }
        )
        pairs = asked.merge(contacts.treated[["customer_id", "day"]], on="customer_id")
        pairs = pairs.loc[pairs["day"] >= pairs["as_of"]]
        first = (pairs["day"] - pairs["as_of"]).groupby(pairs["row"]).min()
        untouched[first.index.to_numpy()] = first.to_numpy() - silence_days(self.study.outcome)
        return untouched


def _deciding(rows: pa.Table, kinds: tuple[str, ...], *, contracts: bool) -> pa.Table:
    """The rows of some kinds; of contracts one row more each, as a row of the person alone is one of all contracts."""
    wanted = pc.is_in(rows["kind"].cast(pa.string()), value_set=pa.array(kinds, pa.string())).to_numpy()
    if contracts:
        wanted = wanted | ~pd.Series(rows["contract_id"].cast(pa.string()).to_pandas()).duplicated().to_numpy()
    return rows.filter(pa.array(wanted))


def _by_date(examples: pd.DataFrame) -> list[tuple[dt.date, np.ndarray]]:
    """The places of the examples of each date."""
    days = examples["as_of"].to_numpy()
    return [(pd.Timestamp(day).date(), np.flatnonzero(days == day)) for day in np.unique(days)]


def _day_numbers(examples: pd.DataFrame) -> np.ndarray:
    return examples["as_of"].to_numpy().astype("datetime64[D]").astype(np.int64)
