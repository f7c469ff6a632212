from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tenure.models.feature import Feature
from tenure.models.odds import probability
from tenure.models.uplift.effect import FittedEffect, fit_effect
from tenure.models.uplift.leaving import KnownRisk, deal
from tenure.models.uplift.members import MEMBERS, fit_members
from tenure.models.uplift.mixing import choose_mixture
from tenure.models.uplift.odds_ratio import Level, fit_level, fit_odds_line, odds_targets
from tenure.models.uplift.score import doubly_robust
from tenure.models.uplift.score_line import fit_score_line
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.trial import Trial, TrialTooSmall

Split = tuple[Trial, np.ndarray]


def test_the_score_of_one_row_by_hand() -> None:
    row = {"untouched": np.array([0.3]), "contacted": np.array([0.2])}
    held_out = doubly_robust(np.array([1.0]), np.array([0.0]), np.array([0.9]), **row)
    assert held_out == pytest.approx(0.3 - 0.2 + (1 - 0.3) / 0.1)
    contacted = doubly_robust(np.array([0.0]), np.array([1.0]), np.array([0.9]), **row)
    assert contacted == pytest.approx(0.3 - 0.2 - (0 - 0.2) / 0.9)


def test_the_mean_score_is_the_true_effect_although_the_risk_is_wrong(split: Split) -> None:
    trial, truth = split
    wrong = np.full(len(trial), 0.9)
    scores = doubly_robust(trial.left, trial.treated, trial.propensity, untouched=wrong, contacted=wrong)
    assert scores.mean() == pytest.approx(truth.mean(), abs=3 * scores.std() / len(trial) ** 0.5)


def test_the_common_odds_ratio_without_features_is_that_of_the_table() -> None:
    left = np.repeat([1.0, 0.0, 1.0, 0.0], [30, 70, 20, 80])
    treated = np.repeat([0.0, 1.0], 100)
    level = fit_level(np.zeros(200), treated - 0.5, left, chance=0.5)
    assert level.ratio == pytest.approx(np.log(20 / 80) - np.log(30 / 70), abs=1e-6)
    assert level.effects(np.zeros(1)) == pytest.approx(0.1)


def test_a_line_of_odds_finds_what_differs_by_feature() -> None:
    generator = np.random.default_rng(3)
    term, treated = generator.normal(size=40_000), (generator.random(40_000) < 0.5).astype(float)
    lever = treated - 0.5
    left = (generator.random(40_000) < probability(-1.0 + lever * (-0.4 + 0.5 * term))).astype(float)
    odds = np.full(40_000, -1.0)
    level = fit_level(odds, lever, left, chance=0.5)
    line = fit_odds_line(term[:, None], odds, lever, left, level=level, penalty=1.0)
    assert level.ratio + line.constant == pytest.approx(-0.4, abs=0.07)
    assert line.weights[0] == pytest.approx(0.5, abs=0.07)


def test_targets_are_one_newton_step_from_the_common_ratio() -> None:
    targets, weights = odds_targets(np.zeros(1), np.array([0.5]), np.ones(1), level=Level(0.0, 0.0, 0.5))
    assert targets.tolist() == [4.0]  # (1 - 1/2) / (1/2 * 1/4)
    assert weights.tolist() == [0.0625]  # 1/4 * 1/4


def test_a_score_line_follows_a_signal_and_not_noise() -> None:
    generator = np.random.default_rng(4)
    terms = generator.normal(size=(5_000, 6))
    noise = generator.normal(size=5_000)
    seen = fit_score_line(terms, 0.3 * terms[:, 0] + noise, penalties=(0.01, 1.0, 30.0))
    assert seen.weights[0] == pytest.approx(0.3, abs=0.05)
    unseen = fit_score_line(terms, noise, penalties=(0.01, 1.0, 30.0))
    assert np.abs(unseen.weights).max() < 0.02


def test_who_is_kept_and_who_is_driven_away_is_found(split: Split, fitted: FittedEffect) -> None:
    trial, truth = split
    found = fitted.model.effects(trial.matrix)
    assert np.corrcoef(found, truth)[0, 1] > 0.8
    assert found.mean() == pytest.approx(truth.mean(), abs=0.04)
    assert (truth[found > np.quantile(found, 0.8)] > 0).mean() > 0.95


