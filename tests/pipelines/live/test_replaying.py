"""Kept webhooks become interactions: once each, in whatever order they come, and whatever cannot be used goes aside."""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from pathlib import Path
from typing import Any

import hooks as told
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

from tenure.pipelines.importers.chatwoot.hooks import case_of as conversation_of
from tenure.pipelines.importers.gathering import gather, replay_gathered, together
from tenure.pipelines.importers.zendesk.hooks import case_of as ticket_of
from tenure.pipelines.live.delivery import deliver
from tenure.pipelines.live.forgetting import RECORD_DAYS, forget_delivered
from tenure.pipelines.live.hooks import keep_record
from tenure.pipelines.live.replaying import TOOLS, Replayed, Replayer
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk_tables import external_ids
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.store.hook_tables import hooks
from tenure.pipelines.store.tables import events

NOW = dt.datetime(2024, 3, 2, 12, tzinfo=dt.UTC)
SOURCES = {"zendesk": "desk", "chatwoot": "chat"}
CASES = {"zendesk": ticket_of, "chatwoot": conversation_of}
TOML = """
[project]
name = "shop"
[[source]]
name = "desk"
live = true
[[source]]
name = "chat"
live = true
[hooks.zendesk]
secret = "ZENDESK_HOOK_SECRET"
source = "desk"
[hooks.chatwoot]
secret = "CHATWOOT_HOOK_SECRET"
source = "chat"
[outcome.lapse]
type = "inactivity"
kinds = ["contact_opened"]
horizon_days = 28
eligible = { active_days = 28 }
"""


@pytest.fixture
def project_file(tmp_path: Path, store_section: str) -> Path:
    file = tmp_path / "tenure.toml"
    file.write_text(TOML + store_section)
    return file


@pytest.fixture
def desk(project: Project, engine: Engine) -> Desk:
    return Desk(project, engine)


class Desk:
    """Two support tools that send webhooks, and the refresher's work on them."""

    def __init__(self, project: Project, engine: Engine) -> None:
        self.engine, self.replayer = engine, Replayer(project, engine)

    def send(self, *records: dict[str, Any], tool: str = "zendesk", now: dt.datetime = NOW) -> list[bool]:
        return [
            keep_record(
                self.engine, SOURCES[tool], record, delivery=f"{record}", case=CASES[tool](record) or "", now=now
            )
            for record in records
        ]

    def replay(self, now: dt.datetime = NOW) -> Replayed:
        return self.replayer.once(now)

    def delivered(self) -> list[dict[str, Any]]:
        with reading(self.engine) as connection:
            return list(connection.scalars(select(events.c.row).order_by(events.c.event_id)))

    def standing(self) -> dict[str, Any]:
        """What holds in the end, by interaction; not when it became known."""
        last = {
            r["interaction_id"]: r
            for r in sorted(self.delivered(), key=lambda r: dt.datetime.fromisoformat(r["known_at"]))
        }
        return {name: without_known(r) for name, r in last.items() if not r.get("retracted")}

    def reasons(self) -> list[str]:
        with reading(self.engine) as connection:
            return list(
                connection.scalars(select(hooks.c.aside).where(hooks.c.aside.is_not(None)).order_by(hooks.c.hook_id))
            )


def without_known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "known_at"}


def kinds(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(r["customer_id"], r["kind"]) for r in sorted(rows, key=lambda r: (r["occurred_at"], r["interaction_id"]))]


CREATED = told.zendesk("created", 0)
SOLVED = told.changed("status", 60, "OPEN", "SOLVED")
REOPENED = told.changed("status", 120, "SOLVED", "OPEN")
SPOKEN = told.said(7, 30, "11", "it is broken", staff=False)


def test_a_ticket_becomes_interactions(desk: Desk) -> None:
    assert desk.send(CREATED, SPOKEN, SOLVED) == [True] * 3
    assert desk.replay() == Replayed(cases=1, rows=3)
    assert kinds(desk.delivered()) == [
        ("desk:11", "contact_opened"),
        ("desk:11", "message_in"),
        ("desk:11", "resolved"),
    ]
    assert desk.replay() == Replayed()


def test_a_delivery_that_comes_again_is_kept_once(desk: Desk) -> None:
    assert desk.send(CREATED, SOLVED, CREATED) == [True, True, False]
    desk.replay()
    assert desk.send(SOLVED) == [False]
    assert desk.replay() == Replayed()
    assert len(desk.delivered()) == 2


def test_a_later_webhook_adds_only_what_is_new(desk: Desk) -> None:
    desk.send(CREATED, SOLVED)
    desk.replay()
    desk.send(REOPENED)
    assert desk.replay() == Replayed(cases=1, rows=1)
    assert kinds(desk.delivered())[-1] == ("desk:11", "reopened")


def test_one_that_comes_late_corrects_what_was_told(desk: Desk) -> None:
    """Without the solving in between, the second opening is none; without the first, the second solving is none."""
    again = told.changed("status", 180, "OPEN", "SOLVED")
    desk.send(CREATED, SOLVED, again)
    desk.replay()
    assert [kind for _, kind in kinds(list(desk.standing().values()))] == ["contact_opened", "resolved"]
    desk.send(REOPENED)
    desk.replay()
    assert [kind for _, kind in kinds(list(desk.standing().values()))] == [
        "contact_opened",
        "resolved",
        "reopened",
        "resolved",
    ]


