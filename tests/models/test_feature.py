from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tenure.models.feature import ColumnsDiffer, Feature, ValuesRefused, feature_matrix

TWO = (Feature("visits"), Feature("spend"))


def test_key_columns_may_stand_beside_the_features() -> None:
    frame = pd.DataFrame({"customer_id": ["a"], "visits": [1], "spend": [None]})
    assert np.array_equal(feature_matrix(frame, TWO), [[1.0, np.nan]], equal_nan=True)


def test_permuted_columns_are_refused() -> None:
    with pytest.raises(ColumnsDiffer, match="at position 0 expected 'visits', found 'spend'"):
        feature_matrix(pd.DataFrame({"spend": [1.0], "visits": [2.0]}), TWO)


def test_missing_and_unexpected_columns_are_named() -> None:
    with pytest.raises(ColumnsDiffer, match="missing: spend; unexpected: calls"):
        feature_matrix(pd.DataFrame({"visits": [1.0], "calls": [2.0]}), TWO)


def test_a_column_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ColumnsDiffer, match="found twice: visits"):
        feature_matrix(pd.DataFrame([[1.0, 2.0, 3.0]], columns=["visits", "spend", "visits"]), TWO)


def test_infinite_values_are_refused_with_their_units() -> None:
    frame = pd.DataFrame({"unit_id": ["a", "b"], "visits": [1.0, np.inf], "spend": [0.0, 0.0]})
    with pytest.raises(ValuesRefused, match=r"'visits' must be finite or missing, found 1 .* \(units b\)"):
        feature_matrix(frame, TWO)


def test_text_is_refused() -> None:
    with pytest.raises(ValuesRefused, match="1 other columns: spend"):
        feature_matrix(pd.DataFrame({"visits": [1.0], "spend": ["much"]}), TWO)


def test_a_sign_is_minus_one_zero_or_one() -> None:
    with pytest.raises(ValueError, match="sign of feature 'visits'"):
        Feature("visits", sign=2)
