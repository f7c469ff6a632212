"""`POST /v1/interactions`: what it takes, what it refuses, and that nothing is half kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert, select

from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.tables import events, overlays

URL = "/v1/interactions"


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    about = {
        "interaction_id": f"r{number}",
        "customer_id": "ann",
        "occurred_at": "2017-12-04T11:00:00Z",
        "kind": "purchase",
    }
    return {**about, **changes}


def kept(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.scalars(select(events.c.row).order_by(events.c.event_id)))


def test_rows_are_kept_as_they_were_said_with_instants_in_utc(client: TestClient, engine: Engine) -> None:
    body = {
        "interactions": [row(occurred_at="2017-12-04T12:00:00+01:00", amount=9.5, attributes={"shop": "north"}), row(2)]
    }
    answer = client.post(URL, json=body)
    assert (answer.status_code, answer.json()) == (
        202,
        {"source": "app", "accepted": 2, "duplicates": 0, "suppressed": 0},
    )
    first = kept(engine)[0]
    assert first == {
        **row(),
        "occurred_at": "2017-12-04T11:00:00+00:00",
        "amount": 9.5,
        "attributes": {"shop": "north"},
    }
    assert client.post(URL, json=body).json() == {"source": "app", "accepted": 0, "duplicates": 2, "suppressed": 0}


def test_a_key_gives_the_first_answer_again(client: TestClient) -> None:
    body, key = {"interactions": [row()]}, {"Idempotency-Key": "k-1"}
    first = client.post(URL, json=body, headers=key)
    assert (
        client.post(URL, json=body, headers=key).json()
        == first.json()
        == {"source": "app", "accepted": 1, "duplicates": 0, "suppressed": 0}
    )
    other = client.post(URL, json={"interactions": [row(2)]}, headers=key)
    assert (other.status_code, other.json()["type"]) == (409, "urn:tenure:reused-key")


@pytest.mark.parametrize(
    ("rows", "status", "kind", "said"),
    [
        (
            [row(), row(2, occurred_at="2017-12-04T12:06:00Z")],
            422,
            "in-the-future",
            "interactions[1]: 2017-12-04T12:06:00Z is still to come",
        ),
        ([row(known_at="2017-12-04T10:00:00Z")], 422, "known-too-early", "interactions[0]: known_at is before"),
        ([row(), row(amount=3.0)], 409, "clashing-rows", "a correction needs a later known_at"),
        ([row(interaction_id=None)], 422, "invalid-request", "interactions[0].interaction_id"),
        ([row(customer_id=" ann")], 422, "invalid-request", "no spaces around it"),
        ([row(customer_id="a\0")], 422, "invalid-request", "no NUL"),
        ([row(occurred_at="2017-12-04T11:00:00")], 422, "invalid-request", "has no offset from UTC"),
        ([row(surprise=1)], 422, "invalid-request", "is not a known field"),
        ([row(rating=5)], 422, "invalid-request", "rating"),
        ([], 422, "invalid-request", "at least 1"),
        ([row(n) for n in range(1001)], 422, "invalid-request", "at most 1000"),
    ],
)
def test_a_delivery_with_anything_wrong_is_refused_as_a_whole(
    client: TestClient, engine: Engine, rows: list[Any], status: int, kind: str, said: str
) -> None:
    answer = client.post(URL, json={"interactions": rows})
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:tenure:{kind}")
    assert said in answer.json()["detail"]
    assert kept(engine) == []


def test_a_thousand_rows_are_one_delivery(client: TestClient, engine: Engine) -> None:
    assert client.post(URL, json={"interactions": [row(n) for n in range(1000)]}).json()["accepted"] == 1000
    assert len(kept(engine)) == 1000


def test_texts_no_file_can_hold_are_kept_and_read(client: TestClient, engine: Engine) -> None:
    raw = '{"interactions": [{"interaction_id": "r1", "customer_id": "ann", "occurred_at": "2017-12-04T11:00:00Z", "kind": "message_in", "text": "a\\u0000b\\ud83d"}]}'
    assert client.post(URL, content=raw, headers={"Content-Type": "application/json"}).status_code in (202, 422)


def test_a_source_that_takes_none_is_named(client: TestClient) -> None:
    answer = client.post(f"{URL}?source=till", json={"interactions": [row()]})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tenure:unknown-source")
    assert "expected one of app" in answer.json()["detail"]


def test_an_overlay_is_the_answer_with_what_changed(scored: TestClient, engine: Engine) -> None:
    about = {
        "outcome": "lapse",
        "customer_id": "ann",
        "score_set_id": 1,
        "event_id": 1,
        "as_of": "2017-12-05",
        "status": "scored",
    }
    changed = {"since": "2017-12-04", "before": 0.4, "passing_time": 0.01, "customer": -0.31}
    rows = [
        {
            **about,
            "unit_id": "k2",
            "probability": 0.1,
            "band": "medium",
            "reasons": [],
            "changed": changed,
            "scored_at": dt.datetime(2017, 12, 4, 11),
        },
        {
            **about,
            "unit_id": "k9",
            "probability": 0.05,
            "band": "low",
            "reasons": [],
            "changed": None,
            "scored_at": dt.datetime(2017, 12, 4, 11),
        },
    ]
    with engine.begin() as connection:
        connection.execute(insert(overlays), rows)
    answer = scored.get("/v1/customers/ann/risk").json()
    assert [(u["unit_id"], u["probability"]) for u in answer["units"]] == [("k1", 0.12), ("k2", 0.1), ("k9", 0.05)]
    assert (answer["as_of"], answer["changed"]) == ("2017-12-04", None)  # the riskiest unit is as it was
    with engine.begin() as connection:
        connection.execute(overlays.update().where(overlays.c.unit_id == "k2").values(probability=0.2))
    answer = scored.get("/v1/customers/ann/risk").json()
    assert (answer["as_of"], answer["scored_at"], answer["probability"]) == ("2017-12-05", "2017-12-04T11:00:00Z", 0.2)
    assert answer["changed"]["in_words"].startswith(
        "Down from 40 to 20 of 100 since 2017-12-04: -31 by what happened, +1"
    )
    with engine.begin() as connection:
        connection.execute(overlays.update().values(score_set_id=0))
    assert [u["unit_id"] for u in scored.get("/v1/customers/ann/risk").json()["units"]] == ["k2", "k1"]