def test_out_of_fold_estimates_are_not_the_fitted_ones_but_near_them(split: Split, fitted: FittedEffect) -> None:
    out_of_fold, all_in = fitted.proof.effects, fitted.model.effects(split[0].matrix)
    assert not np.array_equal(out_of_fold, all_in)
    assert np.corrcoef(out_of_fold, split[1])[0, 1] > 0.8


@pytest.mark.parametrize("member", range(len(MEMBERS)))
def test_every_member_but_the_common_ratio_ranks_by_the_true_effect(
    split: Split, fitted: FittedEffect, member: int
) -> None:
    found = fitted.model.members.effects(split[0].matrix)[:, member]
    least = 0.0 if MEMBERS[member] == "one odds ratio" else 0.7
    assert np.corrcoef(found, split[1])[0, 1] > least


def test_one_row_equals_the_batch(split: Split, fitted: FittedEffect) -> None:
    matrix = split[0].matrix[:50]
    frame = pd.DataFrame(matrix, columns=[feature.name for feature in fitted.model.features])
    batch = fitted.model.predict(frame)
    assert [fitted.model.predict(frame.iloc[[row]]).iloc[0] for row in range(50)] == batch.tolist()


def test_differences_that_are_noise_are_shrunk_away() -> None:
    generator = np.random.default_rng(5)
    noise, scores = generator.normal(0.0, 0.05, (4_000, len(MEMBERS))), generator.normal(0.1, 0.6, 4_000)
    mixture = choose_mixture(noise, scores, np.arange(4_000), alone_beyond=1.0)
    assert mixture.kept < 0.5
    truth = noise[:, [1]] * np.ones(len(MEMBERS))
    assert choose_mixture(truth, scores + truth[:, 0] * 5, np.arange(4_000), alone_beyond=1.0).kept == 1.0


def test_a_member_alone_is_taken_where_the_others_only_add_noise() -> None:
    generator = np.random.default_rng(6)
    columns = generator.normal(0.0, 0.2, (4_000, len(MEMBERS)))
    scores = columns[:, 2] + generator.normal(0.0, 0.3, 4_000)
    assert choose_mixture(columns, scores, np.arange(4_000), alone_beyond=1.0).name == MEMBERS[2]


def test_the_rows_of_a_person_are_never_parted(split: Split) -> None:
    trial = replace(split[0], persons=np.arange(len(split[0])) // 3)
    masks = deal(trial, folds=4, seed=1)
    assert np.sum(masks, axis=0).tolist() == [1] * len(trial)
    for mask in masks:
        assert not set(trial.persons[mask]) & set(trial.persons[~mask])


def test_a_known_risk_takes_the_place_of_a_learnt_one(split: Split, settings: EffectSettings) -> None:
    trial = split[0]
    risk = probability(-1.0 + 0.5 * trial.matrix[:, 0] - 0.5 * np.nan_to_num(trial.matrix[:, 1]))
    known = replace(trial, matrix=np.column_stack([trial.matrix, risk]), features=(*trial.features, Feature("risk")))
    members = fit_members(known, settings=settings)
    assert isinstance(members.risk, KnownRisk)
    assert np.corrcoef(members.effects(known.matrix).mean(axis=1), split[1])[0, 1] > 0.85


def test_the_same_trial_gives_the_same_effects(split: Split, settings: EffectSettings, fitted: FittedEffect) -> None:
    again = fit_effect(split[0], settings=settings)
    assert np.array_equal(again.proof.effects, fitted.proof.effects)


def test_seeds_agree_more_where_several_deals_are_averaged(split: Split, settings: EffectSettings) -> None:
    def apart(deals: int) -> float:
        given = [replace(settings, deals=deals, seed=seed) for seed in (1, 2)]
        one, other = (fit_effect(split[0], settings=each).proof.scores for each in given)
        return float(np.abs(one - other).mean())

    assert apart(3) < 0.8 * apart(1)


def test_too_small_a_trial_is_not_fitted(split: Split) -> None:
    with pytest.raises(TrialTooSmall, match="hold out a larger share"):
        fit_effect(split[0].rows(np.arange(60)))
