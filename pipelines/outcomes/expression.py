"""Outcomes written as a SQL condition over the rows of the horizon."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenure.pipelines.history.log import FIXED_POINT, MISSING, Ints, Log
from tenure.pipelines.outcomes.horizon import Horizon
from tenure.pipelines.settings.outcome import Expression
from tenure.pipelines.sources.engine import open_bare


class ExpressionRefused(ValueError):
    """The SQL condition of an outcome cannot be evaluated."""


def expression_labels(outcome: Expression, horizon: Horizon) -> NDArray[np.float64]:
    """Evaluate the condition for each unit over its rows of the horizon; a unit without rows has none to aggregate.

    The condition sees `kind`, `channel`, `direction`, `amount`, `wait_seconds`,
    `handle_seconds` and `rating`, and aggregates them: `sum(amount) < 10`.
    """
    log = horizon.log(*(outcome.kinds or horizon.history.kinds))
    rows, unit = _rows(horizon, log)
    units = pa.table({"unit": np.arange(len(horizon.units))})
    found = pa.table({"unit": unit} | _columns(horizon, log, rows))
    with open_bare(threads=1) as connection:
        connection.register("units", units)
        connection.register("found", found)
        try:
            answer = connection.sql(
                f"with held as (select unit, cast(({outcome.where}) as boolean) as happened from found group by unit), "
                f"empty as (select cast(({outcome.where}) as boolean) as happened from found where false) "
                "select coalesce(case when held.unit is null then (select any_value(happened) from empty) "
                "else held.happened end, false) as happened from units left join held using (unit) order by units.unit"
            ).to_arrow_table()
        except duckdb.Error as error:
            raise ExpressionRefused(
                f"outcome condition {outcome.where!r} is not a SQL condition over the horizon's rows: {error}"
            ) from error
    return answer["happened"].to_numpy().astype(np.float64)


def _rows(horizon: Horizon, log: Log) -> tuple[Ints, Ints]:
    calendar = horizon.history.calendar
    first = log.before(calendar.midnight(horizon.start), horizon.units)
    last = log.before(calendar.midnight(horizon.end), horizon.units)
    lengths = last - first
    places = np.repeat(first - (np.cumsum(lengths) - lengths), lengths) + np.arange(int(lengths.sum()))
    return places, np.repeat(np.arange(len(horizon.units)), lengths)


def _columns(horizon: Horizon, log: Log, rows: Ints) -> dict[str, object]:
    history = horizon.history
    words = {"kind": history.kinds, "channel": history.channels, "direction": history.directions}
    columns: dict[str, object] = {}
    for name, known in words.items():
        columns[name] = pa.array([known[c] if c >= 0 else None for c in log.values[name][rows]], pa.string())
    for name in ("amount", "wait_seconds", "handle_seconds", "rating"):
        fixed = log.values[name][rows]
        columns[name] = pa.array(fixed / FIXED_POINT, mask=fixed == MISSING)
    return columns
