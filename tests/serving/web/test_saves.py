"""The page about saves: what was counted, in words, tables and pictures, and nothing where nothing was."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import running
from campaigns import FIRST, UNTIL, Published, drawn, places, publish_campaign, write_campaign
from fastapi.testclient import TestClient

from tenure.pipelines.decisions.saves import report_saves
from tenure.pipelines.decisions.saves_document import keep_saves
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)


def counted(folder: Path, found: list[Published]) -> Project:
    """A project of which saves were counted."""
    project = load_project(write_campaign(folder, found))
    store = project_store(project)
    publish_campaign(store, found)
    keep_saves(project, report_saves(Study.of(project, import_sources(project, now=NOW, store=store)), store))
    store.dispose()
    return project


@pytest.fixture
def serve(tmp_path: Path, scorers: Scorers) -> Callable[[list[Published]], Any]:
    """The application over a project with these lists."""

    def serve(found: list[Published]) -> Any:
        project = counted(tmp_path / "counted", found)
        return create_app(
            ServiceSettings(project=project), engine=project_store(project), scorers=scorers, now=lambda: NOW
        )

    return serve


@pytest.fixture
def store_section() -> str:
    """The embedded store: the page reads none."""
    return ""


def test_the_page_says_what_was_kept_first(serve: Callable[..., Any]) -> None:
    app = serve(
        [Published(FIRST, drawn(900, seed=3, saved=0.9)), Published(dt.date(2024, 5, 20), drawn(60, seed=4, name="d"))]
    )
    page = TestClient(app, base_url="http://127.0.0.1").get("/saves")
    app.state.auditor.close()
    assert page.status_code == 200
    text = re.sub(r"\s+", " ", page.text)
    assert re.search(r"<h2>Kept</h2>\s*<p class=\"big\">About \d+ of \d+ to be contacted were kept, between", text)
    assert "the sample ratio is as drawn" in text
    assert "held out were contacted all the same" in text
    assert "known on 2024-06-17" in text
    assert f"complete until {UNTIL}" in text
    for heading in ("List by list", "By playbook", "By segment"):
        assert f"<h2>{heading}</h2>" in text
    assert text.count('class="forest"') == 3
    assert '<a href="/saves">What was saved</a>' in text


def test_a_wrong_draw_is_a_warning(serve: Callable[..., Any]) -> None:
    app = serve([Published(FIRST, places((400, 100), (600, 90)))])
    page = TestClient(app, base_url="http://127.0.0.1").get("/saves").text
    app.state.auditor.close()
    assert '<section class="verdict wrong">' in page
    assert "The sample ratio is wrong: do not believe this." in page


def test_before_anything_was_counted_it_says_what_to_run(client: TestClient) -> None:
    page = client.get("/saves?outcome=churn").text
    assert "Nothing was counted of churn yet; <code>tenure saves</code> does it" in page
    assert client.get("/saves?outcome=nonsense").status_code == 422


def test_the_page_fits_a_phone_and_needs_no_script(serve: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    app = serve([Published(FIRST, drawn(400, seed=3))])
    with running(app) as address:
        page = open_page(width=375, java_script_enabled=False)
        page.goto(f"{address}/saves")
        page.get_by_role("heading", name="What was saved").wait_for()
        assert page.get_by_role("img", name="Kept of 100 contacts list by list").count() == 1
        wide = open_page(width=375)
        wide.goto(f"{address}/saves")
        assert wide.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    app.state.auditor.close()
