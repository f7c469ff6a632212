"""What is written down, in which form, and what never is."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from scored import put_scores
from sqlalchemy import Engine, update
from workers import Answer, Line

from tenure.pipelines.access.people import accept, invite
from tenure.pipelines.access.roles import Role
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.service import Service
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.tables import scores
from tenure.serving.app import create_app
from tenure.serving.logs import JsonLines, Lines
from tenure.serving.request_ids import REQUEST_ID
from tenure.serving.scorer import Scorers
from tenure.serving.server import serve
from tenure.serving.settings import ServiceSettings

PRIVATE = ("very-private", "ann.private@example.com", "4711-private", "Zofia Prywatna", "a horse on stairs")
"""What requests hold of people; none of it may be written down."""


def record(message: str, *args: Any, error: BaseException | None = None) -> logging.LogRecord:
    raised = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord("tenure.serving.x", logging.ERROR, __file__, 1, message, args, raised)


def raised() -> BaseException:
    try:
        try:
            int(PRIVATE[0])
        except ValueError as error:
            raise KeyError(PRIVATE[1]) from error
    except KeyError as error:
        return error


def test_a_line_of_json_says_when_how_grave_who_and_what() -> None:
    REQUEST_ID.set("r-1")
    found = json.loads(JsonLines().format(record("the store does not answer: %s", "OperationalError")))
    REQUEST_ID.set("")
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found.pop("time"))
    assert found == {
        "level": "error",
        "logger": "tenure.serving.x",
        "message": "the store does not answer: OperationalError",
        "request": "r-1",
    }


@pytest.mark.parametrize("form", [JsonLines(), Lines()])
def test_of_an_error_its_kind_and_place_are_told_and_not_its_message(form: logging.Formatter) -> None:
    told = form.format(record("failed", error=raised()))
    assert "KeyError from ValueError" in told
    assert "test_logs.py:" in told and " in raised" in told
    assert not [private for private in PRIVATE if private in told]
    assert "request" not in told


def test_every_answer_has_a_name_of_its_own(scored: TestClient) -> None:
    asked = ("/healthz", "/v1/customers/ann/risk", "/nowhere", "/v1/at-risk?limit=0", "/style.css")
    answers = [scored.get(path) for path in asked]
    answers += [scored.get("/healthz", headers={"Host": "evil.test"}), scored.post("/v1/score", content=b"x")]
    names = {answer.headers["x-request-id"] for answer in answers}
    assert len(names) == len(answers)
    assert all(re.fullmatch(r"[0-9a-f]{24}", name) for name in names)


def test_an_answer_that_failed_is_named_too(scored: TestClient, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(scores).where(scores.c.customer_id == "ann").values(reasons=[{"theme": 3}]))
    answer = scored.get("/v1/at-risk")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:tenure:failed")
    assert answer.json()["instance"] == f"urn:tenure:request:{answer.headers['x-request-id']}"


@pytest.mark.parametrize(
    ("peer", "given", "kept"),
    [
        ("127.0.0.1", "ab12-CD.34_x", True),
        ("127.0.0.2", "ab12-CD.34_x", False),
        ("127.0.0.1", "ann private", False),
        ("127.0.0.1", "x" * 65, False),
    ],
)
def test_a_name_is_taken_over_from_a_trusted_proxy_only(
    project: Project, engine: Engine, scorers: Scorers, peer: str, given: str, kept: bool
) -> None:
    trusting = project.model_copy(update={"service": Service(trusted_proxies=("127.0.0.1",))})
    app = create_app(ServiceSettings(project=trusting), engine=engine, scorers=scorers)
    client = TestClient(app, base_url="http://127.0.0.1", client=(peer, 5000))
    assert (client.get("/healthz", headers={"X-Request-Id": given}).headers["x-request-id"] == given) is kept


class Served(NamedTuple):
    """A service that writes JSON, a line to it, and its logs once it has ended."""

    port: int
    folder: Path

    @property
    def written(self) -> str:
        return "".join(file.read_text() for file in (self.folder / ".tenure").glob("*.log"))


@pytest.fixture
def served(tmp_path: Path, project_text: str, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A real service of a project whose log has a form, with people and one customer who cannot be told."""
    (tmp_path / "tenure.toml").write_text(f'{project_text}\n[service]\nlog = "{request.param}"\n')
    store, now = project_store(load_project(tmp_path)), dt.datetime.now(dt.UTC)
    accept(store, PRIVATE[1], invite(store, PRIVATE[1], Role.admin, now=now), PRIVATE[4], now=now)
    put_scores(store)
    broken = [{"theme": "recency", "text": PRIVATE[3], "sayable": PRIVATE[1], "log_odds": 1.0}]
    with store.begin() as connection:
        connection.execute(update(scores).where(scores.c.customer_id == "ann").values(reasons=broken))
    store.dispose()
    with serve(tmp_path / "tenure.toml", port=0) as running:
        yield Served(int(running.address.rpartition(":")[2]), tmp_path)


