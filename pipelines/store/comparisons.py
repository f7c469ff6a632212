"""Two complete score sets of one date side by side, and what came of it, kept a row a challenger and date."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, delete, insert, select

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.promotion_tables import comparisons
from tenure.pipelines.store.score_sets import ScoreSet
from tenure.pipelines.store.tables import scores


class Comparison(NamedTuple):
    """How a challenger's scores differed from those that were served as of a date; `at` is in UTC."""

    at: dt.datetime
    outcome: str
    as_of: str
    champion: str
    challenger: str
    figures: dict[str, Any]


def compare_sets(connection: Connection, served: ScoreSet, other: ScoreSet, *, room: int) -> dict[str, Any]:
    """How two sets differ over the units that both score: bands, ranks, the mean risk, and the lists at capacity.

    `band_changed` is the share of units in another band, by the pair of bands in `bands`; `overlap` the share of the
    `room` contacts that are worth most which are on both lists; `rank_correlation` is Spearman's.
    """
    theirs = scores.alias("theirs")
    same = (scores.c.customer_id == theirs.c.customer_id) & (scores.c.unit_id == theirs.c.unit_id)
    query = (
        select(
            scores.c.probability, theirs.c.probability.label("other"), scores.c.band, theirs.c.band.label("other_band"),
            scores.c.place, theirs.c.place.label("other_place"),
        )
        .join(theirs, same)
        .where(scores.c.score_set_id == served.score_set_id, theirs.c.score_set_id == other.score_set_id)
        .where(scores.c.probability.is_not(None), theirs.c.probability.is_not(None))
    )  # fmt: skip
    names = ["one", "other", "band", "other_band", "place", "other_place"]
    rows = pd.DataFrame(list(map(tuple, connection.execute(query))), columns=names)
    if rows.empty:
        return {"units": 0}
    ranks = rows[["one", "other"]].rank()
    lists = [(rows[name] <= room).fillna(False).to_numpy(dtype=bool) for name in ("place", "other_place")]
    longest = max(lists[0].sum(), lists[1].sum())
    bands = Counter(zip(rows["band"], rows["other_band"], strict=True))
    return {
        "units": len(rows),
        "band_changed": round(float((rows["band"] != rows["other_band"]).mean()), 6),
        "bands": [[str(a), str(b), count] for (a, b), count in sorted(bands.items())],
        "rank_correlation": _number(ranks["one"].corr(ranks["other"])),
        "mean_risk": [round(float(rows[name].mean()), 6) for name in ("one", "other")],
        "room": room,
        "overlap": round(float((lists[0] & lists[1]).sum() / longest), 6) if longest else None,
    }


def keep_comparison(engine: Engine, made: Comparison) -> None:
    """Keep a comparison, in the place of an earlier one of these models and that date."""
    at = made.at.astimezone(dt.UTC).replace(tzinfo=None) if made.at.tzinfo else made.at
    same = [comparisons.c[name] == getattr(made, name) for name in ("outcome", "as_of", "champion", "challenger")]
    with alone(engine) as connection:
        connection.execute(delete(comparisons).where(*same))
        connection.execute(insert(comparisons).values(**made._replace(at=at)._asdict()))


def comparisons_of(
    connection: Connection, outcome: str, champion: str, challenger: str, *, limit: int = 100
) -> list[Comparison]:
    """How two models' scores differed, the newest date first."""
    query = (
        select(*(comparisons.c[name] for name in Comparison._fields))
        .where(comparisons.c.outcome == outcome)
        .where(comparisons.c.champion == champion, comparisons.c.challenger == challenger)
        .order_by(comparisons.c.as_of.desc())
        .limit(limit)
    )
    return [Comparison(*row) for row in connection.execute(query)]


def _number(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
