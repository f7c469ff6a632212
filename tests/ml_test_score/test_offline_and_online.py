"""What the back-test says of a ranking agrees with what contacting by it really saves, in a world that knows both."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from world_project import HORIZON, features_of, labelled

from tenure.models.fit import fit_race
from tenure.models.profit import Terms, realised_profit
from tenure.models.settings import RaceSettings
from tenure.pipelines.settings.decisions import Economics
from tenure.pipelines.simulation.parameters import load_world
from tenure.pipelines.simulation.world import World

DAY = dt.date(2024, 12, 30)
ROOM = 1_500
MONTHS = 4


def test_profit_at_capacity_orders_rankings_as_the_money_they_save_does():
    world = World(load_world("plain"), customers=30_000, seed=11)
    seen = []
    for month in range(MONTHS, 0, -1):
        then = DAY - month * HORIZON
        seen.append((then, world.advance(then).observed()))
    now, gone = world.advance(DAY).observed(), world.left()
    examples = pd.concat([labelled(frame, gone, then) for then, frame in seen], ignore_index=True)
    race = fit_race(examples, features=features_of(now), settings=RaceSettings(seed=1))
    risk = race.predict(now.drop(columns="customer_id").astype(float))["risk"].to_numpy()
    truth = world.at(DAY)
    assert truth["customer_id"].tolist() == now["customer_id"].tolist()
    value, lots = truth["value"].to_numpy(), np.random.default_rng(2).random(len(truth))
    rankings = {
        "risk x value": risk * value, "risk": risk, "value": value, "lots": lots, "half lots": risk + 0.1 * lots,
        "least risk": -risk, "least value": -value, "least of both": -risk * value, "young": -truth["age_days"].to_numpy(),
    }  # fmt: skip
    left = truth["customer_id"].map(world.advance(DAY + HORIZON).left()).notna().to_numpy(dtype=float)
    economics = Economics()
    terms = Terms(economics.save_rate, economics.contact_cost)
    first = {name: np.argsort(-key, kind="stable")[:ROOM] for name, key in rankings.items()}
    offline = {name: realised_profit(left[rows], value[rows], terms=terms).sum() for name, rows in first.items()}
    saved = truth["saved"].to_numpy() * value - economics.contact_cost
    online = {name: saved[rows].sum() for name, rows in first.items()}
    agreement = spearmanr([offline[name] for name in rankings], [online[name] for name in rankings]).statistic
    assert agreement >= 0.8, pd.DataFrame({"offline": offline, "online": online})
    assert max(offline, key=lambda name: offline[name]) == max(online, key=lambda name: online[name])
