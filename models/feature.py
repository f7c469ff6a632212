"""What a model knows about a column: its name, its meaning, its theme and its certain direction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tenure.models.odds import Floats

KEYS = ("unit_id", "customer_id", "as_of", "label", "label_end", "weight")
"""Columns that may stand beside the features in a frame; every other column must be a feature."""


class ColumnsDiffer(ValueError):
    """The columns of a frame are not the features of the model, in their order."""


class ValuesRefused(ValueError):
    """A column holds values a model cannot use, such as infinities or text."""


@dataclass(frozen=True)
class Feature:
    """One column of the feature table.

    `sign` is +1 where a higher value certainly means a higher risk, -1 where a lower one does,
    and 0 where it is open. `theme` is the heading under which reasons are added up.
    """

    name: str
    meaning: str = ""
    theme: str = "other"
    sign: int = 0

    def __post_init__(self) -> None:
        if self.sign not in (-1, 0, 1):
            raise ValueError(f"the sign of feature {self.name!r} must be -1, 0 or 1, found {self.sign!r}")


def feature_names(features: Iterable[Feature]) -> list[str]:
    """List the names, and refuse a name that occurs twice.

    >>> feature_names([Feature("days_since_last"), Feature("visits_count_28d")])
    ['days_since_last', 'visits_count_28d']
    """
    names = [feature.name for feature in features]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ColumnsDiffer(f"every feature needs a name of its own; found twice: {', '.join(twice[:3])}")
    return names


def feature_matrix(frame: pd.DataFrame, features: Iterable[Feature]) -> Floats:
    """Take the features out of a frame as a row-major float64 matrix, NaN where missing.

    The frame must hold exactly the features, in their order, beside the columns in `KEYS`.

    >>> frame = pd.DataFrame({"unit_id": ["a"], "visits": [2.0]})
    >>> feature_matrix(frame, [Feature("visits")]).tolist()
    [[2.0]]
    >>> renamed = frame.rename(columns={"visits": "calls"})
    >>> feature_matrix(renamed, [Feature("visits")])  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    ColumnsDiffer: expected 1 feature columns; missing: visits; unexpected: calls
    """
    names = feature_names(features)
    found = [str(column) for column in frame.columns if column not in KEYS]
    if found != names:
        raise ColumnsDiffer(_difference(names, found))
    try:
        values = frame[names].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise ValuesRefused(_text_columns(frame, names)) from None
    matrix = np.ascontiguousarray(values, dtype=np.float64)
    infinite = np.isinf(matrix)
    if infinite.any():
        raise ValuesRefused(_infinities(frame, names, infinite))
    return matrix


def _difference(expected: list[str], found: list[str]) -> str:
    missing = [name for name in expected if name not in set(found)]
    extra = [name for name in found if name not in set(expected)]
    if missing or extra:
        parts = [f"expected {len(expected)} feature columns"]
        parts += [f"missing: {', '.join(missing[:3])}"] if missing else []
        parts += [f"unexpected: {', '.join(extra[:3])}"] if extra else []
        return "; ".join(parts)
    if len(found) != len(expected):
        twice = [name for name, count in Counter(found).items() if count > 1]
        return f"every column must occur once; found twice: {', '.join(twice[:3])}"
    place = next(i for i, (a, b) in enumerate(zip(expected, found, strict=True)) if a != b)
    return (
        f"the features are not in the order of the model: at position {place} expected "
        f"{expected[place]!r}, found {found[place]!r}; select them by the model's feature list"
    )


def _text_columns(frame: pd.DataFrame, names: list[str]) -> str:
    bad = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name].dtype)]
    return f"features must be numbers; found {len(bad)} other columns: {', '.join(bad[:3])}"


def _infinities(frame: pd.DataFrame, names: list[str], infinite: np.ndarray) -> str:
    column = int(infinite.any(axis=0).argmax())
    rows = np.flatnonzero(infinite[:, column])
    keys = frame["unit_id"].to_numpy() if "unit_id" in frame else frame.index.to_numpy()
    ids = ", ".join(str(keys[row]) for row in rows[:3])
    return (
        f"feature {names[column]!r} must be finite or missing, found {len(rows)} infinite values "
        f"(units {ids}); check the division in the feature"
    )
