"""What the monitor keeps of served scores: counts of every set, and probabilities until their horizon has passed."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from tenure.pipelines.store.bulk import append_rows, count_values
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.monitor_tables import kept_scores, kept_sets

KEPT_DAYS = 400
ROWS_AT_ONCE = 20_000


class KeptSet(NamedTuple):
    """A published set as the monitor keeps it; `share` of its units have kept scores, `quality` once judged."""

    outcome: str
    as_of: str
    model_version: str
    share: float
    figures: dict[str, Any]
    quality: dict[str, Any] | None

    @property
    def day(self) -> dt.date:
        """The midnight the set is as of."""
        return dt.date.fromisoformat(self.as_of)


def keep_set(
    engine: Engine,
    *,
    outcome: str,
    as_of: dt.date,
    model_version: str,
    now: dt.datetime,
    figures: dict[str, Any],
    rows: pd.DataFrame,
    every_days: int,
    share: float,
) -> bool:
    """Keep what a set was, in place of an earlier one of that day; whether its scores are kept too.

    `rows` (`customer_id`, `unit_id`, `probability`, `silence`) are kept at most once in `every_days`.
    """
    day, oldest = as_of.isoformat(), (as_of - dt.timedelta(days=KEPT_DAYS)).isoformat()
    recent = (as_of - dt.timedelta(days=every_days)).isoformat()
    with alone(engine) as connection:
        for table in (kept_scores, kept_sets):
            mine = table.c.outcome == outcome
            connection.execute(delete(table).where(mine, (table.c.as_of == day) | (table.c.as_of < oldest)))
        mine = kept_sets.c.outcome == outcome
        last = connection.scalar(select(func.max(kept_sets.c.as_of)).where(mine, kept_sets.c.share > 0))
        whole = not rows.empty and (last is None or last <= recent or last > day)
        connection.execute(
            insert(kept_sets).values(
                outcome=outcome,
                as_of=day,
                model_version=model_version,
                kept_at=now.astimezone(dt.UTC).replace(tzinfo=None),
                share=share if whole else 0.0,
                figures=figures,
                quality=None,
            )
        )
        if whole:
            _append(connection, outcome, day, rows)
    return whole


def kept_sets_of(connection: Connection, outcome: str, *, until: dt.date) -> list[KeptSet]:
    """The sets of an outcome as of a date and before, the oldest first."""
    query = (
        select(*(kept_sets.c[name] for name in KeptSet._fields))
        .where(kept_sets.c.outcome == outcome, kept_sets.c.as_of <= until.isoformat())
        .order_by(kept_sets.c.as_of)
    )
    return [KeptSet(*row) for row in connection.execute(query)]


def kept_scores_of(connection: Connection, kept: KeptSet) -> pd.DataFrame:
    """The scores that were kept of a set: `customer_id`, `unit_id`, `probability`, `silence`."""
    names = ["customer_id", "unit_id", "probability", "silence"]
    query = select(*(kept_scores.c[name] for name in names)).where(
        kept_scores.c.outcome == kept.outcome, kept_scores.c.as_of == kept.as_of
    )
    frame = pd.DataFrame([tuple(row) for row in connection.execute(query)], columns=names)
    return frame.astype({"probability": float, "silence": float})


def keep_quality(engine: Engine, kept: KeptSet, quality: dict[str, Any]) -> None:
    """Keep how good a set was, and forget its scores: nobody needs them any more."""
    with alone(engine) as connection:
        mine = (kept_sets.c.outcome == kept.outcome) & (kept_sets.c.as_of == kept.as_of)
        connection.execute(update(kept_sets).where(mine).values(quality=quality))
        gone = (kept_scores.c.outcome == kept.outcome) & (kept_scores.c.as_of == kept.as_of)
        connection.execute(delete(kept_scores).where(gone))


def _append(connection: Connection, outcome: str, day: str, rows: pd.DataFrame) -> None:
    names = kept_scores.columns.keys()
    columns = [rows[name].tolist() for name in ("customer_id", "unit_id", "probability", "silence")]
    tuples = sorted((outcome, day, *row) for row in zip(*columns, strict=True))
    for start in range(0, len(tuples), ROWS_AT_ONCE):
        append_rows(connection, kept_scores, names, tuples[start : start + ROWS_AT_ONCE])
    count_values(connection, kept_scores)
