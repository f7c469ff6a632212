"""A feed over time: newer exports, later versions, withdrawn cases."""

from __future__ import annotations

import pytest

from tenure.pipelines.importers.run import NothingImported, import_export
from tenure.pipelines.importers.zendesk.export import TOOL as ZENDESK

EVERY = ("interaction_id", "known_at", "kind", "text", "retracted", "external_id", "sequence")
USERS = {"users": [{"id": 11, "role": "end-user", "email": "anna@example.com"}, {"id": 99, "role": "agent"}]}


def ticket(number=1, **given):
    return {
        "id": number,
        "created_at": "2024-03-01T10:00:00Z",
        "updated_at": "2024-03-09T10:00:00Z",
        "requester_id": 11,
        "submitter_id": 11,
    } | given


def said(number, at, body, case=1, by=11):
    comment = {"id": number * 10, "type": "Comment", "body": body, "public": True, "author_id": by}
    return {"id": number, "ticket_id": case, "created_at": at, "author_id": by, "events": [comment]}


def export(tickets, audits):
    return {"tickets.json": {"tickets": tickets}, "audits.json": {"audits": audits}, "users.json": USERS}


FIRST = export([ticket()], [said(1, "2024-03-02T00:00:00Z", "hello"), said(2, "2024-03-03T00:00:00Z", "hi", by=99)])


def test_importing_again_changes_nothing(bring):
    once = bring("zendesk", FIRST).rows(*EVERY)
    again = bring("zendesk", FIRST)
    assert again.rows(*EVERY) == once
    assert (again.report.entered.new, again.report.entered.held, again.report.entered.changed) == (0, 3, 0)


def test_a_newer_export_adds_what_happened_since(bring):
    before = bring("zendesk", FIRST).rows(*EVERY)
    newer = export(
        [ticket(updated_at="2024-03-20T00:00:00Z")],
        [*FIRST["audits.json"]["audits"], said(3, "2024-03-12T00:00:00Z", "again")],
    )
    found = bring("zendesk", newer, export="newer")
    assert found.rows(*EVERY)[:3] == before
    assert found.rows("text")[3:] == ["again"]
    assert (found.report.entered.new, found.report.entered.held) == (1, 3)


def test_an_export_of_what_changed_keeps_what_did_not(bring):
    bring("zendesk", FIRST)
    found = bring(
        "zendesk",
        export([ticket(2, requester_id=12)], [said(7, "2024-03-05T00:00:00Z", "new here", case=2, by=12)]),
        export="changes",
    )
    assert found.rows("case_id") == ["1", "2", "1", "1", "2"]
    assert found.customers() == {"11": "anna@example.com", "12": "zendesk:12"}


def test_a_customer_keeps_the_name_when_a_later_export_leaves_the_people_out(bring):
    bring("zendesk", FIRST)
    found = bring("zendesk", {"tickets.json": {"tickets": [ticket(3)]}}, export="later")
    assert found.customers() == {"11": "anna@example.com"}


def test_a_change_without_a_date_is_known_from_the_end_of_the_export_on(bring):
    bring("zendesk", FIRST)
    redacted = export(
        [ticket()],
        [
            said(1, "2024-03-02T00:00:00Z", "h▇▇▇▇"),
            said(2, "2024-03-03T00:00:00Z", "hi", by=99),
            said(3, "2024-03-12T00:00:00Z", "bye"),
        ],
    )
    for _ in range(2):
        found = bring("zendesk", redacted, export="redacted")
        assert found.rows("text", "known_at", where="interaction_id = '10:message' order by known_at") == [
            ("hello", "2024-03-02 00:00:00"),
            ("h▇▇▇▇", "2024-03-12 00:00:00"),
        ]
    assert found.report.entered.changed == 0


def test_a_case_that_is_deleted_later_is_withdrawn_from_then_on(bring):
    before = bring("zendesk", FIRST).rows("interaction_id", "known_at")
    gone = {"tickets.json": {"tickets": [ticket(status="deleted", updated_at="2024-04-01T00:00:00Z")]}}
    for _ in range(2):
        found = bring("zendesk", gone, export="gone")
        assert found.rows("interaction_id", "known_at", where="not retracted") == before
        assert sorted(found.rows("interaction_id", "known_at", where="retracted")) == sorted(
            (i, "2024-04-01 00:00:00") for i, _ in before
        )


def test_rows_of_one_instant_keep_the_order_of_their_case(bring):
    at = "2024-03-02T00:00:00Z"
    events = [
        {"id": 5, "type": "Comment", "body": "first", "author_id": 11},
        {"id": 4, "type": "Change", "field_name": "status", "value": "solved"},
    ]
    found = bring(
        "zendesk", export([ticket()], [{"id": 1, "ticket_id": 1, "created_at": at, "author_id": 11, "events": events}])
    )
    assert found.rows("kind") == ["contact_opened", "message_in", "resolved"]


def test_an_incremental_export_continues_from_what_events_say_themselves(bring):
    """Ticket events since a cursor begin in the middle: what it was before stands in the event."""
    reopened = {"id": 50, "event_type": "Change", "status": "open", "previous_value": "solved"}
    events = {
        "ticket_events": [
            {
                "id": 5,
                "ticket_id": 1,
                "created_at": "2024-03-12T00:00:00Z",
                "updater_id": 99,
                "child_events": [reopened],
            }
        ]
    }
    found = bring("zendesk", {"tickets.json": {"tickets": [ticket()]}, "ticket_events.json": events})
    assert found.rows("kind") == ["contact_opened", "reopened"]


def test_an_import_that_fails_leaves_the_feed_and_no_rubbish(bring, tmp_path):
    feed = bring("zendesk", FIRST).report.feed
    before = sorted(p.name for p in feed.folder.iterdir()), feed.interactions.read_bytes()
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "tickets.json").write_text('{"tickets": [')
    with pytest.raises(NothingImported, match="not JSON: the file ends in the middle of a record"):
        import_export(tmp_path / "empty", ZENDESK, out=feed.folder, name="zendesk")
    assert (sorted(p.name for p in feed.folder.iterdir()), feed.interactions.read_bytes()) == before


def test_a_dated_fact_gets_a_second_date_and_an_undated_one_its_newest_value(bring, columns):
    def user(locale, at):
        return {"users.json": {"users": [USERS["users"][0] | {"locale": locale, "updated_at": at}]}}

    bring("zendesk", FIRST | user("en", "2024-01-01T00:00:00Z"))
    found = bring("zendesk", FIRST | user("fr", "2024-05-01T00:00:00Z"), export="newer")
    assert columns(found.report.feed.profiles, "value", "occurred_at", where="name = 'zendesk_locale'") == [
        ("en", "2024-01-01 00:00:00"),
        ("fr", "2024-05-01 00:00:00"),
    ]
    for name, export in (("Ann", "first"), ("Anna", "second")):
        sender = {"id": 9, "name": name}
        talk = {"id": 42, "created_at": 1709287200, "status": "open", "meta": {"sender": sender}}
        found = bring("chatwoot", {"conversations.json": {"payload": [talk]}}, export=export, feed="chatwoot")
    assert found.profiles() == {"chatwoot_name": "Anna"}
