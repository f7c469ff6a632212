"""A person's rights over HTTP: told, objecting, erased; by the role for it alone."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from scored import NOON
from sqlalchemy import Engine

from tenure.pipelines.access.audit import read_entries
from tenure.pipelines.access.keys import create_key
from tenure.pipelines.access.roles import Role
from tenure.pipelines.lake.sweep import only_importer
from tenure.pipelines.settings.project import Project

ANN = "/v1/customers/ann"


def test_what_is_held_is_told(scored: TestClient, engine: Engine) -> None:
    told = scored.get(ANN).json()
    assert told["customer_id"] == "ann" and told["held"]["scores"][0]["status"] == "scored"
    assert read_entries(engine)[-1].what == "held"
    answer = scored.get("/v1/customers/nobody")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:tenure:nobody-held")


def test_an_objection_counts_from_the_next_answer_on(scored: TestClient) -> None:
    before = scored.get(f"{ANN}/risk").json()["status"]
    answer = scored.put(f"{ANN}/objection", json={"objects": True}).json()
    assert (before, answer) == ("scored", {"customer_id": "ann", "objects": True, "changed": 2})
    risk = scored.get(f"{ANN}/risk").json()
    assert (risk["status"], risk["probability"], risk["in_words"]) == ("objected", None, "Objects to being scored")
    assert "ann" not in {row["customer_id"] for row in scored.get("/v1/at-risk").json()["rows"]}
    row = {"occurred_at": "2017-12-01T10:00:00Z", "kind": "purchase"}
    body = {"as_of": "2017-12-04", "customers": [{"customer_id": "ann", "interactions": [row]}]}
    assert scored.post("/v1/score", json=body).json()["customers"][0]["status"] == "objected"
    assert scored.put(f"{ANN}/objection", json={"objects": False}).json() == {
        "customer_id": "ann",
        "objects": False,
        "changed": 1,
    }


def test_who_is_erased_is_unknown_from_the_next_answer_on(scored: TestClient, project: Project, engine: Engine) -> None:
    row = {"interaction_id": "1", "customer_id": "ann", "occurred_at": "2017-12-01T10:00:00Z", "kind": "purchase"}
    assert scored.post("/v1/interactions", json={"interactions": [row]}).json()["accepted"] == 1
    receipt = scored.delete(f"{ANN}?reason=consent").json()
    assert (receipt["receipt"]["reason"], receipt["receipt"]["removed"]["store"]) == (
        "consent",
        {"scores": 2, "events": 1},
    )
    assert scored.get(f"{ANN}/risk").json()["status"] == "unknown"
    answer = scored.post("/v1/interactions", json={"interactions": [row]}).json()
    assert (answer["accepted"], answer["suppressed"]) == (0, 1)
    assert "erase" in {entry.what for entry in read_entries(engine)}
    assert "ann" not in json.dumps(receipt["receipt"]) and (project.root / "erasures.ndjson").is_file()
    assert scored.delete("/v1/customers/nobody").status_code == 404


def test_an_erasure_waits_for_an_import(scored: TestClient, project: Project) -> None:
    with only_importer(project.data / "lake"):
        answer = scored.delete(ANN)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:tenure:busy")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.fixture
def keys(engine: Engine) -> dict[Role, str]:
    """A key of each role; they exist before the service looks."""
    return {role: create_key(engine, role.value, role, now=NOON, days=None)[1] for role in Role}


@pytest.mark.parametrize("store_section", ["sqlite"], indirect=True)
def test_only_the_role_for_it_may(keys: dict[Role, str], scored: TestClient) -> None:
    for role, key in keys.items():
        headers = {"Authorization": f"Bearer {key}"}
        answers = [
            scored.get(ANN, headers=headers),
            scored.put(f"{ANN}/objection", json={"objects": True}, headers=headers),
        ]
        wanted = 200 if role in (Role.privacy, Role.admin) else 403
        assert [one.status_code for one in answers] == [wanted, wanted], role
