"""The price of a risk look-up against a constant answer behind the same key, rate and audit, in the same run.

`python tests/benchmarks/lookup.py [--postgres] [--connections 16] [--customers 100000]`. One worker on loopback serves
invented customers; the two routes are asked in turns, so that the machine's other work falls on both. Wanted: at least
.6 of the rate of the constant answer with SQLite, .4 with PostgreSQL, and a p99 of at most ten times the p50.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pandas as pd
from live import database

import tenure.serving.server as server
from tenure.pipelines.access.keys import create_key
from tenure.pipelines.access.roles import Role
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.score_sets import publish, write_score_set

ROUNDS, SECONDS = 5, 4.0
LIMITS = {"sqlite": 0.6, "postgresql": 0.4}
PROJECT = """
[project]
name = "bench"
clock = "data"
[[source]]
name = "till"
files = "till.csv"
[outcome.lapse]
type = "inactivity"
kinds = ["purchase"]
horizon_days = 28
[service]
requests_a_second = 1e6
"""


def main() -> None:
    """Print rates, latencies and ratios as JSON."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--postgres", action="store_true")
    asked.add_argument("--connections", type=int, default=16)
    asked.add_argument("--customers", type=int, default=100_000)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as name, database(given.postgres) as section:
        file = Path(name) / "tenure.toml"
        file.write_text(PROJECT + section)
        key = fill(file, given.customers)
        os.environ["PYTHONPATH"] = str(Path(__file__).parent)
        command = server._command
        server._command = lambda host, port: [
            "lookup_service:service" if ":service" in word else word for word in command(host, port)
        ]
        with server.serve(file, port=0) as running:
            port = int(running.address.rpartition(":")[2])
            found = compare(port, key, given.connections, given.customers)
    store = "postgresql" if given.postgres else "sqlite"
    print(json.dumps({"store": store, "connections": given.connections, **found, "limit": LIMITS[store]}))


def fill(file: Path, customers: int) -> str:
    """Publish a score set, and make a key."""
    names = [f"c{i:07d}" for i in range(customers)]
    reasons = [{"theme": "recency", "text": "no visit for 19 days", "sayable": True, "log_odds": 1.2}] * 3
    rows = pd.DataFrame({"unit_id": names, "customer_id": names, "status": "scored", "band": "high"})
    rows = rows.assign(probability=[i / customers for i in range(customers)], reasons=[reasons] * customers)
    engine, day = project_store(load_project(file)), dt.datetime(2018, 1, 1)
    about = {"model_version": "1", "snapshot_id": "s", "definition": "no purchase for 28 days", "verdict": "use"}
    number = write_score_set(engine, rows, outcome="lapse", as_of=day.date(), created_at=day, **about)
    publish(engine, "lapse", number)
    _, key = create_key(engine, "bench", Role.agent, now=dt.datetime.now(dt.UTC), days=None)
    engine.dispose()
    return key


def compare(port: int, key: str, connections: int, customers: int) -> dict[str, Any]:
    """Ask both routes in turns."""
    seconds: dict[str, list[float]] = {"constant": [], "look_up": []}
    rates: dict[str, list[float]] = {"constant": [], "look_up": []}
    for turn in range(ROUNDS + 1):
        for route in seconds:
            began = time.perf_counter()
            found = asyncio.run(ask_all(port, key, route, connections, customers))
            if turn:  # the first round warms up
                rates[route].append(len(found) / (time.perf_counter() - began))
                seconds[route] += found
    told: dict[str, Any] = {}
    for route, times in seconds.items():
        p50, p99 = median(times) * 1e3, quantiles(times, n=100)[98] * 1e3
        told[route] = {"a_second": round(median(rates[route])), "p50_ms": round(p50, 2), "p99_ms": round(p99, 2)}
    ratio = median(rates["look_up"]) / median(rates["constant"])
    return {
        **told,
        "ratio": round(ratio, 3),
        "p99_to_p50": round(told["look_up"]["p99_ms"] / told["look_up"]["p50_ms"], 1),
    }


async def ask_all(port: int, key: str, route: str, connections: int, customers: int) -> list[float]:
    """The seconds of every request over some connections at once."""
    end = time.perf_counter() + SECONDS
    parts = await asyncio.gather(*(ask(port, key, route, n, customers, end) for n in range(connections)))
    return [second for part in parts for second in part]


async def ask(port: int, key: str, route: str, number: int, customers: int, end: float) -> list[float]:
    """Ask over one connection until the time is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken, i = [], 0
    while (began := time.perf_counter()) < end:
        customer = (number * 7919 + i * 104_729) % customers
        i += 1
        path = "/v1/constant" if route == "constant" else f"/v1/customers/c{customer:07d}/risk"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        await reader.readexactly(int(lower[start : lower.index(b"\r\n", start)]))
        taken.append(time.perf_counter() - began)
    writer.close()
    return taken


if __name__ == "__main__":
    main()
