"""Histories in a request are scored, and nothing of them is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tenure.pipelines.settings.project import Project
from tenure.serving.app import create_app
from tenure.serving.histories import History
from tenure.serving.scorer import Scorers, UnitScore
from tenure.serving.settings import ServiceSettings


def history(customer_id: str, *days: str, kind: str = "purchase") -> dict[str, Any]:
    rows = [{"occurred_at": f"{day}T00:00:00Z", "kind": kind} for day in days]
    return {"customer_id": customer_id, "interactions": rows}


def request(*customers: dict[str, Any]) -> dict[str, Any]:
    return {"as_of": "2017-12-04", "customers": list(customers)}


def test_customers_are_scored_in_the_order_of_the_request(scored: TestClient) -> None:
    answer = scored.post("/v1/score", json=request(history("b", "2017-10-25"), history("a"))).json()
    assert [(c["customer_id"], c["status"]) for c in answer["customers"]] == [("b", "scored"), ("a", "new")]
    first = answer["customers"][0]
    assert (first["probability"], first["band"]) == (0.4, "high")
    assert first["in_words"] == "High: about 40 of 100 go quiet for 28 days"
    assert first["units"][0]["reasons"][0]["text"] == "no visit for 40 days"
    assert (answer["as_of"], answer["model_version"], answer["stale"]) == ("2017-12-04", "7", False)


def test_every_field_of_an_interaction_is_taken(scored: TestClient) -> None:
    row = {
        **dict.fromkeys(("interaction_id", "contract_id", "case_id", "agent_id", "team_id", "product_id"), "x"),
        **dict.fromkeys(("occurred_at", "known_at", "due_at"), "2017-11-24T10:00:00+05:30"),
        "kind": "my_own",
        "channel": "email",
        "direction": "inbound",
        "text": "hello",
        "attributes": {"a": "b"},
        "amount": -3,
        "wait_seconds": 1,
        "handle_seconds": 2.5,
        "rating": 1,
    }
    profile = {"name": "region", "value": "north", "occurred_at": "2017-01-01T00:00:00Z"}
    customer = {"customer_id": "c", "interactions": [row], "profiles": [profile]}
    assert scored.post("/v1/score", json=request(customer)).status_code == 200


def test_nothing_is_stored(scored: TestClient) -> None:
    scored.post("/v1/score", json=request(history("guest", "2017-11-01")))
    assert scored.get("/v1/customers/guest/risk").json()["status"] == "unknown"


def test_what_a_scorer_cannot_score_is_the_callers_to_mend(scored: TestClient) -> None:
    response = scored.post("/v1/score", json=request(history("c", "2017-11-01", kind="nonsense")))
    assert (response.status_code, response.json()["type"]) == (422, "urn:tenure:cannot-score")
    assert "customer 'c' has a row" in response.json()["detail"]


def test_a_model_that_fails_its_verification_scores_nothing(
    client: TestClient, put: Callable[..., int], scorers: Scorers
) -> None:
    put(version="broken")
    thread = scorers.want("lapse", "broken")
    assert thread is not None
    thread.join(10)
    for response in (client.post("/v1/score", json=request(history("c"))), client.get("/readyz")):
        assert response.status_code == 503
        assert "differs from its manifest; run `tenure train`" in response.json()["detail"]
    assert client.get("/v1/customers/ann/risk").status_code == 200


class Slow:
    """A scorer that takes longer than a caller may wait."""

    def score(self, *, as_of: object, customers: Sequence[History], context: Mapping[str, Any]) -> list[UnitScore]:
        """Sleep."""
        time.sleep(0.5)
        return []


class Broken:
    """A scorer with a mistake in it."""

    def score(self, *, as_of: object, customers: Sequence[History], context: Mapping[str, Any]) -> list[UnitScore]:
        """Fail."""
        raise ZeroDivisionError


def client_of(scorer: Any, project: Project, engine: Engine) -> TestClient:
    scorers = Scorers(lambda _outcome, _version: scorer)
    thread = scorers.want("lapse", "7")
    assert thread is not None
    thread.join(10)
    app = create_app(ServiceSettings(project=project, score_seconds=0.1), engine=engine, scorers=scorers)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def test_scoring_that_takes_too_long_says_so(project: Project, engine: Engine, put: Callable[..., int]) -> None:
    put()
    response = client_of(Slow(), project, engine).post("/v1/score", json=request(history("c")))
    assert (response.status_code, response.json()["type"]) == (504, "urn:tenure:too-slow")


def test_a_mistake_of_ours_is_a_problem_without_its_inside(
    project: Project, engine: Engine, put: Callable[..., int]
) -> None:
    put()
    response = client_of(Broken(), project, engine).post("/v1/score", json=request(history("c")))
    assert (response.status_code, response.json()["type"]) == (500, "urn:tenure:failed")
    assert "ZeroDivision" not in response.text
    assert response.headers["cache-control"] == "no-store"


def test_until_another_model_is_loaded_an_answer_is_wholly_of_the_one_before(
    scored: TestClient, put: Callable[..., int], scorers: Scorers
) -> None:
    started = threading.Event()
    wait = threading.Event()

    def load(_outcome: str, version: str) -> Any:
        started.set()
        wait.wait(10)
        return scorers.of("lapse")

    scorers._load = load
    put(version="8")
    body = request(history("b", "2017-10-25"))
    assert scored.post("/v1/score", json=body).json()["model_version"] == "7"
    assert started.wait(10)
    assert scored.get("/v1/customers/ann/risk").json()["model_version"] == "8"
    wait.set()
    until = time.monotonic() + 10
    while (said := scored.post("/v1/score", json=body).json()["model_version"]) == "7" and time.monotonic() < until:
        time.sleep(0.01)
    assert said == "8"
