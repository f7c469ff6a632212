from __future__ import annotations

import numpy as np
import pytest

from tenure.models.boosted import BoostedModel, BoostedSettings, bin_features, fit_boosted, read_boosted
from tenure.models.feature import Feature
from tenure.models.odds import Floats, probability

SHAPE = BoostedSettings(trees=(40,), leaf_rows=20, column_share=1.0)


def table() -> tuple[Floats, Floats]:
    generator = np.random.default_rng(4)
    matrix = generator.normal(size=(2_000, 2))
    return matrix, (generator.random(2_000) < probability(-matrix[:, 0] + matrix[:, 1])).astype(float)


def grown(*signs: int, shape: BoostedSettings = SHAPE, names: tuple[str, str] = ("a", "b")) -> BoostedModel:
    matrix, labels = table()
    features = [Feature(name, sign=sign) for name, sign in zip(names, signs, strict=True)]
    bins = bin_features(matrix, labels, np.ones(2_000), features=features, settings=shape, seed=1)
    return fit_boosted(bins, features=features, settings=shape, trees=40, seed=1, threads=1)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_certain_sign_is_obeyed_even_against_the_data(sign: int) -> None:
    ramp = np.column_stack([np.linspace(-3.0, 3.0, 300), np.zeros(300)])
    assert (sign * np.diff(grown(sign, 0).log_odds(ramp)) >= 0.0).all()


def test_one_row_alone_equals_the_row_in_the_batch() -> None:
    matrix, _ = table()
    model = grown(0, 0, shape=BoostedSettings(trees=(40,), leaf_rows=20, seeds=3))
    alone = [float(model.log_odds(matrix[row : row + 1])[0]) for row in range(200)]
    assert alone == model.log_odds(matrix)[:200].tolist()


def test_reading_the_text_back_changes_no_bit() -> None:
    matrix, _ = table()
    model = grown(0, 1)
    assert read_boosted(model.texts(), trees=40).log_odds(matrix).tolist() == model.log_odds(matrix).tolist()


def test_the_number_of_threads_changes_no_byte() -> None:
    matrix, labels = table()
    features = [Feature("a"), Feature("b")]
    bins = bin_features(matrix, labels, np.ones(2_000), features=features, settings=SHAPE, seed=1)
    given = {"features": features, "settings": SHAPE, "trees": 3, "seed": 1}
    one, two = (fit_boosted(bins, threads=threads, **given).texts() for threads in (1, 2))
    assert one == two


def test_names_lightgbm_would_refuse_are_no_obstacle() -> None:
    matrix, _ = table()
    plain, odd = grown(0, 0), grown(0, 0, names=('kind:{"x"}', "kind:[,x,]"))
    assert odd.log_odds(matrix).tolist() == plain.log_odds(matrix).tolist()
