"""Promotion and rollback while many ask: no request fails, and every answer is wholly of one model."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import tenure
from rival import add_challenger
from senders import wait_for
from service import get, post, serving, until_ready
from sqlalchemy import select
from today import bought

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.alert_tables import alerts
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.tables import overlays, published, score_sets, scores

pytestmark = [
    pytest.mark.timeout(280),
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy"),
]

LEAST_ALERTS = '[alerts]\nbands = ["medium", "high", "critical"]\nmargin = 0.0\nrise = 0.01\nleast_rise = 0.01\n'
"""Under these a rise of a hundredth is told of."""


def test_nobody_notices_but_by_the_name_of_the_model(trained_today: Path, tmp_path: Path, store_section: str) -> None:
    folder = Path(shutil.copytree(trained_today, tmp_path / "shop"))
    with (folder / "tenure.toml").open("a") as file:
        file.write(store_section + LEAST_ALERTS)
    ran = tenure("run", folder)
    assert ran.code == 0, ran.err
    add_challenger(folder, now=dt.datetime.now(dt.UTC))
    with serving(folder) as address:
        assert until_ready(address)[0] == 200
        listed = get(f"{address}/v1/at-risk?limit=40")[1]["rows"]
        names = [row["customer_id"] for row in listed if not row["customer_id"].startswith("c5")]
        with asking(address, names) as asked:
            for words in (("promote", "challenger"), ("rollback",)):
                ran = tenure(*words, folder)
                assert ran.code == 0, ran.err
                time.sleep(1.0)
            until_scored_again(folder, seconds=60)
            wait_for(lambda: len(asked.counts) == 3 and min(asked.counts.values()) > 20)
    assert asked.failed == []
    assert asked.models == {"shop-lapse/1", "shop-lapse/2"}
    said = stored(folder)
    for model, customer, probability in asked.looked_up:
        assert probability == said[model][customer]
    for model, listed in asked.lists:
        assert listed == {name: said[model][name] for name in listed}
    assert told_of(folder) == []


class Asked:
    """What many clients were answered."""

    def __init__(self) -> None:
        self.failed: list[Any] = []
        self.counts: Counter[str] = Counter()
        self.models: set[str] = set()
        self.looked_up: set[tuple[str, str, float]] = set()
        self.lists: list[tuple[str, dict[str, float]]] = []


@contextmanager
def asking(address: str, names: list[str]) -> Iterator[Asked]:
    """Ask for risks and lists and deliver purchases of others, from several threads, while the block lasts."""
    asked, stop, lock = Asked(), threading.Event(), threading.Lock()

    def look_up(turn: int) -> None:
        status, answer = get(f"{address}/v1/customers/{names[turn % len(names)]}/risk")
        with lock:
            note(status, answer, "risk")
            if status == 200:
                asked.looked_up.add((answer["model_version"], answer["customer_id"], answer["probability"]))

    def list_them(_turn: int) -> None:
        status, answer = get(f"{address}/v1/at-risk?limit=30")
        with lock:
            note(status, answer, "list")
            if status == 200:
                rows = {row["customer_id"]: row["probability"] for row in answer["rows"]}
                asked.lists.append((answer["model_version"], rows))

    def deliver(turn: int) -> None:
        body = {"interactions": [bought(turn, f"c{500 + turn % 15:03d}")]}
        status, answer = post(f"{address}/v1/interactions", body)
        with lock:
            note(status, answer, "delivery")
        time.sleep(0.1)

    def note(status: int, answer: Any, what: str) -> None:
        asked.counts[what] += 1
        if status not in (200, 202):
            asked.failed.append((what, status, answer))
        elif "model_version" in answer:
            asked.models.add(answer["model_version"])

    def keep(ask: Callable[[int], None], first: int) -> None:
        turn = first
        while not stop.is_set():
            try:
                ask(turn)
            except (OSError, ValueError) as error:
                asked.failed.append(error)
            turn += 4
            time.sleep(0.02)

    works = (look_up, look_up, list_them, deliver)
    threads = [threading.Thread(target=keep, args=(work, n)) for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    try:
        yield asked
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)


def until_scored_again(folder: Path, *, seconds: float) -> None:
    """Wait until those who were delivered something are scored again on top of the set that is served."""
    store, deadline = project_store(load_project(folder)), time.monotonic() + seconds
    again: set[int] = set()
    while time.monotonic() < deadline:
        with reading(store) as connection:
            number = connection.scalar(select(published.c.score_set_id))
            again = set(connection.scalars(select(overlays.c.score_set_id)))
        if again == {number}:
            break
        time.sleep(0.1)
    store.dispose()
    assert again == {number}


def stored(folder: Path) -> dict[str, dict[str, float]]:
    """The probability of every customer by each model, as the sets have it."""
    store = project_store(load_project(folder))
    query = select(score_sets.c.model_version, scores.c.customer_id, scores.c.probability).join(
        scores, scores.c.score_set_id == score_sets.c.score_set_id
    )
    found: dict[str, dict[str, float]] = {}
    with reading(store) as connection:
        for model, customer, probability in connection.execute(query):
            found.setdefault(model, {})[customer] = probability
    store.dispose()
    return found


def told_of(folder: Path) -> list[Any]:
    """The alerts that were raised of customers who did nothing meanwhile."""
    store = project_store(load_project(folder))
    with reading(store) as connection:
        found = list(connection.execute(select(alerts.c.customer_id, alerts.c.kind, alerts.c.model_version)))
    store.dispose()
    return [row for row in found if not row.customer_id.startswith("c5")]
