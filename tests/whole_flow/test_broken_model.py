"""A service whose model is cut or gone: what needs no model goes on, and a model that is brought back is used."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from command import tenure
from senders import kept
from service import get, history_of_customer, post, serving, until_ready

from tenure.pipelines.registry import Registry

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")]

LIVE = '[[source]]\nname = "till"\nlive = true\n'


def cut(artefact: Path) -> None:
    """Leave a part of the model."""
    booster = artefact / "boosted-0.txt"
    booster.write_bytes(booster.read_bytes()[:4_000])


def test_without_its_model_it_tells_scores_and_keeps_deliveries_and_recovers(trained: Path, tmp_path: Path) -> None:
    customer = json.loads(tenure("list", trained, "--capacity", 1, "--format", "json").out)[0]["customer_id"]
    history = history_of_customer(trained, customer)
    with (trained / "tenure.toml").open("a") as file:
        file.write(LIVE)
    artefact = Registry(trained / ".tenure").with_alias("shop-lapse").directory
    shutil.copytree(artefact, tmp_path / "whole")
    cut(artefact)
    with serving(trained) as address:
        told_without_model(address, trained, customer, history, delivered="r1")
        bring_back(artefact, tmp_path / "whole")
        works_again(address, customer, history)
    shutil.rmtree(artefact)
    with serving(trained) as address:
        told_without_model(address, trained, customer, history, delivered="r2")
        bring_back(artefact, tmp_path / "whole")
        assert until_ready(address)[0] == 200
    assert kept(trained) == {"r1", "r2"}


def told_without_model(address: str, folder: Path, customer: str, history: dict[str, Any], *, delivered: str) -> None:
    status, answer = get(f"{address}/readyz")
    assert (status, "run `tenure train` and `tenure score`" in answer["detail"]) == (503, True), answer
    assert str(folder) not in answer["detail"]
    assert get(f"{address}/healthz")[0] == 200
    assert get(f"{address}/v1/customers/{customer}/risk")[0] == get(f"{address}/v1/at-risk")[0] == 200
    assert post(f"{address}/v1/score", {"as_of": "2024-12-29", "customers": [history]})[0] == 503
    row = {
        "interaction_id": delivered,
        "customer_id": customer,
        "kind": "purchase",
        "occurred_at": "2024-12-28T10:00:00Z",
    }
    assert post(f"{address}/v1/interactions", {"interactions": [row]})[0] == 202


def bring_back(artefact: Path, whole: Path) -> None:
    shutil.rmtree(artefact, ignore_errors=True)
    shutil.copytree(whole, artefact)


def works_again(address: str, customer: str, history: dict[str, Any]) -> None:
    assert until_ready(address)[0] == 200
    assert post(f"{address}/v1/score", {"as_of": "2024-12-29", "customers": [history]})[0] == 200
    changed, deadline = None, time.monotonic() + 90
    while changed is None and time.monotonic() < deadline:  # what was delivered meanwhile reaches the flag
        changed = get(f"{address}/v1/customers/{customer}/risk")[1]["changed"]
        time.sleep(0.2)
    assert changed is not None
