"""Every refusal is a problem that says what was found and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

ROW = {"occurred_at": "2017-11-24T00:00:00Z", "kind": "purchase"}


def problem_of(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) == {"type", "title", "status", "detail", "instance", "errors"}
    assert body["instance"] == f"urn:tenure:request:{response.headers['x-request-id']}"
    assert body["status"] == status
    return body


def body(**row: Any) -> dict[str, Any]:
    return {"as_of": "2017-12-04", "customers": [{"customer_id": "c", "interactions": [{**ROW, **row}]}]}


@pytest.mark.parametrize("path", ["/v1/customers/ann/risk", "/v1/at-risk", "/readyz"])
def test_before_any_training_the_remedy_is_named(client: TestClient, path: str) -> None:
    found = problem_of(client.get(path), 503)
    assert found["type"] == "urn:tenure:not-ready"
    assert "run `tenure train` and `tenure score`" in found["detail"]


def test_scoring_before_any_training_is_refused(client: TestClient) -> None:
    assert "run `tenure train`" in problem_of(client.post("/v1/score", json=body()), 503)["detail"]


def test_an_unknown_outcome_asks_did_you_mean(scored: TestClient) -> None:
    found = problem_of(scored.get("/v1/at-risk?outcome=laps"), 422)
    assert found["detail"] == "outcome 'laps' is not in the project file; did you mean 'lapse'?"


@pytest.mark.parametrize(
    "query", ["limit=-1", "limit=0", "limit=10001", "limit=x", "offset=-1", "band=huge", "format=xml"]
)
def test_parameters_out_of_range_are_named(scored: TestClient, query: str) -> None:
    found = problem_of(scored.get(f"/v1/at-risk?{query}"), 422)
    assert found["errors"][0]["where"] == query.split("=")[0]


def test_no_such_page_and_wrong_method_are_problems_too(scored: TestClient) -> None:
    assert "/v1/openapi.json" in problem_of(scored.get("/v1/customer/ann"), 404)["detail"]
    response = scored.delete("/v1/at-risk")
    assert problem_of(response, 405)["type"] == "urn:tenure:wrong-method"
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:3000", "", "[::2]:3000"])
def test_a_foreign_host_is_refused(scored: TestClient, host: str) -> None:
    assert problem_of(scored.get("/v1/at-risk", headers={"Host": host}), 421)["type"] == "urn:tenure:foreign-host"


@pytest.mark.parametrize("host", ["localhost:3000", "LOCALHOST", "127.0.0.1", "[::1]:3000"])
def test_loopback_names_are_served(scored: TestClient, host: str) -> None:
    assert scored.get("/v1/at-risk", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_a_body_must_be_json(scored: TestClient, content_type: str) -> None:
    response = scored.post("/v1/score", content=b"{}", headers={"Content-Type": content_type})
    assert "must be application/json" in problem_of(response, 415)["detail"]


def test_a_body_is_limited_by_what_it_announces_and_by_what_arrives(scored: TestClient) -> None:
    def stream() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    for content in (b" " * 1_048_577, stream()):
        response = scored.post("/v1/score", content=content, headers={"Content-Type": "application/json"})
        assert "1,048,576 bytes" in problem_of(response, 413)["detail"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "{}", '{"\\ud800": 1}'])
def test_a_body_that_is_no_request_is_refused(scored: TestClient, text: str) -> None:
    response = scored.post("/v1/score", content=text.encode("latin-1"), headers={"Content-Type": "application/json"})
    problem_of(response, 422)


@pytest.mark.parametrize("content", [b"\xff", b"[" * 100_000])
def test_a_body_that_cannot_be_read_is_refused(scored: TestClient, content: bytes) -> None:
    response = scored.post("/v1/score", content=content, headers={"Content-Type": "application/json"})
    assert problem_of(response, 400)["type"] == "urn:tenure:unreadable"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", '"12"', "true"])
def test_numbers_are_finite_numbers(scored: TestClient, number: str) -> None:
    text = f"""{{"as_of": "2017-12-04", "customers": [{{"customer_id": "c", "interactions": [
        {{"occurred_at": "2017-11-24T00:00:00Z", "kind": "purchase", "amount": {number}}}]}}]}}"""
    response = scored.post("/v1/score", content=text, headers={"Content-Type": "application/json"})
    assert problem_of(response, 422)["errors"][0]["where"] == "customers[0].interactions[0].amount"


@pytest.mark.parametrize(
    ("row", "where", "what"),
    [
        ({"amont": 3}, "amont", "is not a known field"),
        ({"occurred_at": "2017-11-24T00:00:00"}, "occurred_at", "has no offset from UTC"),
        ({"occurred_at": "yesterday"}, "occurred_at", "is not a time such as"),
        ({"occurred_at": 1511481600}, "occurred_at", "expected a time such as"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "between 1900 and 2200"),
        ({"rating": 4}, "rating", "less than or equal to 1"),
        ({"wait_seconds": -1}, "wait_seconds", "greater than or equal to 0"),
        ({"kind": ""}, "kind", "at least 1 character"),
        ({"channel": "pigeon"}, "channel", "'phone', 'email'"),
    ],
)
def test_a_bad_row_is_named(scored: TestClient, row: dict[str, Any], where: str, what: str) -> None:
    mistake = problem_of(scored.post("/v1/score", json=body(**row)), 422)["errors"][0]
    assert mistake["where"] == f"customers[0].interactions[0].{where}"
    assert what in mistake["what"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"as_of": "2017-13-04"}, "is not a date such as"),
        ({"as_of": 20171204}, "expected a date such as"),
        ({"customers": []}, "at least 1 item"),
        (
            {"customers": [{"customer_id": str(i), "interactions": []} for i in range(101)]},
            "at most 100 items",
        ),
        ({"customers": [{"customer_id": "c", "interactions": []}] * 2}, "customer 'c' comes twice"),
        ({"extra": 1}, "is not a known field"),
    ],
)
def test_a_bad_request_is_named(scored: TestClient, changes: dict[str, Any], what: str) -> None:
    assert what in problem_of(scored.post("/v1/score", json={**body(), **changes}), 422)["errors"][0]["what"]


def test_every_answer_carries_the_security_headers(scored: TestClient) -> None:
    for response in (scored.get("/"), scored.get("/v1/at-risk"), scored.get("/nowhere")):
        assert response.headers["content-security-policy"].startswith("default-src 'self'")
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
