"""Bands are written into support tools that answer as the real ones do, fail as they do, and come back."""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.write_back import ChatwootField, WriteBack, ZendeskField
from tenure.pipelines.store.decision_tables import hold_out_draws
from tenure.pipelines.store.desk_tables import external_ids
from tenure.pipelines.store.tables import overlays
from tenure.serving.writer import Writer

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
BASIC = base64.b64encode(b"bot@example.com/token:zendesk secret").decode()


class Desk:
    """What Zendesk and Chatwoot do with a PUT: users and contacts with fields, tokens, and bad days."""

    def __init__(self) -> None:
        self.users: dict[str, dict[str, str]] = {"1": {"region": "north"}}
        self.contacts: dict[str, dict[str, str]] = {"9": {"plan": "gold"}}
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.asked = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def put(self, path: str, headers: Any, body: dict[str, Any]) -> int:
        if path.startswith("/api/v2/users/"):
            held = self.users.get(path.removeprefix("/api/v2/users/").removesuffix(".json"))
            allowed, fields = headers.get("Authorization") == f"Basic {BASIC}", body.get("user", {}).get("user_fields")
        else:
            held = self.contacts.get(path.removeprefix("/api/v1/accounts/3/contacts/"))
            allowed, fields = headers.get("api_access_token") == "chatwoot secret", body.get("custom_attributes")
        if not allowed:
            return 401
        if held is None:
            return 404
        held.update(fields)
        return 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                desk.asked += 1
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, more = desk.answers.pop(0) if desk.answers else (desk.put(self.path, self.headers, body), {})
                self.send_response(status)
                for name, value in {**more, "Content-Length": "2"}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def ours(
    desk: Desk, project: Project, engine: Engine, put: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> Project:
    """A project whose ann (high risk) is known in both tools, and bob in neither."""
    monkeypatch.setenv("ZENDESK_TOKEN", "zendesk secret")
    monkeypatch.setenv("CHATWOOT_TOKEN", "chatwoot secret")
    put()
    rows = [
        {"source": "zendesk", "external_id": "1", "customer_id": "ann"},
        {"source": "chatwoot", "external_id": "9", "customer_id": "ann"},
    ]
    with engine.begin() as connection:
        connection.execute(insert(external_ids), rows)
    fields = WriteBack(
        zendesk=ZendeskField(address=desk.address, user="bot@example.com", token="ZENDESK_TOKEN"),
        chatwoot=ChatwootField(address=desk.address, account=3, token="CHATWOOT_TOKEN"),
    )
    return project.model_copy(update={"write_back": fields})


def later(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(("tool", "field"), [("zendesk", "users"), ("chatwoot", "contacts")])
def test_a_band_is_written_beside_the_fields_that_are_there(
    ours: Project, engine: Engine, desk: Desk, tool: str, field: str
) -> None:
    writer = Writer(ours, engine, tool)
    assert writer.once(NOON) == 1
    [held] = getattr(desk, field).values()
    assert held["tenure_risk"] == "high" and len(held) == 2
    assert (writer.once(NOON), desk.asked) == (0, 1)


def test_a_second_field_says_whether_to_contact_and_follows_the_hold_out(
    ours: Project, engine: Engine, desk: Desk
) -> None:
    field = ours.write_back.zendesk
    assert field is not None
    told = WriteBack(zendesk=field.model_copy(update={"contact_field": "tenure_contact"}))
    writer = Writer(ours.model_copy(update={"write_back": told}), engine, "zendesk")
    writer.once(NOON)
    assert desk.users["1"] == {"region": "north", "tenure_risk": "high", "tenure_contact": "yes"}
    everybody = {"starts": "2017-12-04", "share": 1.0, "salt": "s", "drawn_at": NOON.replace(tzinfo=None)}
    with engine.begin() as connection:
        connection.execute(insert(hold_out_draws), everybody)
    assert writer.once(later(1)) == 1
    assert desk.users["1"] == {"region": "north", "tenure_risk": "high", "tenure_contact": "no"}


def test_whoever_was_scored_again_is_written_again(ours: Project, engine: Engine, desk: Desk) -> None:
    writer = Writer(ours, engine, "zendesk")
    writer.once(NOON)
    scored_at = NOON.replace(tzinfo=None)
    with engine.begin() as connection:
        for unit, band in (("k1", "low"), ("k2", "medium")):
            connection.execute(
                insert(overlays).values(
                    outcome="lapse", unit_id=unit, customer_id="ann", score_set_id=1, event_id=1, as_of="2017-12-05",
                    scored_at=scored_at, status="scored", probability=0.05 if band == "low" else 0.15, band=band,
                )
            )  # fmt: skip
    assert writer.once(later(1)) == 1
    assert desk.users["1"]["tenure_risk"] == "medium"


def test_a_tool_that_is_away_gets_the_band_when_it_is_back(ours: Project, engine: Engine, desk: Desk) -> None:
    writer = Writer(ours, engine, "zendesk")
    desk.answers = [(503, {}), (500, {})]
    assert [writer.once(later(s)) for s in (0, 5, 10, 15, 29)] == [0, 0, 0, 0, 0]
    assert desk.asked == 2
    assert writer.once(later(31)) == 1
    assert desk.users["1"]["tenure_risk"] == "high"


def test_a_tool_that_asks_for_patience_gets_it(ours: Project, engine: Engine, desk: Desk) -> None:
    writer = Writer(ours, engine, "zendesk")
    desk.answers = [(429, {"Retry-After": "60"})]
    assert [writer.once(later(s)) for s in (0, 30, 59)] == [0, 0, 0]
    assert desk.asked == 1
    assert writer.once(later(61)) == 1


def test_a_wrong_token_stops_all_writing_for_a_while_and_loses_nothing(
    ours: Project, engine: Engine, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZENDESK_TOKEN", "wrong")
    writer = Writer(ours, engine, "zendesk")
    assert [writer.once(later(s)) for s in (0, 60, 299)] == [0, 0, 0]
    assert desk.asked == 1
    monkeypatch.setenv("ZENDESK_TOKEN", "zendesk secret")
    assert Writer(ours, engine, "zendesk").once(later(301)) == 1


def test_a_person_whom_the_tool_does_not_know_is_given_up(ours: Project, engine: Engine, desk: Desk) -> None:
    desk.users.clear()
    writer = Writer(ours, engine, "zendesk")
    assert [writer.once(later(s)) for s in (0, 60, 100_000)] == [0, 0, 0]
    assert desk.asked == 1


def test_another_process_goes_on_where_one_was_killed(ours: Project, engine: Engine, desk: Desk) -> None:
    desk.answers = [(500, {})]
    Writer(ours, engine, "zendesk").once(NOON)
    assert Writer(ours, engine, "zendesk").once(later(10)) == 1
    assert Writer(ours, engine, "zendesk").once(later(20)) == 0
    assert desk.asked == 2


def test_a_field_that_an_import_would_take_for_a_fact_is_refused() -> None:
    with pytest.raises(ValueError, match="must begin with tenure_ or churn_risk"):
        ZendeskField(address="https://acme.zendesk.com", user="bot@example.com", token="T", field="risk")
