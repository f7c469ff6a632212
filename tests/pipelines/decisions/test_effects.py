"""Effects learnt from published lists: by whom they differ, what is ranked by them, and what is not learnt from."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from campaigns import FIRST, UNTIL, Place, Published, places, publish_campaign, write_campaign
from sqlalchemy import Engine

from tenure.models.uplift.trial import RISK
from tenure.pipelines.decisions.effects import EffectOutdated, NoTrial, effects_of, gather_trial
from tenure.pipelines.decisions.learning_effects import LearntEffect, effect_in_use, learn_effect
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.scoring.score import score
from tenure.pipelines.settings.load import load_project
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
    """A shop with a pilot behind it."""

    folder: Path
    study: Study
    store: Engine
    model: ScoringModel
    label: str

    def learn(self) -> LearntEffect:
        return learn_effect(self.study, self.store, self.model, risk_model=self.label)


def pilot(count: int, *, light: float, heavy: float, seed: int = 3) -> tuple[Place, ...]:
    """Half are held out, of whom half leave; of those contacted `light` or `heavy`, who bought once or twice before."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(count):
        held_out = bool(generator.random() < 0.5)
        chance = 0.5 if held_out else (heavy if number % 2 else light)
        left = bool(generator.random() < chance)
        made.append(Place(f"p{number:04d}", held_out, left, risk=0.5, propensity=0.5, value=400.0))
    return tuple(made)


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., Shop]:
    def shop(found: list[Published], store_section: str = "") -> Shop:
        file = write_campaign(tmp_path, found, store_section=SMALL + store_section)
        with (tmp_path / "till.csv").open("a", newline="") as text:
            rows = csv.writer(text, lineterminator="\n")
            for place in found[0].places if found else ():
                if int(place.customer_id[-1]) % 2:
                    rows.writerow((place.customer_id, f"{FIRST - dt.timedelta(days=12)}T12:00:00Z"))
            for number in range(300):  # once or twice in the last 28 days; some pause for seven weeks before
                paused = range(28, 77) if number % 3 == 0 else ()
                for days in (*(3, 12)[: 1 + number % 2], *(day for day in range(30, 90, 10) if day not in paused)):
                    rows.writerow((f"n{number:03d}", f"{UNTIL - dt.timedelta(days=days)}T12:00:00Z"))
        project = load_project(file)
        store = project_store(project)
        publish_campaign(store, found)
        study = Study.of(project, import_sources(project, now=NOW, store=store))
        registered = train(study, verdict="use", proof={}).registered
        return Shop(tmp_path, study, store, open_model(registered.directory), registered.label)

    return shop


def test_contacts_are_ranked_by_effect_where_people_can_be_told_apart(shop: Callable[..., Shop]) -> None:
    made = shop([Published(FIRST, pilot(3_000, light=0.2, heavy=0.6), sort="random")])
    found = made.learn()
    assert found.verdict.name == "use uplift"
    assert found.registered is not None
    assert found.in_use == found.registered.label == "shop-lapse-effect/1"
    assert found.registered.tags["verdict"] == "use uplift"
    label, effect = effect_in_use(made.study.project, "lapse") or ("", None)
    assert effect is not None and label == found.in_use and effect.extra["risk_model"] == made.label

    assumed = score(made.study, made.model, UNTIL).set_index("unit_id")
    scored = score(
        made.study, made.model, UNTIL, effects=lambda rows, risk: effects_of(effect.model, rows, risk)
    ).set_index("unit_id")
    light, heavy = ([f"n{number:03d}" for number in range(start, 300, 2)] for start in (0, 1))
    assert scored.loc[light, "effect"].min() > scored.loc[heavy, "effect"].max()
    assert scored.loc[light, "place"].notna().all()
    assert scored.loc[heavy, "place"].isna().all(), "whoever a contact drives away is not contacted"
    assert assumed["effect"].isna().all() and assumed.loc[light, "place"].notna().all()
    pd.testing.assert_series_equal(scored["probability"], assumed["probability"])


def test_where_all_are_moved_alike_nothing_changes(shop: Callable[..., Shop]) -> None:
    made = shop([Published(FIRST, pilot(3_000, light=0.3, heavy=0.3), sort="random")])
    found = made.learn()
    assert found.verdict.name == "use risk x value"
    assert found.registered is not None and found.in_use is None
    assert effect_in_use(made.study.project, "lapse") is None


def test_a_later_verdict_removes_no_effect_model_and_ranking_by_risk_can_be_chosen(shop: Callable[..., Shop]) -> None:
    made = shop([Published(FIRST, pilot(3_000, light=0.2, heavy=0.6), sort="random")])
    assert made.learn().in_use == "shop-lapse-effect/1"
    with made.store.begin() as connection:
        connection.exec_driver_sql("update list_members set held_out = not held_out where rank % 2 = 1")
    found = made.learn()
    assert found.verdict.name != "use uplift"
    assert found.registered is not None
    assert (found.registered.label, found.in_use) == ("shop-lapse-effect/2", "shop-lapse-effect/1")
    economics = made.study.project.economics.model_copy(update={"rank_by": "risk"})
    assert effect_in_use(made.study.project.model_copy(update={"economics": economics}), "lapse") is None


def test_what_families_learnt_of_outcomes_is_no_feature_and_the_risk_of_then_is(shop: Callable[..., Shop]) -> None:
    made = shop([Published(FIRST, pilot(1_200, light=0.2, heavy=0.6), sort="random")])
    trial = gather_trial(made.study, made.store, made.model).trial
    names = [feature.name for feature in trial.features]
    learnt = [name for name in made.model.features if name.startswith("repeat")]
    assert made.model.question.fitted.learnt and learnt
    assert names == [name for name in made.model.features if name not in learnt] + [RISK]
    assert (trial.matrix[:, names.index(RISK)] == 0.5).all()


def test_too_few_are_said_and_make_no_model(shop: Callable[..., Shop]) -> None:
    made = shop([Published(FIRST, places((60, 20), (60, 10), propensity=0.5))])
    found = made.learn()
    assert found.verdict.name == "not enough data"
    assert (found.measures, found.registered, found.in_use) == (None, None, None)


def test_lists_without_a_hold_out_are_no_trial(shop: Callable[..., Shop]) -> None:
    made = shop([Published(FIRST, places((0, 0), (60, 10), propensity=1.0))])
    with pytest.raises(NoTrial, match=r"60 without a hold-out.*tenure list --pilot"):
        made.learn()


def test_a_model_that_wants_columns_of_before_is_outdated(shop: Callable[..., Shop]) -> None:
    made = shop([Published(FIRST, pilot(1_200, light=0.2, heavy=0.6), sort="random")])
    found = made.learn()
    assert found.registered is not None
    from tenure.models.uplift.artefact import load_effect

    effect = load_effect(found.registered.directory).model
    with pytest.raises(EffectOutdated, match="tenure uplift"):
        effects_of(effect, pd.DataFrame({"unit_id": ["a"]}), np.array([0.5]))
    import mlflow

    from tenure.pipelines.registry import tracking_uri

    mlflow.set_tracking_uri(tracking_uri(made.study.project.data))
    loaded = mlflow.pyfunc.load_model(f"models:/{found.registered.name}/{found.registered.version}")
    row = pd.DataFrame({feature.name: [0.5] for feature in effect.features})
    assert loaded.predict(row).tolist() == effect.predict(row).tolist()
    assert json.loads((found.registered.directory / "extra.json").read_text())["outcome"] == "lapse"