def talked(port: int) -> list[Answer]:
    """Requests that succeed and that fail, each with something private in it."""
    with closing(Line(port)) as line:
        return said_over(line, port)


def alone(port: int, path: str, **headers: str) -> Answer:
    with closing(Line(port)) as line:
        return line.ask(path, **headers)


def said_over(line: Line, port: int) -> list[Answer]:
    form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": "http://127.0.0.1"}
    wrong, right = (urlencode({"name": PRIVATE[1], "password": word}) for word in (PRIVATE[0], PRIVATE[4]))
    refused = line.ask("/login", method="POST", body=wrong, **form)
    let_in = line.ask("/login", method="POST", body=right, **form)
    ours = {"Cookie": str(let_in.headers["Set-Cookie"]).partition(";")[0], "Content_Type": "application/json"}
    row = {"interaction_id": PRIVATE[2], "customer_id": PRIVATE[0], "kind": "purchase", "text": PRIVATE[3]}
    kept, clashing, early = (
        json.dumps({"interactions": [{**row, **more}]})
        for more in (
            {"occurred_at": "2017-12-01T10:00:00Z"},
            {"occurred_at": "2017-12-01T10:00:00Z", "amount": 3},
            {"occurred_at": "2217-12-01T10:00:00Z"},
        )
    )
    score = {"as_of": "2017-12-04", "customers": [{"customer_id": PRIVATE[0], "interactions": []}]}
    return [
        refused,
        let_in,
        line.ask(f"/v1/customers/{PRIVATE[0]}/risk", **ours),
        line.ask(f"/v1/customers/{PRIVATE[1]}/risk?outcome={PRIVATE[2]}", **ours),
        line.ask(f"/{PRIVATE[0]}", **ours),
        alone(port, "/v1/at-risk", **ours),  # fails, for what is held of ann cannot be told, and ends its line
        line.ask("/v1/interactions", method="POST", body=kept, **ours),
        line.ask("/v1/interactions", method="POST", body=clashing, **ours),
        line.ask("/v1/interactions", method="POST", body=early, **ours),
        line.ask("/v1/interactions", method="POST", body=PRIVATE[0], **ours),
        line.ask("/v1/score", method="POST", body=json.dumps(score), **ours),
    ]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("served", ["json", "text"], indirect=True)
def test_no_log_of_a_real_service_names_anybody(served: Served, request: pytest.FixtureRequest) -> None:
    answers = talked(served.port)
    assert [a.status for a in answers] == [403, 303, 200, 422, 404, 500, 202, 409, 422, 422, 503]
    failed = answers[5].headers["X-Request-Id"]
    written = served.written
    assert not [private for private in PRIVATE if private in written]
    assert written.count("ValidationError") == 1 and "a request failed" in written
    assert failed in written
    if "[json]" not in request.node.name:
        return
    deadline = time.monotonic() + 60
    while answers[-1].headers["X-Request-Id"] not in served.written and time.monotonic() < deadline:
        time.sleep(0.05)  # a line is written once the answer is out
    lines = [json.loads(line) for line in (served.folder / ".tenure" / "service.log").read_text().splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    told = {line["request"]: line for line in lines if line["logger"] == "tenure.requests"}
    for answer in answers:
        assert told[answer.headers["X-Request-Id"]]["status"] == answer.status
    assert told[answers[2].headers["X-Request-Id"]]["route"] == "/v1/customers/{customer_id:path}/risk"
