"""The service as the tests run it: `tenure serve` on a free port, asked over HTTP."""

from __future__ import annotations

import datetime as dt
import json
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from command import start

from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store

OURS = ("source", "superseded_at", "timeless")
"""Columns of the lake that a request does not have."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run `tenure serve` on a free port and give its address once it answers."""
    process = start("serve", folder, "--port", 0)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.communicate(timeout=90)[1]
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)


def get(url: str) -> tuple[int, Any]:
    """The status and the JSON of an answer."""
    return _ask(urllib.request.Request(url))


def post(url: str, body: Any) -> tuple[int, Any]:
    """Post JSON."""
    return _ask(urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"}))


def until_ready(address: str, *, seconds: float = 60) -> Any:
    """Ask `/readyz` until it is ready, and give the last answer."""
    deadline = time.monotonic() + seconds
    while (answer := get(f"{address}/readyz"))[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer


def history_of_customer(folder: Path, customer: str) -> dict[str, Any]:
    """What the lake holds of a customer, as a request says it."""
    project = load_project(folder)
    store = project_store(project)
    snapshot = current_snapshot(project, store)
    store.dispose()
    found = {
        name: [row for b in range(snapshot.buckets) for row in _rows(file(b), customer)]
        for name, file in (("interactions", snapshot.interactions), ("profiles", snapshot.profiles))
    }
    return {"customer_id": customer, **found}


def _rows(file: Path, customer: str) -> list[dict[str, Any]]:
    table = pq.read_table(file)
    mine = table.filter(pc.equal(table["customer_id"], customer)).to_pylist()
    return [{k: _plain(v) for k, v in row.items() if v is not None and k not in (*OURS, "customer_id")} for row in mine]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return dict(value) if isinstance(value, list) else value


def _ask(request: urllib.request.Request) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
