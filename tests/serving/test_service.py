"""The application inside BentoML, in this process. BentoML makes one application in a process."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tenure.serving.environment import PROJECT, QUIET, NoProject, project_file


@contextmanager
def undisturbed_logs() -> Iterator[None]:
    """A service writes its log for its whole process; this one is pytest's."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    held = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:], level = held
        root.setLevel(level)
        sys.excepthook, threading.excepthook = hooks
        logging.captureWarnings(False)


@pytest.fixture(scope="session")
def hosted(tmp_path_factory: pytest.TempPathFactory, project_text: str) -> Iterator[TestClient]:
    """A client of the BentoML service of an untrained project."""
    folder = tmp_path_factory.mktemp("hosted")
    (folder / "tenure.toml").write_text(project_text)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        for name in QUIET:
            patch.delenv(name, raising=False)
        patch.setenv(PROJECT, str(folder / "tenure.toml"))
        patch.setenv("BENTOML_HOME", str(folder / "bentoml"))
        patch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))  # `bentoml serve` makes one
        warnings.simplefilter("ignore")  # BentoML's own imports
        from tenure.serving.service import service

        app = TestClient(service.to_asgi(), base_url="http://127.0.0.1", raise_server_exceptions=False)
        with ExitStack() as running:
            with undisturbed_logs():
                running.enter_context(app)
            yield app
        gc.unfreeze()  # the service froze what this whole process had loaded


def test_telemetry_is_off(hosted: TestClient) -> None:
    assert {name: os.environ[name] for name in QUIET} == QUIET
    from bentoml._internal.utils.analytics import usage_stats

    assert usage_stats.do_not_track()


@pytest.mark.parametrize("path", ["/healthz", "/", "/v1/openapi.json", "/metrics"])
def test_our_pages_are_served(hosted: TestClient, path: str) -> None:
    response = hosted.get(path)
    assert response.status_code == 200
    assert "googletagmanager" not in response.text


@pytest.mark.parametrize("path", ["/livez", "/schema.json", "/docs.json", "/static_content/index.html", "/nowhere"])
def test_what_bentoml_would_answer_itself_is_a_problem(hosted: TestClient, path: str) -> None:
    response = hosted.get(path)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_not_ready_says_why(hosted: TestClient) -> None:
    response = hosted.get("/readyz")
    assert response.status_code == 503
    assert "run `tenure train`" in response.json()["detail"]


def test_metrics_name_routes_and_no_customers(hosted: TestClient) -> None:
    hosted.get("/v1/customers/very-private-name/risk")
    text = hosted.get("/metrics").text
    assert 'route="/v1/customers/{customer_id:path}/risk",status="503"' in text
    assert "very-private-name" not in text


def test_a_foreign_host_sees_nothing(hosted: TestClient) -> None:
    for path in ("/metrics", "/healthz", "/v1/at-risk"):
        assert hosted.get(path, headers={"Host": "evil.example"}).status_code == 421


def test_a_service_without_a_project_says_how_to_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROJECT, raising=False)
    with pytest.raises(NoProject, match="start the service with `tenure serve`"):
        project_file()
    monkeypatch.setenv(PROJECT, "/a/tenure.toml")
    assert project_file() == Path("/a/tenure.toml")
