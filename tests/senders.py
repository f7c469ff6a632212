"""Programs that deliver interactions to a real service without a pause, and remember what was acknowledged."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from command import start
from sqlalchemy import select

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.tables import events

Harm = Callable[[subprocess.Popen[str], list["Sender"]], None]
"""What befalls the service while they deliver."""


class Sender(threading.Thread):
    """Delivers one interaction after the other, and notes which were acknowledged; connects anew where it has to."""

    def __init__(self, place: str, number: int) -> None:
        super().__init__(daemon=True)
        self.place, self.number = place, number
        self.acknowledged: set[str] = set()
        self.failed = 0
        self.ended = threading.Event()

    def run(self) -> None:
        client = http.client.HTTPConnection(self.place, timeout=5)
        count = 0
        while not self.ended.is_set():
            name = f"s{self.number}-{count}"
            row = {
                "interaction_id": name,
                "customer_id": "ann",
                "kind": "purchase",
                "occurred_at": "2024-06-01T10:00:00Z",
            }
            try:
                client.request(
                    "POST",
                    "/v1/interactions",
                    json.dumps({"interactions": [row]}),
                    {"Content-Type": "application/json"},
                )
                answer = client.getresponse()
                answer.read()
                if answer.status == 202:
                    self.acknowledged.add(name)
                    count += 1
                else:
                    self.failed += 1
                    time.sleep(0.02)
            except (OSError, http.client.HTTPException):
                self.failed += 1
                client.close()
                client = http.client.HTTPConnection(self.place, timeout=5)
                time.sleep(0.05)
        client.close()


def kept(shop: Path) -> set[str]:
    """The ids in the store."""
    store = project_store(load_project(shop))
    with reading(store) as connection:
        found = set(connection.scalars(select(events.c.interaction_id)))
    store.dispose()
    return found


def under_load(shop: Path, harm: Harm, *, workers: int = 1) -> list[Sender]:
    """Serve, deliver over four connections, do the harm, and end."""
    process = start("serve", shop, "--port", 0, "--workers", workers)
    try:
        assert process.stdout is not None
        place = process.stdout.readline().split("http://")[1].split()[0]
        senders = [Sender(place, number) for number in range(4)]
        for sender in senders:
            sender.start()
        wait_for(lambda: sum(len(s.acknowledged) for s in senders) > 40)
        harm(process, senders)
    finally:
        for sender in senders:
            sender.ended.set()
        for sender in senders:
            sender.join(15)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)
    return senders


def wait_for(holds: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def acknowledged(senders: list[Sender]) -> set[str]:
    """The ids of all rows that were answered with 202."""
    return set().union(*(s.acknowledged for s in senders))


def workers_of(shop: Path) -> list[int]:
    """The processes that answer the requests of this shop."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words, variables = (place / "cmdline").read_bytes(), (place / "environ").read_bytes()
        except OSError:
            continue
        if b"_bentoml_impl.worker" in words and str(shop).encode() in variables:
            found.append(int(place.name))
    return found
