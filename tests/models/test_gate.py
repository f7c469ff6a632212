"""The gate: who passes, who is kept out, and of whom it cannot tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rivals import Rivals

from tenure.models.comparison import Pair
from tenure.models.gate import LEAST_POSITIVES, Check, Decision, Margins, decide
from tenure.models.odds import log_odds, probability


def pairs_of(one: float, other: float, *, customers: int = 3_000, dates: int = 3, seed: int = 1) -> list[Pair]:
    rivals, generator = Rivals.of(one, other, rows=100_000), np.random.default_rng(seed)
    return [rivals.pair(customers, generator, capacity=50, day=day)[0] for day in range(dates)]


def decided(pairs: list[Pair], *, verdict: str = "use", groups: list[pd.DataFrame] | None = None) -> Decision:
    return decide(pairs, groups or [None] * len(pairs), verdict=verdict)


def check(decision: Decision, name: str) -> Check:
    return next(one for one in decision.checks if one.name == name)


@pytest.fixture(scope="module")
def better() -> list[Pair]:
    return pairs_of(0.86, 0.81)


def test_a_better_candidate_is_promoted_with_its_figures(better: list[Pair]) -> None:
    found = decided(better)
    assert found.name == "promote", found
    figures = check(found, "ranking").figures
    assert figures["low"] > 0 and figures["margin"] == 0.005
    assert figures["positives"] == sum(pair.labels.sum() for pair in better)
    assert [one.name for one in found.checks] == ["verdict", "ranking", "profit", "calibration", "groups"]


def test_a_worse_candidate_is_kept_out(better: list[Pair]) -> None:
    found = decided([replace(pair, one=pair.other, other=pair.one) for pair in better])
    assert found.name == "keep"
    assert check(found, "ranking").passed is False
    assert "it may be no lower than -0.0050" in found.sentence


def test_a_verdict_that_allows_no_use_keeps_out_whoever_ranks_better(better: list[Pair]) -> None:
    found = decided(better, verdict="no signal")
    assert (found.name, check(found, "verdict").passed) == ("keep", False)
    assert decided(better, verdict="use recency").name == "promote"


def test_too_little_to_tell_says_how_much_more_is_needed() -> None:
    few = pairs_of(0.84, 0.84, customers=600, dates=1)
    found = decided(few)
    assert found.name == "cannot tell"
    check_of = next(one for one in found.checks if one.passed is None)
    assert check_of.figures["more_positives"] > 0
    assert "more positives" in found.sentence
    none = decided([replace(few[0], labels=np.zeros(len(few[0].labels)))])
    assert none.sentence.endswith(f"needed are about {LEAST_POSITIVES} more.")


def test_as_many_more_positives_as_it_says_are_about_enough() -> None:
    """Equal models that look equal pass the ranking once there are as many rows as was said."""
    few, generator = pairs_of(0.84, 0.84, customers=1_500, dates=1, seed=4), np.random.default_rng(0)
    said = check(decided(few), "ranking").figures
    assert said["more_positives"] > 100
    times = 1.1 * (1 + said["more_positives"] / said["positives"])
    rows = generator.integers(0, 1_500, int(1_500 * times))
    more = Pair("a", np.arange(len(rows)), *(getattr(few[0], name)[rows] for name in ("labels", "one", "other")))
    again = check(decide([more], [None], verdict="use"), "ranking").figures
    assert again["low"] == pytest.approx(-0.005 + (again["difference"] - said["difference"]), abs=0.0012)


def test_a_candidate_that_exaggerates_is_kept_out_unless_the_champion_does_more(better: list[Pair]) -> None:
    shifted = [replace(pair, one=probability(log_odds(pair.one) + 0.5)) for pair in better]
    found = decided(shifted)
    assert (found.name, check(found, "calibration").passed) == ("keep", False)
    both = [replace(pair, other=probability(log_odds(pair.other) + 0.9)) for pair in shifted]
    assert check(decided(both), "calibration").passed


def test_a_group_that_collapses_keeps_the_candidate_out(better: list[Pair]) -> None:
    groups = [pd.DataFrame({"region": np.where(np.arange(len(p.labels)) % 4 == 0, "north", "south")}) for p in better]
    assert decided(better, groups=groups).name == "promote"
    generator = np.random.default_rng(0)
    broken = []
    for pair, table in zip(better, groups, strict=True):
        north = (table["region"] == "north").to_numpy()
        said = pair.one.copy()
        said[north] = generator.permutation(said[north])
        broken.append(replace(pair, one=said))
    found = check(decided(broken, groups=groups), "groups")
    assert found.passed is False
    assert found.sentence.startswith("region 'north'")
    assert [one["group"] for one in found.figures["groups"] if one["collapsed"]] == ["north"]


def test_margins_are_the_projects(better: list[Pair]) -> None:
    swapped = [replace(pair, one=pair.other, other=pair.one) for pair in better]
    wide = decide(swapped, [None] * 3, verdict="use", margins=Margins(auc=0.1, profit=0.5))
    assert wide.name == "promote", wide
