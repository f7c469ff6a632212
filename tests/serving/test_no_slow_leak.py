"""A look-up costs at the end of a long day what it cost in the morning, in time and in memory."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psutil
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


def _ask(client: TestClient) -> float:
    """CPU seconds of a block of look-ups."""
    started = time.process_time()
    for _ in range(BLOCK):
        assert client.get("/v1/customers/ann/risk").status_code == 200
    return time.process_time() - started


def _measured(folder: Path) -> tuple[list[float], int]:
    """CPU seconds of each block, and by how many bytes the process grew meanwhile."""
    (folder / "tenure.toml").write_text(FROM_A_FILE + "[service]\nrequests_a_second = 1e6\n")
    project = load_project(folder)
    store = project_store(project)
    put_scores(store)
    app = create_app(ServiceSettings(project=project), engine=store, scorers=Scorers(_none), now=lambda: NOON)
    client = TestClient(app, base_url="http://127.0.0.1")
    _ask(client)  # what is loaded once
    process = psutil.Process()
    before = process.memory_info().rss
    seconds = [_ask(client) for _ in range(BLOCKS)]
    grown = process.memory_info().rss - before
    app.state.auditor.close()
    store.dispose()
    return seconds, grown


def test_the_last_thousand_look_ups_cost_what_the_first_did(tmp_path: Path) -> None:
    """In a process of its own: in this one threads of other tests may be at work."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
        seconds, grown = alone.submit(_measured, tmp_path).result(timeout=120)
    assert min(seconds[-2:]) <= SLOWER_AT_MOST * min(seconds[:2])
    assert grown <= MOST_BYTES_A_REQUEST * BLOCK * BLOCKS
