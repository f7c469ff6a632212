"""A database that goes away is a problem that says so, and is used again when it is back."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

RISK = "/v1/customers/ann/risk"


@pytest.mark.parametrize("store_section", ["postgresql"], indirect=True)
def test_a_database_that_is_gone_is_told_and_one_that_is_back_is_used(scored: TestClient, postgres: Any) -> None:
    before = scored.get(RISK).json()
    postgres.stop()
    try:
        for path in (RISK, "/v1/at-risk", "/readyz"):
            answer = scored.get(path)
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:tenure:store-away")
            assert answer.headers["retry-after"] == "1"
        assert scored.get("/healthz").status_code == 200
    finally:
        postgres.start()
    assert scored.get(RISK).json() == before


@pytest.mark.parametrize("store_section", ["postgresql"], indirect=True)
def test_connections_that_the_server_cut_are_made_anew(scored: TestClient, postgres: Any) -> None:
    before = scored.get(RISK).json()
    postgres.psql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tenure'")
    assert scored.get(RISK).json() == before
