"""The rows of a score set: checked, ranked, and in the form in which the store takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tenure.pipelines.store.worth import Worth

COLUMNS = ("unit_id", "customer_id", "status", "probability", "band", "reasons")
SHOWN = ("facts", "segment")
"""Columns that may be there besides: what is shown beside a risk, a mapping or missing, and the unit's segment."""

ENDS = ("probability_low", "probability_high")
"""Columns that may be there besides: from where to where the probability may be."""

WORTH = Worth._fields
"""Columns that may be there besides: what a contact is worth, see `Worth`."""

OBJECTED = "objected"
STATUSES = (
    "scored", "leaving", "left", "lapsed", "new", "excluded", OBJECTED, "not_eligible", "hold_out", "unknown",
)  # fmt: skip
ROWS_AT_ONCE = 20_000


class ScoreSetError(ValueError):
    """The rows or the score set cannot be written or published."""


def checked(rows: pd.DataFrame | pa.Table) -> pd.DataFrame:
    """The rows sorted by unit (the order of the primary key), with a rank; `ScoreSetError` where they cannot be."""
    frame = rows.to_pandas() if isinstance(rows, pa.Table) else rows
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ScoreSetError(f"scores lack the column {missing[0]!r}; expected {', '.join(COLUMNS)}")
    frame = frame.reindex(columns=[*COLUMNS, *SHOWN, *ENDS, *WORTH])
    frame = frame.sort_values(["customer_id", "unit_id"], ignore_index=True)
    scored = frame["status"] == "scored"
    probability = frame["probability"].astype(float)
    _refuse(frame, frame["unit_id"].isna() | frame["customer_id"].isna(), "have no unit_id or customer_id")
    _refuse(frame, frame["unit_id"].duplicated(), "come twice; expected a row a unit")
    _refuse(frame, ~frame["status"].isin(STATUSES), f"have a status that is none of {', '.join(STATUSES)}")
    _refuse(frame, scored & ~probability.between(0.0, 1.0), "are scored without a probability in 0..1")
    _refuse(frame, scored & frame["band"].isna(), "are scored without a band")
    _refuse(frame, ~scored & probability.notna(), "have a probability but are not scored")
    order = np.argsort(-probability[scored].to_numpy(), kind="stable")
    rank = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    rank.iloc[np.flatnonzero(scored)[order]] = np.arange(1, len(order) + 1)
    whole = frame[["place", "never_held_out"]].astype({"place": "Int64", "never_held_out": "boolean"})
    return frame.assign(probability=probability, rank=rank, **whole)


def _refuse(frame: pd.DataFrame, bad: pd.Series[bool], what: str) -> None:
    if bad.any():
        first = ", ".join(repr(u) for u in frame["unit_id"][bad].head(3))
        raise ScoreSetError(f"scores: {int(bad.sum())} units {what}, first {first}")


def batches(frame: pd.DataFrame, score_set_id: int, *, names: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    """Checked rows as tuples in the order of `names`, so many at once as a database takes well."""
    for start in range(0, len(frame), ROWS_AT_ONCE):
        part = frame.iloc[start : start + ROWS_AT_ONCE]
        columns = {name: _plain(part[name]) for name in (*COLUMNS[:-1], "segment", "rank", *ENDS, *WORTH)}
        columns["score_set_id"] = [score_set_id] * len(part)
        reasons = part["reasons"].tolist()
        columns["reasons"] = [_as_json(value) for value in reasons]
        columns["theme"] = [value[0]["theme"] if _is_list(value) and len(value) else None for value in reasons]
        columns["facts"] = [_ENCODE(value) if isinstance(value, dict) else None for value in part["facts"].tolist()]
        yield list(zip(*(columns[name] for name in names), strict=True))


def _plain(column: pd.Series[Any]) -> list[Any]:
    return [None if missing else value for value, missing in zip(column.tolist(), column.isna().tolist(), strict=True)]


def _as_json(value: Any) -> str | None:
    return _ENCODE(list(value)) if _is_list(value) else None


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple | np.ndarray)


_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
