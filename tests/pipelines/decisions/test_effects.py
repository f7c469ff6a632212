"""Effects learnt from published lists: by whom they differ, what is ranked by them, and what is not learnt from."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, replace
from functools import partial

import mlflow
import numpy as np
import pandas as pd
import pytest
from campaigns import FIRST, UNTIL, Place, Published, publish_campaign, write_campaign
from sqlalchemy import Engine, delete

from tenure.models.uplift.trial import RISK
from tenure.pipelines.decisions.effects import EffectOutdated, NoTrial, effects_of, gather_trial
from tenure.pipelines.decisions.learning_effects import LearntEffect, effect_in_use, learn_effect
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.registry import tracking_uri
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.scoring.score import score
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.decision_tables import actions
from tenure.pipelines.store.desk_tables import list_members, lists
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.training import train

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

NOW = dt.datetime(2024, 6, 3, tzinfo=dt.UTC)
SMALL = """
[features]
families = ["activity", "rhythm", "repeat_buying"]
windows_days = [28]
[backtest]
train_cutoffs = 10
train_every_days = 7
[economics]
value = 400.0
"""


@dataclass
class Shop:
    """A shop with a model of risk; half of its people were to be contacted on one day, by chance."""

    study: Study
    store: Engine
    model: ScoringModel
    label: str
    people: tuple[Place, ...]

    def publish(self, people: tuple[Place, ...]) -> None:
        with self.store.begin() as connection:
            for table in (actions, list_members, lists):
                connection.execute(delete(table))
        publish_campaign(self.store, [Published(FIRST, people, sort="random")])

    def learn(self, people: tuple[Place, ...]) -> LearntEffect:
        self.publish(people)
        return learn_effect(self.study, self.store, self.model, risk_model=self.label)


def invent(count: int = 3_000, *, seed: int = 3) -> tuple[Place, ...]:
    """Half are held out, of whom half leave; contacts keep who bought once before and drive away who bought twice."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(count):
        held_out = bool(generator.random() < 0.5)
        chance = 0.5 if held_out else (0.75 if number % 2 else 0.15)
        left = bool(generator.random() < chance)
        made.append(Place(f"p{number:04d}", held_out, left, risk=0.5, propensity=0.5, value=400.0))
    return tuple(made)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder, people = tmp_path_factory.mktemp("effects"), invent()
    file = write_campaign(folder, [Published(FIRST, people)], store_section=SMALL)
    with (folder / "till.csv").open("a", newline="") as text:
        rows = csv.writer(text, lineterminator="\n")
        # The till is older than anybody on the list, whose purchases would else stand for more than those of later ones.
        rows.writerow(("the first", f"{FIRST - dt.timedelta(days=200)}T12:00:00Z"))
        for place in people[1::2]:
            rows.writerow((place.customer_id, f"{FIRST - dt.timedelta(days=12)}T12:00:00Z"))
        for number in range(300):  # once or twice in the last 28 days; some pause for seven weeks before
            paused = range(28, 77) if number % 3 == 0 else ()
            for days in (*(3, 12)[: 1 + number % 2], *(day for day in range(30, 90, 10) if day not in paused)):
                rows.writerow((f"n{number:03d}", f"{UNTIL - dt.timedelta(days=days)}T12:00:00Z"))
        for number in range(40):  # new ones, like the people of the list
            for days in (3, 12)[: 1 + number % 2]:
                rows.writerow((f"q{number:02d}", f"{UNTIL - dt.timedelta(days=days)}T12:00:00Z"))
    project = load_project(file)
    store = project_store(project)
    study = Study.of(project, import_sources(project, now=NOW, store=store))
    registered = train(study, verdict="use", proof={}).registered
    return Shop(study, store, open_model(registered.directory), registered.label, people)


def test_lists_are_ranked_by_effect_once_people_can_be_told_apart_and_no_later_verdict_ends_that(shop: Shop) -> None:
    project = shop.study.project
    alike = shop.learn(shop.people[::2])
    assert alike.verdict.name == "use risk x value"
    assert alike.registered is not None and alike.in_use is None
    assert effect_in_use(project, "lapse") is None

    found = shop.learn(shop.people)
    assert found.verdict.name == "use uplift"
    assert found.registered is not None
    assert found.in_use == found.registered.label == "shop-lapse-effect/2"
    assert found.registered.tags["verdict"] == "use uplift"
    label, effect = effect_in_use(project, "lapse") or ("", None)
    assert effect is not None and label == found.in_use and effect.extra["risk_model"] == shop.label

    assumed = score(shop.study, shop.model, UNTIL).set_index("unit_id")
    scored = score(shop.study, shop.model, UNTIL, effects=partial(effects_of, effect.model)).set_index("unit_id")
    once, twice = ([f"q{number:02d}" for number in range(start, 40, 2)] for start in (0, 1))
    assert scored.loc[once, "effect"].min() > scored.loc[twice, "effect"].max()
    assert scored.loc[once, "place"].notna().all()
    assert scored.loc[twice, "place"].isna().all(), "whoever a contact drives away is not contacted"
    assert assumed["effect"].isna().all()
    pd.testing.assert_series_equal(scored["probability"].sort_index(), assumed["probability"].sort_index())

    again = shop.learn(shop.people[::2])
    assert again.registered is not None
    assert (again.registered.label, again.in_use) == ("shop-lapse-effect/3", "shop-lapse-effect/2")
    by_risk = project.economics.model_copy(update={"rank_by": "risk"})
    assert effect_in_use(project.model_copy(update={"economics": by_risk}), "lapse") is None

    mlflow.set_tracking_uri(tracking_uri(project.data))
    loaded = mlflow.pyfunc.load_model("models:/shop-lapse-effect@champion")
    row = pd.DataFrame({feature.name: [0.5] for feature in effect.model.features})
    assert loaded.predict(row).tolist() == effect.model.predict(row).tolist()

    with pytest.raises(EffectOutdated, match="tenure uplift"):
        effects_of(effect.model, pd.DataFrame({"unit_id": ["a"]}), np.array([0.5]))


def test_what_families_learnt_of_outcomes_is_no_feature_and_the_risk_of_then_is(shop: Shop) -> None:
    shop.publish(shop.people[:200])
    trial = gather_trial(shop.study, shop.store, shop.model).trial
    names = [feature.name for feature in trial.features]
    learnt = [name for name in shop.model.features if name.startswith("repeat")]
    assert shop.model.question.fitted.learnt and learnt
    assert names == [name for name in shop.model.features if name not in learnt] + [RISK]
    assert (trial.matrix[:, names.index(RISK)] == 0.5).all()


def test_too_few_are_said_and_make_no_model(shop: Shop) -> None:
    found = shop.learn(shop.people[:120])
    assert found.verdict.name == "not enough data"
    assert (found.measures, found.registered) == (None, None)


def test_lists_without_a_hold_out_are_no_trial(shop: Shop) -> None:
    with pytest.raises(NoTrial, match=r"60 without a hold-out.*tenure list --pilot"):
        shop.learn(tuple(replace(place, propensity=1.0) for place in shop.people[:60]))
