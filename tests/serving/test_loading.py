"""Where the service gets its models: a version that is verified, or the remedy."""

from __future__ import annotations

import pytest

from tenure.pipelines.registry import Registry
from tenure.pipelines.settings.load import load_project
from tenure.serving.loading import load_scorer
from tenure.serving.scorer import ModelUnavailable

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


def test_a_version_that_is_not_registered_is_named(trained):
    with pytest.raises(ModelUnavailable, match="run `tenure train` and `tenure score`") as refused:
        load_scorer(load_project(trained), "lapse", "shop-lapse/9")
    assert "shop-lapse/9" in str(refused.value)
    assert "model 'shop-lapse' has no version 9; it has 1" in str(refused.value.__cause__)


def test_a_truncated_model_is_refused_by_its_child_and_this_process_lives_on(trained, caplog):
    booster = Registry(trained / ".tenure").with_alias("shop-lapse").directory / "boosted-0.txt"
    booster.write_bytes(booster.read_bytes()[:4_000])
    with pytest.raises(ModelUnavailable, match="run `tenure train` and `tenure score`") as refused:
        load_scorer(load_project(trained), "lapse", "shop-lapse/1")
    assert "boosted-0.txt is not what was saved" in caplog.text
    assert str(trained) not in str(refused.value)  # what is said to a caller names no path of this machine


def test_a_project_without_a_registry_is_not_given_one(trained):
    (trained / ".tenure" / "registry").rename(trained / "moved")
    with pytest.raises(ModelUnavailable, match=r"\(NoChampion\); run `tenure train` and `tenure score`"):
        load_scorer(load_project(trained), "lapse", "shop-lapse/1")
    assert not (trained / ".tenure" / "registry").exists()
