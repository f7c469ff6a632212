"""The page about the model of a trained project: its proof, its report, its card and the sheet of its data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


@pytest.fixture
def desk(trained: Path, scorers: Scorers) -> Iterator[TestClient]:
    project = load_project(trained)
    app = create_app(ServiceSettings(project=project), engine=project_store(project), scorers=scorers)
    yield TestClient(app, base_url="http://127.0.0.1")
    app.state.auditor.close()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/model/report", "Group by group"),
        ("/model/sheets/model-card", "Intended use"),
        ("/model/sheets/data-sheet", "Composition"),
    ],
)
def test_the_page_leads_to_what_the_training_wrote(desk: TestClient, path: str, said: str) -> None:
    assert f"{path}?outcome=lapse" in desk.get("/model").text
    answer = desk.get(path)
    assert said in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_there_is_no_other_sheet(desk: TestClient) -> None:
    assert desk.get("/model/sheets/other").status_code == 404
