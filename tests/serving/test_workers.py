"""Two workers are one service: what one counts all tell, and what is changed all know within a second."""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import psutil
import pytest
from scored import NOON, put_scores
from sqlalchemy import Engine, select
from workers import Answer, Line, a_line_to_each, workers_below

from tenure.pipelines.access.keys import create_key, revoke_key
from tenure.pipelines.access.people import accept, disable, invite
from tenure.pipelines.access.roles import Role
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.monitor_runs import keep_run
from tenure.pipelines.store.tables import leases
from tenure.serving.server import serve

pytestmark = pytest.mark.timeout(180)

RISK, PASSWORD = "/v1/customers/ann/risk", "a horse on stairs"
README = Path(__file__).parents[2] / "README.md"
SOON = 1.5
"""A second, and what a busy machine takes besides."""


class Two(NamedTuple):
    """A service with two workers: its process, its port, its store and folder, and a line to each worker."""

    process: int
    port: int
    store: Engine
    folder: Path
    lines: list[Line]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, project_text: str) -> Iterator[Two]:
    """The service, with scores, before there are any keys."""
    folder = tmp_path_factory.mktemp("two")
    (folder / "tenure.toml").write_text(project_text)
    store = project_store(load_project(folder))
    put_scores(store)
    with serve(folder / "tenure.toml", port=0, workers=2) as running:
        yield Two(running.process.pid, int(running.address.rpartition(":")[2]), store, folder, [])
    store.dispose()


@pytest.fixture
def two(served: Two) -> Iterator[Two]:
    """The service with a line to each worker; lines on which nobody speaks for five seconds are closed."""
    with a_line_to_each(served.process, served.port, expected=2) as lines:
        yield served._replace(lines=lines)


def counted(answer: Answer, route: str) -> int:
    """How many requests of a route were answered by then, whatever came of them."""
    found = re.findall(
        rf'^tenure_request_seconds_count{{.*route="{re.escape(route)}".*}} (\S+)$', answer.body.decode(), re.M
    )
    return int(sum(float(number) for number in found))


def gauge(answer: Answer, name: str) -> float:
    (found,) = re.findall(rf"^tenure_{name}(?:{{[^}}]*}})? (\S+)$", answer.body.decode(), re.MULTILINE)
    return float(found)


def soon(two: Two, holds: Callable[[Line], bool]) -> float:
    """The seconds until something holds at every worker; each is asked again and again."""
    began, waiting = time.monotonic(), list(two.lines)
    while waiting:
        assert time.monotonic() - began < 5, "waited too long"
        waiting = [line for line in waiting if not holds(line)]
        time.sleep(0.02)
    return time.monotonic() - began


def test_each_worker_tells_the_sum_of_what_all_answered(two: Two) -> None:
    route = "/v1/customers/{customer_id:path}/risk"
    before = counted(two.lines[0].ask("/metrics"), route)
    first, second = two.lines
    for line, times in ((first, 40), (second, 25)):
        for _ in range(times):
            assert line.ask(RISK).status == 200
    for number in range(15):
        second.ask(f"/v1/customers/c{number}/risk?outcome=none")
    soon(two, lambda line: counted(line.ask("/metrics"), route) >= before + 80)  # counted after it was answered
    for line in two.lines:
        assert counted(line.ask("/metrics"), route) == before + 80


def test_how_things_stand_is_told_beside_the_counts(two: Two) -> None:
    answers = [line.ask("/metrics") for line in two.lines]
    for answer in answers:
        made = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
        age = (dt.datetime.now(dt.UTC) - made).total_seconds()
        assert age - 20 < gauge(answer, "score_set_age_seconds") <= age + 1
        assert gauge(answer, "score_set_as_of_seconds") == dt.datetime(2017, 12, 3, 23, tzinfo=dt.UTC).timestamp()
        assert (gauge(answer, "events_waiting"), gauge(answer, "store_answers")) == (0, 1)
        assert gauge(answer, "build_info") == 1
        assert b'store="sqlite",version="0.' in answer.body
        assert 0 <= gauge(answer, "audit_entries_waiting") < 100


