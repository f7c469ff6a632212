"""A look-up costs at the end of a long day what it cost in the morning, in time and in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from fastapi.testclient import TestClient
from scored import NOON, put_scores
from small import FROM_A_FILE

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.serving.app import create_app
from tenure.serving.scorer import ModelUnavailable, Scorer, Scorers
from tenure.serving.settings import ServiceSettings

BLOCK, BLOCKS = 500, 6
MOST_BYTES_A_REQUEST = 1024
SLOWER_AT_MOST = 1.5


def _none(_outcome: str, _version: str) -> Scorer:
    raise ModelUnavailable("look-ups need no model")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    (tmp_path / "tenure.toml").write_text(FROM_A_FILE + "[service]\nrequests_a_second = 1e6\n")
    project = load_project(tmp_path)
    store = project_store(project)
    put_scores(store)
    app = create_app(ServiceSettings(project=project), engine=store, scorers=Scorers(_none), now=lambda: NOON)
    yield TestClient(app, base_url="http://127.0.0.1")
    app.state.auditor.close()
    store.dispose()


def _ask(client: TestClient) -> float:
    """CPU seconds of a block of look-ups."""
    started = time.process_time()
    for _ in range(BLOCK):
        assert client.get("/v1/customers/ann/risk").status_code == 200
    return time.process_time() - started


def test_the_last_thousand_look_ups_cost_what_the_first_did(client: TestClient) -> None:
    _ask(client)  # what is loaded once
    process = psutil.Process()
    before = process.memory_info().rss
    seconds = [_ask(client) for _ in range(BLOCKS)]
    grown = process.memory_info().rss - before
    assert min(seconds[-2:]) <= SLOWER_AT_MOST * min(seconds[:2])
    assert grown <= MOST_BYTES_A_REQUEST * BLOCK * BLOCKS
