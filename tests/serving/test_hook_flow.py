"""From a signed webhook to the flag: received by the service, replayed and scored by the refresher, told by the service."""

from __future__ import annotations

import datetime as dt
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hooks as told
import pytest
from shop import TRAINED
from sqlalchemy import Engine, insert

from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.desk_tables import external_ids
from tenure.pipelines.store.engine import project_store
from tenure.serving.app import create_app
from tenure.serving.cli.opening import Opened
from tenure.serving.cli.scoring import score_and_publish
from tenure.serving.refresher import refresh_until
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

with warnings.catch_warnings():  # starlette would rather have the successor of httpx
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")]

DAY = dt.date(2024, 12, 29)
NOON = dt.datetime(2024, 12, 29, 12, tzinfo=dt.UTC)
HOOKS = """
[[source]]
name = "desk"
live = true
[[source]]
name = "chat"
live = true
[hooks.zendesk]
secret = "ZENDESK_HOOK_SECRET"
source = "desk"
[hooks.chatwoot]
secret = "CHATWOOT_HOOK_SECRET"
source = "chat"
"""


@pytest.fixture
def project(trained: Path, store_section: str, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A trained shop whose support tools send webhooks."""
    monkeypatch.setenv("ZENDESK_HOOK_SECRET", told.ZENDESK_SECRET)
    monkeypatch.setenv("CHATWOOT_HOOK_SECRET", told.CHATWOOT_SECRET)
    file = trained / "tenure.toml"
    text = file.read_text().replace('clock = "data"', 'clock = "system"')
    text = text.replace("complete_until = 2024-12-29", "complete_until = 2025-12-31")
    file.write_text(text + HOOKS + store_section)
    return load_project(file)


@pytest.fixture
def engine(project: Project) -> Iterator[Engine]:
    engine = project_store(project)
    yield engine
    engine.dispose()


@pytest.fixture
def client(project: Project, engine: Engine) -> Iterator[TestClient]:
    """The service over scores of this morning, with a refresher beside it."""
    snapshot = import_sources(project, now=dt.datetime.combine(DAY, dt.time(1), dt.UTC), store=engine)
    opened = Opened(project, engine, snapshot)
    score_and_publish(opened, opened.study("lapse"), DAY, quiet=True, tried=TRAINED)
    app = create_app(ServiceSettings(project=project), engine=engine, scorers=Scorers(_never), now=lambda: NOON)
    stop = threading.Event()
    beside = threading.Thread(target=refresh_until, args=(stop, project, engine), kwargs={"now": lambda: NOON})
    beside.start()
    yield TestClient(app, base_url="http://127.0.0.1")
    stop.set()
    beside.join(30)
    app.state.auditor.close()


def _never(outcome: str, version: str) -> Any:
    raise AssertionError(f"nobody scores histories here: {outcome}, {version}")


def risk(client: TestClient, customer: str) -> Any:
    return client.get(f"/v1/customers/{customer}/risk").json()


def until_changed(client: TestClient, customer: str, *, seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = risk(client, customer)
        if answer["changed"] is not None:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{customer} was not scored again: {answer}")


def test_a_signed_webhook_changes_the_answer_within_seconds(client: TestClient, engine: Engine) -> None:
    customer = client.get("/v1/at-risk?limit=1").json()["rows"][0]["customer_id"]
    with engine.begin() as connection:
        connection.execute(insert(external_ids).values(source="desk", external_id="11", customer_id=customer))
    before = risk(client, customer)
    assert (before["changed"], before["as_of"]) == (None, str(DAY))
    start = NOON - dt.timedelta(minutes=10)
    for record in (
        told.zendesk("created", 0, start=start),
        told.said(1, 5, "11", "I want to leave", staff=False, start=start),
        told.changed("status", 60, "NEW", "SOLVED", start=start),
    ):
        body = told.body_of(record)
        headers = told.zendesk_headers(body, NOON)
        assert client.post("/hooks/zendesk", content=body, headers=headers).status_code == 202
        assert (
            client.post(
                "/hooks/zendesk", content=body, headers={**headers, "X-Zendesk-Webhook-Signature": "x"}
            ).status_code
            == 401
        )
    after = until_changed(client, customer)
    assert after["as_of"] == str(DAY + dt.timedelta(days=1))
    assert after["changed"]["before"] == before["probability"]
    assert after["probability"] != before["probability"]
    assert after["changed"]["customer"] != 0  # and not by time alone


def test_a_new_person_of_a_tool_becomes_a_customer(client: TestClient) -> None:
    assert risk(client, "anna@example.com")["status"] == "unknown"
    body = told.body_of(told.conversation("conversation_created", 0, start=NOON - dt.timedelta(minutes=3)))
    assert client.post("/hooks/chatwoot", content=body, headers=told.chatwoot_headers(body, NOON)).status_code == 202
    deadline = time.monotonic() + 60
    while (found := risk(client, "anna@example.com")["status"]) == "unknown" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found in ("new", "not_eligible", "lapsed")