@pytest.mark.parametrize("tool", TOOLS)
@settings(max_examples=12)
@given(data=st.data())
def test_any_order_and_any_pauses_end_where_one_replay_of_all_ends(tool: str, data: st.DataObject) -> None:
    life = data.draw(told.LIVES[tool])
    with tempfile.TemporaryDirectory() as folder:
        engine = open_store(Path(folder))
        desk = Desk(project_of(Path(folder)), engine)
        for number, record in enumerate(told.shuffled(life, data)):
            now = NOW + dt.timedelta(seconds=number)
            desk.send(record, tool=tool, now=now)
            if data.draw(st.booleans()):
                desk.replay(now)
        desk.replay(NOW + dt.timedelta(hours=1))
        found = desk.standing()
        engine.dispose()
    case = next(case for record in life if (case := CASES[tool](record)))
    rows = replay_gathered(case, together(gather(record, TOOLS[tool]) for record in life), TOOLS[tool])
    last = {row.interaction_id: row for row in sorted(rows, key=lambda row: row.known_at) if row.external_id}
    expected = {
        name: (row.kind, row.occurred_at.isoformat(), row.text, row.agent_id, row.team_id)
        for name, row in last.items()
        if not row.retracted
    }
    assert {
        name: (r["kind"], r["occurred_at"], r.get("text"), r.get("agent_id"), r.get("team_id"))
        for name, r in found.items()
    } == expected


def project_of(root: Path) -> Project:
    (root / "tenure.toml").write_text(TOML)
    return load_project(root)


def test_a_customer_is_who_the_newest_snapshot_says_or_is_called_by_the_record(desk: Desk) -> None:
    desk.send(CREATED, told.zendesk("created", 0, case="2", requester="12"))
    desk.send(told.conversation("conversation_created", 0), tool="chatwoot")
    known = [("desk", "11", "ann"), ("", "11", "wrong"), ("", "12", "bob"), ("chat", "77", "cid")]
    with desk.engine.begin() as connection:
        connection.execute(
            insert(external_ids), [dict(zip(("source", "external_id", "customer_id"), k, strict=True)) for k in known]
        )
    desk.replay()
    assert {r["customer_id"] for r in desk.delivered()} == {"ann", "bob", "anna@example.com"}


def test_a_customer_who_becomes_known_gets_the_rows_of_before(desk: Desk) -> None:
    desk.send(CREATED)
    desk.replay()
    with desk.engine.begin() as connection:
        connection.execute(insert(external_ids).values(source="desk", external_id="11", customer_id="ann"))
    desk.send(SOLVED)
    desk.replay()
    assert {r["customer_id"] for r in desk.standing().values()} == {"ann"}


def test_rows_wait_until_it_is_known_whose_they_are(desk: Desk) -> None:
    nobody = {**SPOKEN, "detail": {k: v for k, v in SPOKEN["detail"].items() if k != "requester_id"}}
    desk.send(nobody)
    assert desk.replay() == Replayed(cases=1)
    desk.send(CREATED)
    desk.replay()
    assert kinds(desk.delivered()) == [("desk:11", "contact_opened"), ("desk:11", "message_in")]


def test_what_cannot_be_understood_goes_aside_and_holds_up_nobody(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    undated = {**SPOKEN, "time": "Anna's birthday"}
    nameless = {**CREATED, "detail": {}}
    ahead = told.changed("status", 2 * 86400, "OPEN", "SOLVED")
    odd = {**SPOKEN, "event": {"comment": {"id": "8", "body": "x", "author": {"id": "11"}}}, "time": {"a": 1}}
    desk.send(undated, CREATED, nameless, ahead, odd)
    with caplog.at_level(logging.WARNING):
        assert desk.replay() == Replayed(cases=2, rows=1, aside=4)
    assert kinds(desk.delivered()) == [("desk:11", "contact_opened")]
    assert [reason[:30] for reason in desk.reasons()] == [
        "expected a time, found \"Anna's",
        "a webhook without id, time, ti",
        "it tells of what is still to c",
        "expected a time, found {'a': 1",
    ]
    assert "webhook 1 of desk is left aside" in caplog.text
    assert "Anna" not in caplog.text
    desk.send(SOLVED)
    assert desk.replay() == Replayed(cases=1, rows=1)


def test_a_clash_with_a_row_of_somebody_else_goes_aside(desk: Desk) -> None:
    mine = {
        "interaction_id": "35436:opened",
        "customer_id": "x",
        "kind": "visit",
        "occurred_at": "2024-03-01T10:00:00+00:00",
    }
    deliver(desk.engine, "desk", [mine], now=NOW)
    desk.send(CREATED)
    assert desk.replay() == Replayed(cases=1, aside=1)
    assert "have the id and known_at of other rows" in desk.reasons()[0]


def test_many_cases_are_taken_in_turns(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenure.pipelines.live.replaying.CASES_AT_ONCE", 2)
    desk.send(*(told.zendesk("created", 0, case=str(number)) for number in range(5)))
    assert [desk.replay() for _ in range(3)] == [Replayed(2, 2, more=True), Replayed(2, 2, more=True), Replayed(1, 1)]


def test_records_of_cases_long_over_are_forgotten_and_what_was_told_stays(desk: Desk) -> None:
    desk.send(CREATED, SOLVED)
    desk.replay()
    later = NOW + dt.timedelta(days=RECORD_DAYS + 1)
    desk.send(told.zendesk("created", 0, case="2"), now=later)
    forget_delivered(desk.engine, now=later)
    with reading(desk.engine) as connection:
        assert list(connection.scalars(select(hooks.c.case_id))) == ["2"]
    before = desk.standing()
    desk.send(told.changed("status", 86400, "SOLVED", "OPEN"), now=later)
    desk.replay(later)
    found = desk.standing()
    assert {name: found[name] for name in before} == before
    assert found.keys() - before.keys() == {"2:opened", "01HN-35436-status_changed-86400:status"}
