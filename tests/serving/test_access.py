"""Who is let in, to what, how often, and what of it is on record."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tenure.pipelines.access.audit import read_entries, verify_chain
from tenure.pipelines.access.keys import create_key, revoke_key
from tenure.pipelines.access.roles import Role
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.service import Service
from tenure.serving.access import OPEN, SIGNED
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
RISK, LIST = "/v1/customers/ann/risk", "/v1/at-risk"
DELIVERY = {
    "interactions": [
        {"interaction_id": "r1", "customer_id": "ann", "occurred_at": "2017-12-04T11:00:00Z", "kind": "purchase"}
    ]
}
SCORE = {"as_of": "2017-12-04", "customers": [{"customer_id": "a", "interactions": []}]}
ASKED: dict[str, tuple[str, str, Any, Role]] = {
    "risk": ("GET", RISK, None, Role.agent),
    "list": ("GET", LIST, None, Role.retention),
    "index": ("GET", "/", None, Role.retention),
    "score": ("POST", "/v1/score", SCORE, Role.scientist),
    "metrics": ("GET", "/metrics", None, Role.scientist),
    "deliver": ("POST", "/v1/interactions", DELIVERY, Role.sender),
}


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def keys(engine: Engine) -> dict[Role, str]:
    """A key of each role; they exist before the service looks."""
    return {role: create_key(engine, role.value, role, now=NOON, days=None)[1] for role in Role}


def test_without_any_key_this_machine_may_do_everything(scored: TestClient) -> None:
    for method, path, body, _ in ASKED.values():
        assert scored.request(method, path, json=body).status_code not in (401, 403), path


@pytest.mark.parametrize(
    ("peer", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.168.1.4", 401), ("2001:db8::7", 401)]
)
def test_without_any_key_nobody_else_is_served(scored: TestClient, peer: str, status: int) -> None:
    client = TestClient(scored.app, base_url="http://127.0.0.1", client=(peer, 5000))
    assert client.get(RISK).status_code == status
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("what", ASKED)
def test_each_role_may_do_what_it_is_for_and_no_more(keys: dict[Role, str], scored: TestClient, what: str) -> None:
    method, path, body, needed = ASKED[what]
    for role, text in keys.items():
        answer = scored.request(method, path, json=body, headers=bearer(text))
        if role.may(needed):
            assert answer.status_code not in (401, 403), role
        else:
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:tenure:not-allowed"), role
            assert f"this needs the role {needed}" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [{}, bearer("tnr_aa_bb"), bearer(""), {"Authorization": "Basic YTpi"}],
)
def test_from_the_first_key_on_nobody_is_served_without_one(
    keys: dict[Role, str], scored: TestClient, headers: dict[str, str]
) -> None:
    for method, path, body, _ in ASKED.values():
        answer = scored.request(method, path, json=body, headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="tenure"'), path
        assert answer.headers["content-type"] == "application/problem+json"
    for path in OPEN:
        assert scored.get(path).status_code not in (401, 403) or path == "/login/back", path


def test_every_route_asks_for_a_role_or_is_open_or_signed(client: TestClient) -> None:
    app: Any = client.app
    for route in app.routes:
        if isinstance(route, APIRoute) and route.path not in OPEN | SIGNED:
            assert [d for d in route.dependencies if "needs" in d.dependency.__qualname__], route.path


def test_a_revoked_key_is_refused_within_a_second(scored: TestClient, engine: Engine) -> None:
    made, text = create_key(engine, "zendesk", Role.agent, now=NOON, days=None)
    time.sleep(1.1)
    assert scored.get(RISK, headers=bearer(text)).status_code == 200
    revoke_key(engine, made.key_id, now=NOON)
    time.sleep(1.1)
    assert scored.get(RISK, headers=bearer(text)).status_code == 401


def test_an_expired_key_is_refused(scored: TestClient, engine: Engine) -> None:
    _, text = create_key(engine, "zendesk", Role.agent, now=NOON - dt.timedelta(days=2), days=1)
    time.sleep(1.1)
    assert scored.get(RISK, headers=bearer(text)).status_code == 401


def test_who_asks_too_often_is_told_when_to_come_again(
    project: Project, engine: Engine, scorers: Scorers, put: Callable[..., int], keys: dict[Role, str]
) -> None:
    put()
    slow = project.model_copy(update={"service": Service(requests_a_second=2, burst=3)})
    app = create_app(ServiceSettings(project=slow), engine=engine, scorers=scorers, now=lambda: NOON)
    client = TestClient(app, base_url="http://127.0.0.1")
    found = [client.get(RISK, headers=bearer(keys[Role.agent])) for _ in range(9)]
    assert [a.status_code for a in found[:6]] == [200] * 6
    refused = next(a for a in found if a.status_code != 200)
    assert (refused.status_code, refused.json()["type"], refused.headers["retry-after"]) == (
        429,
        "urn:tenure:too-many-requests",
        "1",
    )
    assert client.get(RISK, headers=bearer(keys[Role.admin])).status_code == 200  # each key has a rate of its own


def test_what_was_read_is_on_record_without_names(scored: TestClient, engine: Engine, keys: dict[Role, str]) -> None:
    scored.get(RISK, headers=bearer(keys[Role.agent]))
    scored.get(
        f"{LIST}?format=csv&limit=2", headers=bearer(keys[Role.retention])
    )  # an export: at once, with what waited
    found = read_entries(engine)
    assert [(e.who.split("/")[0], e.what) for e in found] == [("agent", "risk"), ("retention", "list")]
    assert found[1].detail == {"outcome": "lapse", "as_of": "2017-12-04", "offset": 0, "rows": 2, "format": "csv"}
    assert found[0].of is not None and "ann" not in found[0].of
    scored.post("/v1/interactions", json=DELIVERY, headers=bearer(keys[Role.sender]))
    scored.app.state.auditor.close()  # type: ignore[attr-defined]
    assert [e.what for e in read_entries(engine)] == ["risk", "list", "deliver"]
    assert verify_chain(engine)[0] == 3


def test_reads_are_on_record_within_a_second(scored: TestClient, engine: Engine) -> None:
    scored.get(RISK)
    time.sleep(1.0)
    assert [e.what for e in read_entries(engine)] == ["risk"]
    scored.app.state.auditor.close()  # type: ignore[attr-defined]
