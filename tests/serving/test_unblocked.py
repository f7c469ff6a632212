"""While the store takes its time over one question, others are answered."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

SLOW = 1.5
SCORE = {"as_of": "2017-12-04", "customers": [{"customer_id": "a", "interactions": []}]}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/readyz", None), ("POST", "/v1/score", SCORE), ("GET", "/v1/at-risk", None), ("GET", "/", None)],
)
def test_a_slow_store_keeps_nobody_else_waiting(
    scored: TestClient, engine: Engine, method: str, path: str, body: Any
) -> None:
    scored.get("/v1/at-risk")  # so that who may call is known already

    async def both() -> tuple[int, float]:
        transport = httpx.ASGITransport(scored.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            began = time.monotonic()
            slow = asyncio.create_task(client.request(method, path, json=body))
            await asyncio.sleep(SLOW / 4)  # by now it asks the store
            assert (await client.get("/healthz")).status_code == 200
            took = time.monotonic() - began
            return (await slow).status_code, took

    event.listen(engine, "before_cursor_execute", lambda *_: time.sleep(SLOW))
    status, took = asyncio.run(both())
    assert (status, took < SLOW) == (200, True), took
