"""Contacts are kept once, whole requests or nothing, and those with people of the hold-out are told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert

from tenure.pipelines.access.audit import read_entries
from tenure.pipelines.decisions.hold_out import Draw, is_held_out
from tenure.pipelines.store.actions import newest_actions
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.decision_tables import hold_out_draws
from tenure.pipelines.store.frozen_lists import frozen_list

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
OURS = {"Origin": "http://127.0.0.1"}


def salt_that_holds(held: str, *others: str, share: float = 0.4) -> str:
    """A salt with which one person is held out and others are not."""
    for number in range(10_000):
        draw = Draw(NOON.date(), share, f"salt-{number}", NOON)
        if is_held_out(draw, held) and not any(is_held_out(draw, name) for name in others):
            return draw.salt
    raise AssertionError("no salt")


def draw(engine: Engine, held: str, *others: str) -> None:
    row = {
        "starts": "2017-12-04",
        "share": 0.4,
        "salt": salt_that_holds(held, *others),
        "drawn_at": dt.datetime(2017, 12, 4, 6),
    }
    with engine.begin() as connection:
        connection.execute(insert(hold_out_draws), row)


@pytest.fixture
def held(scored: TestClient, engine: Engine) -> TestClient:
    """The client while bob is held out, and ann and the one with a strange name are not."""
    draw(engine, "bob", "ann", "=cmd")
    return scored


@pytest.fixture
def without_ann(scored: TestClient, engine: Engine) -> TestClient:
    draw(engine, "ann", "bob", "=cmd")
    return scored


def send(client: TestClient, *rows: dict[str, Any]) -> Any:
    usual = {"customer_id": "ann", "at": "2017-12-04T10:00:00Z"}
    return client.post("/v1/actions", json={"actions": [{**usual, **row} for row in rows]})


def test_actions_are_kept_once_however_often_they_are_sent(held: TestClient, engine: Engine) -> None:
    call = {"channel": "phone", "result": "accepted", "offer": "a month free", "cost": 5.5, "playbook": "call"}
    first = send(held, {"action_id": "crm-1"}, call)
    assert (first.status_code, first.json()) == (201, {"accepted": 2, "duplicates": 0, "contaminated": []})
    assert send(held, call, {"action_id": "crm-1"}, call).json() == {"accepted": 0, "duplicates": 3, "contaminated": []}
    with reading(engine) as connection:
        kept = newest_actions(connection, limit=10)
    assert {(one.customer_id, one.outcome, one.who, one.cost) for one in kept} == {
        ("ann", "lapse", "local", None),
        ("ann", "lapse", "local", 5.5),
    }
    entry = read_entries(engine)[-1]
    assert (entry.what, entry.detail) == ("actions", {"actions": 0, "known": 3, "contaminated": 0})


def test_an_id_with_other_content_is_a_conflict(held: TestClient) -> None:
    send(held, {"action_id": "crm-1"})
    answer = send(held, {"action_id": "crm-1", "result": "declined"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tenure:clashing-action")


def test_contacts_of_people_in_the_hold_out_are_kept_and_told(held: TestClient, engine: Engine) -> None:
    answer = send(held, {"customer_id": "bob", "action_id": "slip"}, {})
    assert answer.json() == {"accepted": 2, "duplicates": 0, "contaminated": ["slip"]}
    with reading(engine) as connection:
        assert {one.action_id: one.held_out for one in newest_actions(connection, limit=9)}["slip"] is True


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"customer_id": "nobody"}, "unknown-customer"),
        ({"at": "2017-12-04T12:06:00Z"}, "in-the-future"),
        ({"at": "2017-12-04T05:59:00Z"}, "before-the-hold-out"),
        ({"outcome": "laps"}, "unknown-outcome"),
        ({"list_id": 7}, "unknown-list"),
    ],
)
def test_what_cannot_be_is_refused_with_its_row_and_nothing_is_kept(
    held: TestClient, engine: Engine, row: dict[str, Any], kind: str
) -> None:
    answer = send(held, {"action_id": "good"}, row)
    told = answer.json()
    assert (answer.status_code, told["type"]) == (422, f"urn:tenure:{kind}")
    assert [one["where"] for one in told["errors"]] == ["actions[1]"] and "nothing was kept" in told["detail"]
    with reading(engine) as connection:
        assert newest_actions(connection, limit=9) == []


@pytest.mark.parametrize(
    "row", [{"cost": -1}, {"result": "bought"}, {"channel": "pigeon"}, {"at": "2017-12-04"}, {"by": "me"}]
)
def test_what_no_action_has_is_refused(held: TestClient, row: dict[str, Any]) -> None:
    assert send(held, row).json()["type"] == "urn:tenure:invalid-request"


def test_before_a_hold_out_was_drawn_nothing_can_be_proven(scored: TestClient) -> None:
    assert send(scored, {}).json()["type"] == "urn:tenure:no-hold-out"


def test_whoever_was_contacted_lately_is_left_out_of_lists_for_a_while(held: TestClient) -> None:
    send(held, {"result": "reached"}, {"customer_id": "=cmd", "result": "no_answer"})
    page = held.get("/")
    assert "2 contacted less than 14 days ago" in page.text  # ann has two contracts
    assert 'value="ann"' not in page.text and 'value="=cmd"' in page.text
    assert 'value="ann"' in held.get("/?status=any").text
    board = held.app.state.board  # type: ignore[attr-defined]
    board.now = lambda: NOON + dt.timedelta(days=14)
    assert 'value="ann"' in held.get("/").text


def test_the_list_of_risks_leaves_the_hold_out_out_unless_it_is_asked_for(without_ann: TestClient) -> None:
    answer = without_ann.get("/v1/at-risk").json()
    assert [row["customer_id"] for row in answer["rows"]] == ["=cmd"]
    assert (answer["total"], answer["held_out"], answer["held_out_until"]) == (1, 2, "2018-01-01")
    marked = without_ann.get("/v1/at-risk?hold_out=true").json()
    assert [(row["customer_id"], row["held_out"]) for row in marked["rows"]] == [
        ("ann", True),
        ("ann", True),
        ("=cmd", False),
    ]
    assert marked["total"] == 3
    assert without_ann.get("/v1/at-risk?band=high").json()["total"] == 0


def test_exports_leave_the_hold_out_out_or_mark_it_without_saying_what_to_do(without_ann: TestClient) -> None:
    assert [row["customer_id"] for row in without_ann.get("/v1/export?format=json").json()["rows"]] == ["=cmd"]
    rows = without_ann.get("/v1/export?format=json&hold_out=true").json()["rows"]
    told = [(row["unit_id"], row["holdout"], row["status"], row["suggested_action"], row["owner"]) for row in rows]
    assert told[:2] == [("k2", True, "hold_out", None, None), ("k1", True, "hold_out", None, None)]
    assert (rows[2]["holdout"], rows[2]["status"]) == (False, "new")


def test_a_published_list_keeps_the_hold_out_and_its_export_leaves_it_out(
    without_ann: TestClient, engine: Engine
) -> None:
    without_ann.post("/desk/publish", data={"outcome": "lapse", "capacity": "1"}, headers=OURS)
    with reading(engine) as connection:
        found = frozen_list(connection, 1)
    assert found is not None
    assert [(one.unit_id, one.held_out, one.propensity) for one in found[1]] == [
        ("k2", True, 0.6),
        ("k1", True, 0.6),
        ("=cmd", False, 0.6),
    ]
    page = without_ann.get("/lists/1").text
    assert "2 of them are in the hold-out" in page and "<small>hold_out</small>" in page
    assert [row["unit_id"] for row in without_ann.get("/v1/export?list=1&format=json").json()["rows"]] == ["=cmd"]
    assert len(without_ann.get("/v1/export?list=1&format=json&hold_out=true").json()["rows"]) == 3


def test_the_desk_leaves_the_hold_out_alone(without_ann: TestClient, engine: Engine) -> None:
    page = without_ann.get("/").text
    assert "2 in the hold-out until 2018-01-01" in page and 'value="ann"' not in page

    def do(what: str, **form: str) -> Any:
        data = {"outcome": "lapse", "do": what, "c": "ann", **form}
        return without_ann.post("/desk/care", data=data, headers=OURS, follow_redirects=False)

    for answer in (do("contacted"), do("assign", owner="zoe")):
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:tenure:held-out")
    assert do("note", text="rang us").status_code == do("snooze", until="2017-12-06").status_code == 303
    assert "In the hold-out until 2018-01-01, whom nobody contacts" in without_ann.get("/find?q=ann").text
    shown = without_ann.get("/customers/ann").text
    assert "In the hold-out until 2018-01-01" in shown and "if they write, help as always" in shown
    assert 'value="contacted"' not in shown
    # what is known of them is the same for all
    assert without_ann.get("/v1/customers/ann/risk").json()["band"] == "high"


def test_a_contact_marked_on_the_desk_is_an_action_of_the_customers_history(held: TestClient, engine: Engine) -> None:
    data = {
        "outcome": "lapse",
        "do": "contacted",
        "c": "ann",
        "channel": "phone",
        "offer": "a month free",
        "result": "declined",
    }
    assert held.post("/desk/care", data=data, headers=OURS, follow_redirects=False).status_code == 303
    with reading(engine) as connection:
        (kept,) = newest_actions(connection, limit=9)
    assert (kept.customer_id, kept.channel, kept.offer, kept.result) == ("ann", "phone", "a month free", "declined")
    page = held.get("/customers/ann").text
    assert "contact by us" in page and "offered a month free; declined" in page
    wrong = held.post("/desk/care", data={**data, "result": "bought"}, headers=OURS)
    assert wrong.json()["detail"].startswith("result 'bought' is none of")
