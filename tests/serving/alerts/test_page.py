"""The page of alerts."""

from __future__ import annotations

from collections.abc import Callable

from alerting import OUTCOME, Days
from fastapi.testclient import TestClient

from tenure.pipelines.store.caring import take_care
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings


def page(shop: Days, scorers: Scorers, path: str = "/alerts") -> str:
    app = create_app(ServiceSettings(project=shop.project), engine=shop.engine, scorers=scorers, now=lambda: shop.now)
    answer = TestClient(app, base_url="http://127.0.0.1").get(path)
    app.state.auditor.close()
    assert answer.status_code == 200
    return answer.text


def test_alerts_are_shown_the_newest_first_by_kind_and_owner(days: Callable[..., Days], scorers: Scorers) -> None:
    shop = days(a_day=2, cool_down_days=0)
    shop.next(ann=0.1, bob=0.1)
    take_care(shop.engine, OUTCOME, ["ann"], who="team", owner="pat", now=shop.now)
    shop.next(ann=0.3, bob=0.1)
    shop.next(ann=0.3, bob=0.3, cid=0.6)
    text = page(shop, scorers)
    assert text.index("/customers/cid") < text.index("/customers/ann")
    assert "entered high: 30 of 100, before 10" in text and "no visit for 19 days" in text
    assert "rose from 10 to 30 of 100 within a week" in text
    assert "4 alerts, and 1 more beyond an owner" in text
    assert "/customers/cid" not in page(shop, scorers, "/alerts?owner=pat&kind=level")
    assert "/customers/ann" not in page(shop, scorers, "/alerts?owner=nobody")
    assert "None yet." in page(shop, scorers, "/alerts?kind=baseline")


def test_a_project_without_the_section_says_so(client: TestClient) -> None:
    assert "has no section" in client.get("/alerts").text
    assert client.get("/alerts?kind=other").status_code == 422
