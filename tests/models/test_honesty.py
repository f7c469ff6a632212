"""The whole way from examples to a verdict, in worlds in which the answer is known."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tenure.models import verdict
from tenure.models.feature import Feature
from tenure.models.fit import fit_race
from tenure.models.settings import RaceSettings

World = Callable[..., pd.DataFrame]


def judged(examples: pd.DataFrame, features: tuple[Feature, ...], settings: RaceSettings) -> verdict.Verdict:
    origins = []
    for as_of in sorted(examples["as_of"].unique())[-3:]:
        past, now = examples[examples["label_end"] <= as_of], examples[examples["as_of"] == as_of]
        found = fit_race(past, features=features, settings=settings).predict(now)
        origins.append(verdict.Tested(str(as_of), now["customer_id"], now["label"], found))
    return verdict.judge(origins, seed=1)


@pytest.mark.parametrize("seed", range(3))
def test_noise_ends_in_no_signal(
    world: World, features: tuple[Feature, ...], settings: RaceSettings, seed: int
) -> None:
    noise = world(recency=0.0, visits=0.0, cutoffs=7, seed=seed)
    assert judged(noise, features, settings).name == "no signal"


def test_silence_alone_ends_in_use_recency(world: World, features: tuple[Feature, ...], settings: RaceSettings) -> None:
    silence = world(recency=0.8, visits=0.0, cutoffs=7)
    assert judged(silence, features, settings).name == "use recency"


def test_a_signal_beyond_silence_ends_in_use(
    world: World, features: tuple[Feature, ...], settings: RaceSettings
) -> None:
    more = world(recency=0.5, visits=0.6, cutoffs=7)
    assert judged(more, features, settings).name == "use"


def test_a_world_that_falls_as_silence_grows_is_no_obstacle(
    world: World, features: tuple[Feature, ...], settings: RaceSettings
) -> None:
    turned = world(recency=-0.8, visits=0.0, cutoffs=7)
    assert judged(turned, features, settings).name == "use recency"