def test_the_readme_names_exactly_the_metrics_there_are(two: Two) -> None:
    watched = {"check": "volume", "subject": "till", "level": "ok", "value": 0.1}
    about = {"as_of": NOON.date(), "snapshot_id": "s1", "level": "ok", "findings": [watched], "shape": {}}
    keep_run(two.store, at=NOON, **about)  # the monitor is told of from its first run on
    told = set(re.findall(r"^# TYPE (\w+)", two.lines[0].ask("/metrics").body.decode(), re.MULTILINE))
    section = (
        README.read_text(encoding="utf-8").partition("<!-- metrics: start -->")[2].partition("<!-- metrics: end")[0]
    )
    shown = set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
    assert told | {"tenure_hooks_total"} == shown  # which is told from the first webhook on


def test_a_new_score_set_is_what_every_worker_tells_at_once(two: Two) -> None:
    for line in two.lines:
        assert line.ask(RISK).json()["probability"] == 0.4
    put_scores(two.store, highest=0.7)
    for line in two.lines:
        assert line.ask(RISK).json()["probability"] == 0.7


def test_one_refresher_runs_beside_the_workers(two: Two) -> None:
    below = psutil.Process(two.process).parent()
    assert below is not None
    alive = [p for p in below.children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]
    mine = [p for p in alive if "tenure.serving.refresher" in p.cmdline()]
    assert len([p for p in mine if p.cwd() == str(two.folder / ".tenure")]) == 1
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with reading(two.store) as connection:
            held = list(connection.scalars(select(leases.c.holder).where(leases.c.name == "refresh")))
        if held:
            break
        time.sleep(0.1)
    assert len(held) == 1


def test_a_worker_that_died_is_replaced_and_what_it_counted_stays(two: Two) -> None:
    route = "/healthz"
    victim = workers_below(two.process)[0].pid
    before = counted(two.lines[0].ask("/metrics"), route)
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + 90
    while len([w for w in workers_below(two.process) if w.pid != victim]) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    with a_line_to_each(two.process, two.port, expected=2) as lines:
        for line in lines:
            answer = line.ask("/metrics")
            assert counted(answer, route) > before
            assert 0 <= gauge(answer, "audit_entries_waiting") < 100


def test_keys_and_people_are_known_to_every_worker_within_a_second(two: Two) -> None:
    """The last of these tests: from the first key on nobody is served without one."""
    now, store, lines = dt.datetime.now(dt.UTC), two.store, two.lines
    made, key = create_key(store, "crm", Role.agent, now=now, days=None)
    assert soon(two, lambda line: line.ask(RISK).status == 401) < SOON
    assert [line.ask(RISK, Authorization=f"Bearer {key}").status for line in lines] == [200, 200]
    _, later = create_key(store, "erp", Role.agent, now=now, days=None)
    assert soon(two, lambda line: line.ask(RISK, Authorization=f"Bearer {later}").status == 200) < SOON
    revoke_key(store, made.key_id, now=now)
    assert soon(two, lambda line: line.ask(RISK, Authorization=f"Bearer {key}").status == 401) < SOON
    cookie = logged_in(two)
    assert soon(two, lambda line: line.ask(RISK, Cookie=cookie).status == 200) < SOON
    disable(store, "ann@shop.test", now=now)
    assert soon(two, lambda line: line.ask(RISK, Cookie=cookie).status == 401) < SOON
    assert [line.ask(RISK, Authorization=f"Bearer {later}").status for line in lines] == [200, 200]


def logged_in(two: Two) -> str:
    """The cookie of a person who logged in at one of the workers."""
    now = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=2)
    accept(two.store, "ann@shop.test", invite(two.store, "ann@shop.test", Role.agent, now=now), PASSWORD, now=now)
    form = urlencode({"name": "ann@shop.test", "password": PASSWORD})
    kind, origin = "application/x-www-form-urlencoded", "http://127.0.0.1"
    answer = two.lines[0].ask("/login", method="POST", body=form, Content_Type=kind, Origin=origin)
    assert answer.status == 303, answer.body
    return str(answer.headers["Set-Cookie"]).partition(";")[0]
