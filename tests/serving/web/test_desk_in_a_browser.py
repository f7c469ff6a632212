"""The desk in a real browser, without JavaScript, as wide as a phone and as a desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import running
from sqlalchemy import Engine

from tenure.pipelines.access.people import accept, invite
from tenure.pipelines.access.roles import Role
from tenure.pipelines.settings.project import Project
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
PASSWORD = "a horse on stairs"


@pytest.fixture
def store_section() -> str:
    """The embedded store: what a browser sees does not depend on it."""
    return ""


@pytest.fixture
def address(project: Project, engine: Engine, scorers: Scorers, put: Callable[..., int]) -> Iterator[str]:
    put()
    accept(engine, "zoe@example.com", invite(engine, "zoe@example.com", Role.retention, now=NOON), PASSWORD, now=NOON)
    app = create_app(ServiceSettings(project=project), engine=engine, scorers=scorers, now=lambda: NOON)
    with running(app) as service:
        yield service
    app.state.auditor.close()


def logged_in(page: Any, address: str, path: str = "/") -> Any:
    page.goto(address + path)
    page.get_by_label("Name or e-mail").fill("zoe@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    return page


def test_a_day_at_the_desk_needs_no_script(address: str, open_page: Callable[..., Any]) -> None:
    page = logged_in(open_page(java_script_enabled=False), address)
    page.get_by_role("heading", name="At risk").wait_for()
    assert page.get_by_role("img", name="Histogram of risk").count() == 1
    page.get_by_label("Choose ann").first.check()
    page.locator(".actions").get_by_label("Owner").select_option("zoe@example.com")
    page.get_by_role("button", name="Assign").click()
    page.get_by_role("row", name="Choose ann 1 ann").get_by_text("zoe@example.com").wait_for()
    page.get_by_role("button", name="Publish these 50 as a numbered list").click()
    page.get_by_role("heading", name="List 1").wait_for()
    page.get_by_role("link", name="ann").first.click()
    page.get_by_label("Note").fill("Called, all is well.")
    page.get_by_role("button", name="Write note").click()
    page.get_by_text("Called, all is well.").wait_for()
    page.get_by_role("searchbox").fill("bob")
    page.get_by_role("button", name="Find").click()
    page.get_by_text("they have gone quiet already").wait_for()
    page.get_by_role("link", name="zoe@example.com").click()
    page.get_by_role("button", name="Log out everywhere").click()
    page.get_by_role("button", name="Log in").wait_for()


def test_one_comes_back_to_where_one_wanted_to_go(address: str, open_page: Callable[..., Any]) -> None:
    page = logged_in(open_page(), address, "/?band=high")
    page.get_by_role("heading", name="At risk").wait_for()
    assert page.url == f"{address}/?band=high"


@pytest.mark.parametrize("path", ["/", "/lists", "/alerts", "/model", "/about", "/customers/ann", "/find?q=ann", "/me"])
def test_a_page_fits_a_phone_and_every_field_has_a_name(address: str, open_page: Callable[..., Any], path: str) -> None:
    page = logged_in(open_page(width=375), address)
    page.goto(address + path)
    assert page.url == address + path
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate("document.documentElement.lang") == "en"
    nameless = """Array.from(document.querySelectorAll("input:not([type=hidden]), select, textarea"))
        .filter(field => !field.labels.length && !field.ariaLabel).map(field => field.outerHTML)"""
    assert page.evaluate(nameless) == []
