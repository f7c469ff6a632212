"""`POST /hooks/...`: only what is genuine is kept, once, and the answer does not say which time it was."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import hooks as told
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from tenure.pipelines.access.audit import read_entries
from tenure.pipelines.access.keys import create_key
from tenure.pipelines.access.roles import Role
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.service import Service
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.hook_tables import hooks
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
ZENDESK, CHATWOOT = "/hooks/zendesk", "/hooks/chatwoot"
HOOKS = """
[[source]]
name = "chat"
live = true
[hooks.zendesk]
secret = "ZENDESK_HOOK_SECRET"
previous_secret = "ZENDESK_HOOK_SECRET_BEFORE"
source = "app"
[hooks.chatwoot]
secret = "CHATWOOT_HOOK_SECRET"
source = "chat"
"""
START = NOON - dt.timedelta(hours=1)
CREATED = told.zendesk("created", 0, start=START)
WRITTEN = told.message(7, 5, "hello", incoming=True, start=START)


@pytest.fixture
def project_file(tmp_path: Path, project_text: str, store_section: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZENDESK_HOOK_SECRET", told.ZENDESK_SECRET)
    monkeypatch.setenv("CHATWOOT_HOOK_SECRET", told.CHATWOOT_SECRET)
    file = tmp_path / "tenure.toml"
    file.write_text(project_text + HOOKS + store_section)
    return file


def send(client: TestClient, record: Any, at: dt.datetime = NOON, **options: Any) -> Any:
    body = record if isinstance(record, bytes) else told.body_of(record)
    if isinstance(record, dict) and "event" in record and "type" not in record:
        return client.post(CHATWOOT, content=body, headers=told.chatwoot_headers(body, at, **options))
    return client.post(ZENDESK, content=body, headers=told.zendesk_headers(body, at, **options))


def kept(engine: Engine) -> list[tuple[Any, ...]]:
    with reading(engine) as connection:
        columns = hooks.c.source, hooks.c.delivery_id, hooks.c.case_id, hooks.c.received_at
        return [tuple(row) for row in connection.execute(select(*columns).order_by(hooks.c.hook_id))]


def records(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.scalars(select(hooks.c.record).order_by(hooks.c.hook_id)))


def test_a_genuine_webhook_is_kept_word_for_word(client: TestClient, engine: Engine) -> None:
    answers = [send(client, CREATED), send(client, WRITTEN)]
    assert [(a.status_code, a.json()) for a in answers] == [
        (202, {"source": "app", "kept": True}),
        (202, {"source": "chat", "kept": True}),
    ]
    at = NOON.replace(tzinfo=None)
    assert kept(engine) == [("app", CREATED["id"], "35436", at), ("chat", "d-1", "42", at)]
    assert records(engine) == [CREATED, WRITTEN]


def test_one_that_is_sent_again_is_answered_as_at_first_and_changes_nothing(client: TestClient, engine: Engine) -> None:
    first = send(client, CREATED)
    again = send(client, CREATED, NOON + dt.timedelta(minutes=2))  # signed anew, as retries are
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert send(client, WRITTEN).content == send(client, WRITTEN).content
    assert len(kept(engine)) == 2


def test_events_of_one_webhook_are_told_apart_by_their_own_ids(client: TestClient, engine: Engine) -> None:
    """All carry the same X-Zendesk-Webhook-Id, which names the webhook and not the delivery."""
    send(client, CREATED)
    send(client, told.changed("status", 60, "OPEN", "SOLVED", start=START))
    assert len(kept(engine)) == 2


def test_a_delivery_without_an_id_is_known_again_by_its_content(client: TestClient, engine: Engine) -> None:
    body = told.body_of(WRITTEN)
    headers = {name: value for name, value in told.chatwoot_headers(body, NOON).items() if "Delivery" not in name}
    assert [client.post(CHATWOOT, content=body, headers=headers).status_code for _ in range(2)] == [202, 202]
    assert len(kept(engine)) == 1
    send(client, WRITTEN, delivery="x" * 300)
    assert [len(row[1]) for row in kept(engine)] == [64, 64]


@pytest.mark.parametrize(
    "record", [told.zendesk("tags_changed", 0), told.conversation("webwidget_triggered", 0), b"[1]"]
)
def test_what_means_nothing_here_is_acknowledged_and_not_kept(client: TestClient, engine: Engine, record: Any) -> None:
    answer = send(client, record)
    assert (answer.status_code, answer.json()["kept"]) == (202, False)
    assert kept(engine) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"secret": "wrong"}, "does not fit the body"),
        ({"at": NOON - dt.timedelta(minutes=6)}, "360 seconds from our clock"),
        ({"at": NOON + dt.timedelta(minutes=6)}, "360 seconds from our clock"),
    ],
)
@pytest.mark.parametrize("record", [CREATED, WRITTEN], ids=["zendesk", "chatwoot"])
def test_what_is_not_genuine_is_refused_and_not_kept(
    client: TestClient, engine: Engine, record: Any, options: dict[str, Any], said: str
) -> None:
    answer = send(client, record, **options)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tenure:not-genuine")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Signature")
    assert said in answer.json()["detail"]
    assert kept(engine) == []


@pytest.mark.parametrize("path", [ZENDESK, CHATWOOT])
def test_unsigned_nothing_is_taken_even_with_a_key(client: TestClient, engine: Engine, path: str) -> None:
    _, key = create_key(engine, "admin", Role.admin, now=NOON, days=None)
    answer = client.post(path, json=CREATED, headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tenure:not-genuine")
    assert "let the tool sign its webhooks" in answer.json()["detail"]


def test_a_signature_needs_no_key_and_opens_nothing_else(client: TestClient, engine: Engine) -> None:
    create_key(engine, "admin", Role.admin, now=NOON, days=None)
    assert send(client, CREATED).status_code == 202
    headers = told.zendesk_headers(b"", NOON)
    assert client.get("/v1/at-risk", headers=headers).status_code == 401


def test_while_a_secret_is_changed_both_are_good(
    project: Project, engine: Engine, scorers: Scorers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZENDESK_HOOK_SECRET", "new")
    monkeypatch.setenv("ZENDESK_HOOK_SECRET_BEFORE", told.ZENDESK_SECRET)
    app = create_app(ServiceSettings(project=project), engine=engine, scorers=scorers, now=lambda: NOON)
    client = TestClient(app, base_url="http://127.0.0.1")
    assert [send(client, CREATED).status_code, send(client, CREATED, secret="new").status_code] == [202, 202]


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": NaN}', b'{"a": 1e999}', b"\xff", b"[" * 100_000])
def test_a_signed_body_that_is_no_json_is_refused(client: TestClient, body: bytes) -> None:
    answer = send(client, body)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:tenure:unreadable")


def test_what_no_database_can_hold_as_text_is_kept(client: TestClient, engine: Engine) -> None:
    odd = told.said(7, 5, "11", "a\0b\ud83d", staff=False, start=START)
    odd["detail"]["id"] = "35\x00436"
    assert send(client, odd).status_code == 202
    assert len(kept(engine)) == 1


def test_a_tool_nobody_set_up_is_told_how(
    project: Project, engine: Engine, scorers: Scorers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHATWOOT_HOOK_SECRET")
    hooks = {"chatwoot": project.hooks["chatwoot"]}
    settings = ServiceSettings(project=project.model_copy(update={"hooks": hooks}))
    client = TestClient(
        create_app(settings, engine=engine, scorers=scorers, now=lambda: NOON), base_url="http://127.0.0.1"
    )
    found = [send(client, record) for record in (CREATED, WRITTEN)]
    assert [(a.status_code, a.json()["type"]) for a in found] == [
        (409, "urn:tenure:no-such-hook"),
        (409, "urn:tenure:no-secret"),
    ]
    assert "add [hooks.zendesk] with `secret` and `source`" in found[0].json()["detail"]
    assert "set the environment variable CHATWOOT_HOOK_SECRET" in found[1].json()["detail"]


def test_a_tool_that_sends_too_much_waits_and_strangers_cannot_use_up_its_rate(
    project: Project, engine: Engine, scorers: Scorers
) -> None:
    slow = project.model_copy(update={"service": Service(requests_a_second=0.5, burst=4)})
    app = create_app(ServiceSettings(project=slow), engine=engine, scorers=scorers, now=lambda: NOON)
    client = TestClient(app, base_url="http://127.0.0.1")
    assert {send(client, CREATED, secret="wrong").status_code for _ in range(9)} == {401}
    found = [send(client, CREATED) for _ in range(4)]
    assert [a.status_code for a in found] == [202, 202, 429, 429]
    assert int(found[-1].headers["retry-after"]) >= 1
    assert send(client, WRITTEN).status_code == 202  # each tool has a rate of its own


def test_webhooks_are_on_record_without_what_they_say(client: TestClient, engine: Engine) -> None:
    send(client, WRITTEN)
    client.app.state.auditor.close()  # type: ignore[attr-defined]
    (entry,) = read_entries(engine)
    assert (entry.who, entry.what, entry.of, entry.detail) == (
        "webhook",
        "hook",
        None,
        {"source": "chat", "kept": True},
    )


def test_deliveries_at_once_are_kept_once(client: TestClient, engine: Engine) -> None:
    lives = [told.changed("status", n % 5, "OPEN", "SOLVED", start=START) for n in range(20)]
    with ThreadPoolExecutor(5) as pool:
        assert {answer.status_code for answer in pool.map(lambda record: send(client, record), lives)} == {202}
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(hooks)) == 5
