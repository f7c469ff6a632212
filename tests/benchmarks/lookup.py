"""The price of a risk look-up against a constant answer of the same service, in the same run.

Run it with `python tests/benchmarks/lookup.py`. It serves 100,000 invented customers on loopback and
asks for one at a time and with eight connections. Only ratios are worth comparing between machines:
the client is Python too and takes most of the time.
"""

from __future__ import annotations

import datetime as dt
import http.client
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles

import pandas as pd

from tenure.pipelines.store.engine import open_store
from tenure.pipelines.store.score_sets import publish, write_score_set
from tenure.serving.server import serve

CUSTOMERS = 100_000
REQUESTS = 1_500
ROUNDS = 4
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
"""


def main() -> None:
    """Print latencies and rates of both routes and their ratios."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "tenure.toml"
        file.write_text(PROJECT)
        fill(file.parent / ".tenure")
        with serve(file, port=0) as running:
            place = running.address.removeprefix("http://")
            for connections in (1, 8):
                compare(place, connections)


def fill(data: Path) -> None:
    """Publish a score set."""
    names = [f"c{i:06d}" for i in range(CUSTOMERS)]
    reasons = [{"theme": "recency", "text": "no visit for 19 days", "sayable": True, "log_odds": 1.2}] * 3
    rows = pd.DataFrame({"unit_id": names, "customer_id": names, "status": "scored", "band": "high"})
    rows = rows.assign(probability=[i / CUSTOMERS for i in range(CUSTOMERS)], reasons=[reasons] * CUSTOMERS)
    engine = open_store(data)
    day = dt.datetime(2018, 1, 1)
    header = {
        "model_version": "1",
        "snapshot_id": "s",
        "definition": "no purchase for 28 days",
        "verdict": "use",
    }
    publish(
        engine,
        "lapse",
        write_score_set(engine, rows, outcome="lapse", as_of=day.date(), created_at=day, **header),
    )


def compare(place: str, connections: int) -> None:
    """Measure both routes in turns, so that the machine's other work falls on both."""
    seconds: dict[str, list[float]] = {"constant": [], "look-up": []}
    rates: dict[str, list[float]] = {"constant": [], "look-up": []}
    for _ in range(ROUNDS):
        for route in seconds:
            start = time.perf_counter()
            with ThreadPoolExecutor(connections) as pool:
                share = REQUESTS // connections
                found = list(pool.map(lambda n, r=route, s=share: ask(place, r, n, s), range(connections)))
            rates[route].append(share * connections / (time.perf_counter() - start))
            seconds[route] += [s for part in found for s in part]
    for route, times in seconds.items():
        p50, p99 = median(times) * 1e3, quantiles(times, n=100)[98] * 1e3
        print(
            f"{connections} connections, {route:8}: {median(rates[route]):6.0f}/s, p50 {p50:.2f} ms, p99 {p99:.1f} ms"
        )
    ratio = median(rates["look-up"]) / median(rates["constant"])
    slower = (median(seconds["look-up"]) - median(seconds["constant"])) * 1e3
    print(f"{connections} connections: look-up / constant = {ratio:.2f} of the rate, {slower:+.2f} ms at the median")


def ask(place: str, route: str, number: int, times: int) -> list[float]:
    """Seconds for each of `times` requests over one connection."""
    connection = http.client.HTTPConnection(place, timeout=10)
    taken = []
    for i in range(times):
        customer = (number * 7919 + i * 104_729) % CUSTOMERS
        path = "/healthz" if route == "constant" else f"/v1/customers/c{customer:06d}/risk"
        start = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        taken.append(time.perf_counter() - start)
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}")
    connection.close()
    return taken


if __name__ == "__main__":
    main()
