from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tenure.models.logistic import LogisticSettings, fit_logistics
from tenure.models.odds import Floats


def table() -> tuple[Floats, Floats]:
    generator = np.random.default_rng(2)
    matrix = generator.normal(size=(1_500, 5)) * [1.0, 10.0, 100.0, 1.0, 1.0]
    matrix[generator.random(matrix.shape) < 0.1] = np.nan
    matrix[:, 3] = 7.0
    matrix[:, 4] = np.nan
    return matrix, (generator.random(1_500) < np.where(matrix[:, 0] > 0, 0.6, 0.2)).astype(float)


def test_the_fit_is_that_of_scikit_learn_on_the_same_terms() -> None:
    matrix, labels = table()
    weights = np.random.default_rng(3).uniform(0.5, 2.0, len(labels))
    model = fit_logistics(matrix, labels, weights, settings=LogisticSettings(tolerance=1e-7), strengths=(0.1,))[0]
    other = LogisticRegression(C=0.1, tol=1e-8, max_iter=500)
    other.fit(model.preparation.terms(matrix), labels, sample_weight=weights)
    assert len(model.weights) == 3 + 3
    assert model.weights == pytest.approx(other.coef_[0], abs=2e-3)


def test_constant_and_empty_columns_drop_out() -> None:
    matrix, labels = table()
    model = fit_logistics(matrix, labels, np.ones(len(labels)), settings=LogisticSettings())[0]
    assert model.preparation.columns.tolist() == [0, 1, 2]
    assert 4 not in model.preparation.indicators


def test_columns_missing_together_share_one_indicator() -> None:
    matrix, labels = table()
    matrix[:, 1] = np.where(np.isnan(matrix[:, 0]), np.nan, np.nan_to_num(matrix[:, 1]))
    model = fit_logistics(matrix, labels, np.ones(len(labels)), settings=LogisticSettings())[0]
    assert model.preparation.indicators.tolist() == [0, 2]


def test_a_copy_of_a_column_does_no_harm() -> None:
    matrix, labels = table()
    twice = np.column_stack([matrix, matrix[:, 0]])
    model = fit_logistics(twice, labels, np.ones(len(labels)), settings=LogisticSettings())[-1]
    first, copy = (model.preparation.columns.tolist().index(column) for column in (0, 5))
    assert model.weights[first] == pytest.approx(model.weights[copy], rel=1e-3)


def test_one_row_alone_equals_the_row_in_the_batch() -> None:
    matrix, labels = table()
    model = fit_logistics(matrix, labels, np.ones(len(labels)), settings=LogisticSettings())[0]
    alone = [float(model.log_odds(matrix[row : row + 1])[0]) for row in range(300)]
    assert alone == model.log_odds(matrix)[:300].tolist()


@pytest.mark.parametrize(("written", "refused"), [(1.0, False), (np.nan, True)])
def test_a_stray_flag_of_blas_is_no_error_but_a_weight_that_is_not_finite_is(
    monkeypatch: pytest.MonkeyPatch, written: float, refused: bool
) -> None:
    fit = LogisticRegression.fit

    def flagged(regression: LogisticRegression, *given: object, **more: object) -> LogisticRegression:
        fit(regression, *given, **more)
        np.subtract(np.array([np.inf]), np.array([np.inf]))  # raises the flag as a stray lane does
        regression.coef_ = regression.coef_ * written
        return regression

    monkeypatch.setattr(LogisticRegression, "fit", flagged)
    matrix, labels = table()
    if refused:
        with pytest.raises(ArithmeticError, match="finite weights, found nan"):
            fit_logistics(matrix, labels, np.ones(len(labels)), settings=LogisticSettings())
    else:
        assert len(fit_logistics(matrix, labels, np.ones(len(labels)), settings=LogisticSettings())) > 1
