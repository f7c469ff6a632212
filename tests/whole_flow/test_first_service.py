"""A service that was started before any training, and what becomes of a broken model while it serves."""

from __future__ import annotations

import datetime as dt

import pytest
from command import tenure
from service import get, serving, until_ready
from shop import sales, write_project

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.registry import Registry
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.training import train

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy"),
]


def test_it_becomes_ready_without_a_restart(tmp_path):
    folder = write_project(tmp_path / "shop", sales())
    with serving(folder) as address:
        for path in ("readyz", "v1/customers/c001/risk", "v1/at-risk"):
            status, answer = get(f"{address}/{path}")
            assert status == 503
            assert "run `tenure train` and `tenure score`" in answer["detail"]
        project = load_project(folder)
        snapshot = import_sources(project, now=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), store=open_store(project.data))
        train(Study.of(project, snapshot), verdict="use", proof={})
        assert tenure("score", folder).code == 0
        assert until_ready(address)[0] == 200
        assert get(f"{address}/v1/at-risk?limit=1")[1]["rows"][0]["rank"] == 1


def test_a_broken_model_is_refused_while_the_list_is_still_served(trained):
    (booster,) = Registry(trained / ".tenure").with_alias("shop-lapse").directory.glob("boosted-0.txt")
    booster.write_bytes(booster.read_bytes()[:4_000])
    with serving(trained) as address:
        status, answer = get(f"{address}/readyz")
        assert status == 503
        assert get(f"{address}/healthz")[0] == 200
        assert get(f"{address}/v1/at-risk?limit=1")[0] == 200
        assert "verified" in answer["detail"] or "boosted-0.txt is not what was saved" in answer["detail"]
