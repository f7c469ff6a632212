"""Five ways to estimate each person's effect, fitted on the same trial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenure.models.logistic import Preparation, prepare
from tenure.models.odds import Floats, probability
from tenure.models.uplift.leaving import KnownRisk, Leaving, crossed_log_odds, fit_leaving, fit_risk
from tenure.models.uplift.odds_ratio import Level, OddsLine, fit_level, fit_odds_line, odds_targets
from tenure.models.uplift.score import doubly_robust
from tenure.models.uplift.score_line import ScoreLine, fit_score_line
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.trees import Trees, fit_trees
from tenure.models.uplift.trial import Trial

MEMBERS = ("one odds ratio", "odds line", "odds trees", "two models", "score line")
"""The ways, the most restrained first.

*one odds ratio* and the risk: contacts change everybody's odds alike. *odds line*, *odds trees*: the R-learner on
log-odds (see `fit_odds_line`). *two models*: the T-learner, P(left) of the arms apart (Kuenzel, Sekhon, Bickel and Yu,
Metalearners for estimating heterogeneous treatment effects using machine learning, 2019). *score line*: the DR-learner
(see `fit_score_line`). The X-learner and boosted DR scores were tried as well: on invented trials of 20,000 with
an effect that grows with the risk they ranked worse than any of these.
"""


@dataclass(frozen=True)
class Members:
    """All of them, fitted; `effects` gives a column for each."""

    risk: KnownRisk | Leaving
    level: Level
    preparation: Preparation
    line: OddsLine
    trees: Trees
    untouched: Leaving
    contacted: Leaving
    scores: ScoreLine

    def effects(self, matrix: Floats) -> Floats:
        """P(left) without a contact minus P(left) with one: rows x members, in the order of `MEMBERS`."""
        odds, terms = self.risk.log_odds(matrix), self.preparation.terms(matrix)
        return np.column_stack(
            [
                self.level.effects(odds),
                self.level.effects(odds, self.line.more(terms, odds)),
                self.level.effects(odds, self.trees.values(matrix)),
                probability(self.untouched.log_odds(matrix)) - probability(self.contacted.log_odds(matrix)),
                self.scores.effects(terms),
            ]
        )

    def arms(self, trial: Trial) -> tuple[Floats, Floats]:
        """P(left) without and with a contact, for scores of people these models have not seen."""
        return self.level.arms(self.risk.log_odds(trial.matrix), trial.propensity)


def fit_members(trial: Trial, *, settings: EffectSettings) -> Members:
    """Fit every member; what a member has to know of a row's risk comes from models of other people."""
    odds = crossed_log_odds(trial, settings=settings)
    lever = trial.treated - trial.propensity
    level = fit_level(odds, lever, trial.left, chance=float(trial.propensity.mean()))
    preparation = prepare(trial.matrix, settings=settings.logistic)
    terms = preparation.terms(trial.matrix)
    untouched, contacted = level.arms(odds, trial.propensity)
    scores = doubly_robust(trial.left, trial.treated, trial.propensity, untouched=untouched, contacted=contacted)
    targets, weights = odds_targets(odds, lever, trial.left, level=level)
    return Members(
        risk=fit_risk(trial, settings=settings),
        level=level,
        preparation=preparation,
        line=fit_odds_line(terms, odds, lever, trial.left, level=level, penalty=settings.odds_penalty),
        trees=fit_trees(trial.matrix, targets, weights, settings=settings.trees, seed=settings.seed),
        untouched=fit_leaving(trial.rows(trial.treated == 0.0), settings=settings),
        contacted=fit_leaving(trial.rows(trial.treated == 1.0), settings=settings),
        scores=fit_score_line(terms, scores, penalties=settings.score_penalties),
    )
