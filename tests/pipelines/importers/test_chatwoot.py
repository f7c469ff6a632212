"""Chatwoot: REST answers and a log of webhooks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "chatwoot-constructed"
T0 = 1709287200  # 2024-03-01 10:00:00
CONTACT = {
    "id": 9,
    "name": "Anna",
    "email": "anna@example.com",
    "identifier": "anna",
    "created_at": 1704067200,
    "last_activity_at": T0,
    "custom_attributes": {"churn_risk": "high"},
}


def conversation(**given):
    base = {"id": 42, "created_at": T0, "last_activity_at": T0 + 99999, "status": "open", "waiting_since": 0, "first_reply_created_at": 0,
            "labels": ["churn_risk_high"], "custom_attributes": {"tenure_band": "high"}, "meta": {"sender": CONTACT, "channel": "Channel::WebWidget"}}  # fmt: skip
    return base | given


def message(number, hours, kind, content, **given):
    return {
        "id": number,
        "conversation_id": 42,
        "created_at": T0 + int(hours * 3600),
        "message_type": kind,
        "content": content,
        "private": False,
    } | given


def agent(number=1, kind="user"):
    return {"sender": {"id": number, "type": kind, "name": f"Agent {number}"}}


def export(*messages, conversations=None, **more):
    listed = {"data": {"meta": {"all_count": 1}, "payload": conversations or [conversation()]}}
    people = [
        {"id": 1, "name": "Ann", "role": "agent", "available_name": "Ann"},
        {"id": 2, "name": "Bob", "role": "agent", "available_name": "Bob"},
    ]
    return {"conversations.json": listed, "messages.json": {"meta": {}, "payload": list(messages)}, "agents.json": people,
            "teams.json": [{"id": 3, "name": "Billing", "allow_auto_assign": True}], **more}  # fmt: skip


def hook(event, hours, **given):
    return {"event": event, "updated_at": T0 + hours * 3600 + 0.5} | given


def changed(hours, **fields):
    values = [{name: {"previous_value": old, "current_value": new}} for name, (old, new) in fields.items()]
    return hook("conversation_updated", hours, **conversation(), changed_attributes=values) | {
        "updated_at": T0 + hours * 3600 + 0.5
    }


def test_a_conversation_becomes_dated_interactions(bring):
    found = bring(
        "chatwoot",
        export(
            message(1, 0, 0, "it is broken", sender={"id": 9, "type": "contact"}),
            message(2, 1, 2, "Assigned to Ann via Billing by Bob"),
            message(3, 2, 1, "we look into it", **agent()),
            message(4, 3, 1, "a hard one", private=True, **agent()),
            message(5, 4, 2, "Bob set the priority to urgent"),
            message(6, 24, 2, "Conversation was marked resolved by Ann"),
            message(7, 24, 3, "Please rate us", content_type="input_csat"),
            message(8, 48, 2, "System reopened the conversation due to a new incoming message."),
            message(
                9,
                60,
                2,
                "whatever",
                content_attributes={"activity": {"type": "conversation_status_changed", "status": "resolved"}},
            ),
            **{
                "csat_survey_responses.json": [
                    {
                        "id": 5,
                        "rating": 2,
                        "feedback_message": "slow",
                        "conversation_id": 42,
                        "created_at": T0 + 90000,
                        "contact": {"id": 9},
                    }
                ]
            },
        ),
    )
    assert found.rows("occurred_at", "kind", "direction", "agent_id", "team_id", "rating", "text") == [
        ("2024-03-01 10:00:00", "contact_opened", "inbound", None, None, None, None),
        ("2024-03-01 10:00:00", "message_in", "inbound", None, None, None, "it is broken"),
        ("2024-03-01 11:00:00", "assigned", None, "agent-1", "3", None, None),
        ("2024-03-01 12:00:00", "message_out", "outbound", "agent-1", "3", None, "we look into it"),
        ("2024-03-01 14:00:00", "escalated", None, "agent-1", "3", None, None),
        ("2024-03-02 10:00:00", "resolved", None, "agent-1", "3", None, None),
        ("2024-03-02 10:00:00", "survey_sent", None, "agent-1", "3", None, None),
        ("2024-03-02 11:00:00", "survey_answered", None, "agent-1", "3", 0.25, "slow"),
        ("2024-03-03 10:00:00", "reopened", None, "agent-1", "3", None, None),
        ("2024-03-03 22:00:00", "resolved", None, "agent-1", "3", None, None),
    ]
    assert found.customers() == {"9": "anna"}
    assert found.report.skipped["private note"] == 1


def test_a_contact_and_an_agent_of_one_number_are_two_people(bring):
    found = bring("chatwoot", export(message(1, 1, 1, "hello", **agent(9))))
    assert found.rows("kind", "agent_id", "external_id") == [
        ("contact_opened", None, "9"),
        ("message_out", "agent-9", "9"),
    ]


def test_unix_zero_is_never(bring):
    found = bring("chatwoot", export(conversations=[conversation(), conversation(id=43, created_at=0)]))
    assert found.rows("case_id", "kind") == [("42", "contact_opened")]
    assert found.reasons() == ["a conversation without id or created_at"]


def test_final_state_is_not_looked_at(bring):
    ended = conversation(
        status="resolved",
        priority="urgent",
        waiting_since=T0,
        first_reply_created_at=T0 + 60,
        labels=["refund"],
        snoozed_until=T0,
    )
    found = bring("chatwoot", export(conversations=[ended]))
    assert found.rows("kind", "attributes") == [("contact_opened", None)]


def test_reopening_is_found_in_the_status_changes(bring):
    log = [
        changed(1, status=("open", "resolved")),
        changed(2, status=("resolved", "open")),
        changed(3, status=("open", "resolved")),
        changed(4, status=("resolved", "open")),
    ]
    found = bring("chatwoot", export(**{"webhooks.ndjson": "\n".join(map(json.dumps, log))}))
    assert found.rows("kind") == ["contact_opened", "resolved", "reopened", "resolved", "reopened"]


def test_a_change_told_by_webhook_and_by_activity_message_counts_once(bring):
    said = message(5, 1.001, 2, "Conversation was marked resolved by Ann")
    found = bring("chatwoot", export(said, **{"webhooks.ndjson": json.dumps(changed(1, status=("open", "resolved")))}))
    assert found.rows("kind") == ["contact_opened", "resolved"]


def test_webhooks_tell_of_assignments_teams_and_priorities(bring):
    log = [
        changed(1, assignee_id=(None, 2), team_id=(None, 3)),
        changed(2, assignee_id=(2, 1)),
        changed(3, priority=(None, "low")),
        changed(4, priority=("low", "high")),
        changed(5, labels=([], ["refund"])),
    ]
    found = bring("chatwoot", export(**{"webhooks.ndjson": "\n".join(map(json.dumps, log))}))
    assert found.rows("kind", "agent_id", "team_id") == [
        ("contact_opened", None, None),
        ("assigned", "agent-2", "3"),
        ("assigned", "agent-1", "3"),
        ("escalated", "agent-1", "3"),
    ]
    assert found.report.skipped == {"priority not raised": 1, "change of a field that is no interaction": 1}


def test_an_assistant_hands_over_to_a_person(bring):
    log = [changed(0, status=(None, "pending")), changed(1, status=("pending", "open"))]
    bot = message(1, 0.5, 1, "How can I help?", **agent(7, "agent_bot"))
    found = bring("chatwoot", export(bot, **{"webhooks.ndjson": "\n".join(map(json.dumps, log))}))
    assert found.rows("kind", "agent_id", "attributes") == [
        ("contact_opened", None, None),
        ("message_out", None, {"author": "bot"}),
        ("bot_handover", None, None),
    ]


def test_the_answer_inside_a_survey_carries_no_date_and_is_left_out(bring):
    inside = {"submitted_values": {"csat_survey_response": {"rating": 5}}}
    found = bring(
        "chatwoot", export(message(7, 24, 3, "Please rate us", content_type="input_csat", content_attributes=inside))
    )
    assert found.rows("kind") == ["contact_opened", "survey_sent"]
    assert found.report.skipped == {"answer inside a survey's message: not dated": 1}


def test_the_webhook_of_that_moment_dates_an_answer(bring):
    inside = {"submitted_values": {"csat_survey_response": {"rating": 5}}}
    log = hook(
        "message_updated",
        30,
        **message(7, 24, "template", "Rate us", content_type="input_csat", content_attributes=inside),
    )
    found = bring(
        "chatwoot", export(message(7, 24, 3, "Rate us", content_type="input_csat"), **{"hooks.ndjson": json.dumps(log)})
    )
    assert found.rows("kind", "occurred_at", "rating", where="kind like 'survey%'") == [
        ("survey_sent", "2024-03-02 10:00:00", None),
        ("survey_answered", "2024-03-02 16:00:00", 1.0),
    ]


def test_a_message_edited_later_gets_a_second_version(bring):
    first = (
        {"event": "message_created"}
        | message(3, 2, "outgoing", "cheap", **agent())
        | {"created_at": "2024-03-01T12:00:00.700Z"}
    )
    second = hook("message_updated", 5, **message(3, 2, "outgoing", "not cheap", **agent())) | {
        "created_at": "2024-03-01T12:00:00.700Z"
    }
    now = message(3, 2, 1, "not cheap", **agent())
    found = bring("chatwoot", export(now, **{"hooks.ndjson": "\n".join(map(json.dumps, [first, second]))}))
    assert found.rows("occurred_at", "known_at", "text", where="kind = 'message_out'") == [
        ("2024-03-01 12:00:00", "2024-03-01 12:00:00", "cheap"),
        ("2024-03-01 12:00:00", "2024-03-01 15:00:00", "not cheap"),
    ]


def test_a_deleted_message_was_said_but_its_text_is_gone(bring):
    found = bring(
        "chatwoot",
        export(
            message(
                3,
                2,
                0,
                "This message was deleted",
                content_attributes={"deleted": True},
                sender={"id": 9, "type": "contact"},
            )
        ),
    )
    assert found.rows("kind", "text") == [("contact_opened", None), ("message_in", None)]


def test_merged_contacts_are_one_customer_from_the_merge_on(bring):
    other = CONTACT | {"id": 8, "identifier": "anna-old"}
    merge = {"event": "contact_merged", "merged_contact_id": 8, "contact": CONTACT, "updated_at": T0 + 7200}
    listed = [conversation(), conversation(id=41, meta={"sender": other})]
    found = bring("chatwoot", export(conversations=listed, **{"hooks.ndjson": json.dumps(merge)}))
    assert found.identities() == [("8", "anna-old", None), ("8", "anna", "2024-03-01 12:00:00"), ("9", "anna", None)]


def test_an_activity_in_a_language_nobody_reads_is_counted(bring):
    found = bring("chatwoot", export(message(5, 1, 2, "Rozmowa została rozwiązana przez Anię")))
    assert found.rows("kind") == ["contact_opened"]
    assert found.report.skipped == {"activity message without a meaning of ours": 1}


@pytest.mark.parametrize("name", ["conversation_42.json", "conversations_42_messages.json"])
def test_messages_without_a_conversation_take_it_from_their_file(bring, name):
    alone = {
        key: value
        for key, value in message(1, 1, 0, "hello", sender={"id": 9, "type": "contact"}).items()
        if key != "conversation_id"
    }
    found = bring("chatwoot", export(**{name: {"payload": [alone]}}))
    assert found.rows("kind", "case_id") == [("contact_opened", "42"), ("message_in", "42")]


def test_the_constructed_payloads_are_read(bring, require):
    found = bring("chatwoot", {p.name: p.read_bytes() for p in require(FIXTURES).glob("*.json")})
    assert found.rows("kind", "external_id", "channel") == [("contact_opened", "9", "chat"), ("reopened", "9", None)]
    assert found.customers() == {"9": "cust-0009"}
