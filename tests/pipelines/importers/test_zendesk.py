"""Zendesk's JSON: facts from audits alone, and the traps of its formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tenure.pipelines.importers.ours import Ours
from tenure.pipelines.importers.run import NothingImported
from tenure.pipelines.importers.tool import Reading

SHARED = Path(__file__).resolve().parents[4] / "shared" / "fixtures"
USERS = {
    "users": [
        {"id": 11, "role": "end-user", "external_id": "anna", "email": "Anna@Example.com", "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z"},
        {"id": 12, "role": "end-user", "external_id": None, "email": "Bert@Example.com", "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z"},
        {"id": 99, "role": "agent", "email": "agent@example.com", "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z"},
    ]
}  # fmt: skip


def ticket(**given):
    base = {"id": 1, "created_at": "2024-03-01T10:00:00Z", "updated_at": "2024-03-09T10:00:00Z", "requester_id": 11, "submitter_id": 11,
            "via": {"channel": "email"}, "status": "closed"}  # fmt: skip
    return base | given


def audit(number, at, *events, by=99, case=1, **given):
    numbered = [{"id": number * 100 + place} | event for place, event in enumerate(events)]
    return {"id": number, "ticket_id": case, "created_at": at, "author_id": by, "events": numbered} | given


def change(field, value, old=None):
    return {"type": "Change", "field_name": field, "value": value, "previous_value": old}


def said(body, *, public=True, by=None, **given):
    return {"type": "Comment", "body": body, "public": public, "author_id": by} | given


def export(*audits, tickets=None, **more):
    return {
        "users.json": USERS,
        "tickets.json": {"tickets": tickets or [ticket()]},
        "audits.json": {"audits": list(audits)},
        **more,
    }


def test_a_ticket_becomes_dated_interactions(bring):
    found = bring(
        "zendesk",
        export(
            audit(
                1,
                "2024-03-01T10:00:00Z",
                said("it is broken", by=11),
                {"type": "Create", "field_name": "status", "value": "new"},
                by=11,
            ),
            audit(
                2,
                "2024-03-01T11:00:00Z",
                change("group_id", "501"),
                change("assignee_id", "99"),
                change("status", "open", "new"),
            ),
            audit(3, "2024-03-01T12:00:00Z", said("we look into it")),
            audit(4, "2024-03-01T13:00:00Z", change("priority", "urgent", "normal")),
            audit(
                5,
                "2024-03-02T12:00:00Z",
                change("status", "solved", "open"),
                change("satisfaction_score", "offered", "unoffered"),
            ),
            audit(6, "2024-03-03T12:00:00Z", change("status", "open", "solved"), said("it is not", by=11), by=11),
            audit(7, "2024-03-04T12:00:00Z", change("status", "solved", "open")),
            audit(8, "2024-03-05T12:00:00Z", change("satisfaction_score", "badwithcomment", "offered"), by=11),
            audit(9, "2024-03-08T12:00:00Z", change("status", "closed", "solved")),
        ),
    )
    assert found.rows("occurred_at", "kind", "direction", "agent_id", "team_id", "rating", "text") == [
        ("2024-03-01 10:00:00", "contact_opened", "inbound", None, None, None, None),
        ("2024-03-01 10:00:00", "message_in", "inbound", None, None, None, "it is broken"),
        ("2024-03-01 11:00:00", "assigned", None, "99", "501", None, None),
        ("2024-03-01 12:00:00", "message_out", "outbound", "99", "501", None, "we look into it"),
        ("2024-03-01 13:00:00", "escalated", None, "99", "501", None, None),
        ("2024-03-02 12:00:00", "resolved", None, "99", "501", None, None),
        ("2024-03-02 12:00:00", "survey_sent", None, "99", "501", None, None),
        ("2024-03-03 12:00:00", "reopened", None, None, "501", None, None),
        ("2024-03-03 12:00:00", "message_in", "inbound", None, "501", None, "it is not"),
        ("2024-03-04 12:00:00", "resolved", None, "99", "501", None, None),
        ("2024-03-05 12:00:00", "survey_answered", None, "99", "501", 0.0, None),
    ]
    assert set(found.rows("case_id")) == {"1"}
    assert found.rows("occurred_at") == found.rows("known_at")
    assert found.customers() == {"11": "anna"}


def test_final_state_is_not_looked_at(bring):
    rated = ticket(
        satisfaction_rating={"score": "good"},
        assignee_id=99,
        tags=["vip"],
        metric_set={"reopens": 3, "solved_at": "2024-03-05T00:00:00Z"},
    )
    metrics = {"metric_sets": [{"id": 5, "ticket_id": 1, "reopens": 3, "solved_at": "2024-03-05T00:00:00Z"}]}
    found = bring("zendesk", export(tickets=[rated], **{"metrics.json": metrics}))
    assert found.rows("kind") == ["contact_opened"]
    assert found.report.skipped == {"ticket metrics: final state": 1}


@pytest.mark.parametrize(
    "rating", [None, "offered", {"score": "offered"}, {"score": "good", "comment": "thanks"}, {"score": "unoffered"}]
)
def test_a_satisfaction_rating_may_have_any_form(bring, rating):
    assert bring("zendesk", export(tickets=[ticket(satisfaction_rating=rating)])).rows("kind") == ["contact_opened"]


def test_a_private_note_is_no_message_to_the_customer(bring):
    found = bring(
        "zendesk",
        export(
            audit(1, "2024-03-01T11:00:00Z", said("a difficult one", public=False)),
            audit(2, "2024-03-01T12:00:00Z", said("hello")),
        ),
    )
    assert found.rows("kind", "text") == [("contact_opened", None), ("message_out", "hello")]
    assert found.report.skipped == {"private note": 1}


def test_another_end_user_writes_in_and_not_out(bring):
    found = bring("zendesk", export(audit(1, "2024-03-01T11:00:00Z", said("me too", by=12), by=12)))
    assert found.rows("kind", "external_id") == [("contact_opened", "11"), ("message_in", "11")]


def test_a_comment_made_private_later_is_withdrawn_from_then_on(bring):
    hidden = said("a secret", public=False) | {"id": 777}
    found = bring(
        "zendesk",
        export(
            audit(1, "2024-03-01T11:00:00Z", hidden),
            audit(2, "2024-03-04T11:00:00Z", {"type": "CommentPrivacyChange", "comment_id": 777, "public": False}),
        ),
    )
    assert found.rows("interaction_id", "known_at", "retracted", where="kind = 'message_out'") == [
        ("777:message", "2024-03-01 11:00:00", False),
        ("777:message", "2024-03-04 11:00:00", True),
    ]


def test_a_note_shown_later_is_a_message_from_then_on(bring):
    shown = said("for you", public=True) | {"id": 777}
    found = bring(
        "zendesk",
        export(
            audit(1, "2024-03-01T11:00:00Z", shown),
            audit(2, "2024-03-04T11:00:00Z", {"type": "CommentPrivacyChange", "comment_id": 777, "public": True}),
        ),
    )
    assert found.rows("occurred_at", "known_at", "retracted", where="kind = 'message_out'") == [
        ("2024-03-01 11:00:00", "2024-03-04 11:00:00", False)
    ]


def test_audits_out_of_order_are_put_in_order(bring):
    first = audit(1, "2024-03-02T00:00:00Z", change("status", "solved", "open"))
    second = audit(2, "2024-03-03T00:00:00Z", change("status", "open", "solved"))
    third = audit(3, "2024-03-04T00:00:00Z", change("status", "solved", "open"))
    found = bring("zendesk", export(third, first, second))
    assert found.rows("kind") == ["contact_opened", "resolved", "reopened", "resolved"]


def test_audit_values_are_texts_where_ids_are_numbers(bring):
    """The requester's id is a number on the ticket and a text in the audits: both are the same person."""
    found = bring(
        "zendesk",
        export(
            audit(
                1,
                "2024-03-01T10:00:00Z",
                {"type": "Create", "field_name": "requester_id", "value": "11"},
                said("hello", by=11),
                by=11,
            )
        ),
    )
    assert found.rows("kind", "external_id") == [("contact_opened", "11"), ("message_in", "11")]


def test_ids_above_two_to_the_53_stay_exact(bring):
    great = 9007199254740993
    users = {"users": [{"id": great, "role": "end-user", "external_id": "greta"}]}
    found = bring(
        "zendesk",
        export(
            audit(great + 2, "2024-03-01T11:00:00Z", change("assignee_id", str(great + 4))),
            tickets=[ticket(requester_id=great)],
            **{"users.json": users},
        ),
    )
    assert found.rows("external_id", "agent_id", where="kind = 'assigned'") == [
        ("9007199254740993", "9007199254740997")
    ]
    assert found.customers() == {"9007199254740993": "greta"}


def test_a_status_may_be_written_with_a_capital(bring):
    found = bring("zendesk", export(audit(1, "2024-03-02T00:00:00Z", change("status", "Solved", "Open"))))
    assert found.rows("kind") == ["contact_opened", "resolved"]


def test_the_copies_of_the_time_based_export_count_once(bring):
    again = {"tickets": [ticket(), ticket(updated_at="2024-03-10T10:00:00Z")], "count": 2, "next_page": None}
    one = audit(1, "2024-03-02T00:00:00Z", change("status", "solved", "open"))
    found = bring("zendesk", export(one, one, **{"tickets_2.json": again}))
    assert found.rows("kind") == ["contact_opened", "resolved"]
    assert found.report.skipped == {"the same event once more": 1}


def test_a_deleted_ticket_is_withdrawn_from_its_deletion_on(bring):
    dropped = ticket(status="deleted", updated_at="2024-03-06T00:00:00Z")
    found = bring("zendesk", export(tickets=[dropped, ticket(id=2)]))
    assert found.rows("interaction_id", "known_at", "retracted") == [
        ("1:opened", "2024-03-01 10:00:00", False),
        ("1:opened", "2024-03-06 00:00:00", True),
        ("2:opened", "2024-03-01 10:00:00", False),
    ]


def test_rows_follow_the_requester_of_their_time(bring):
    found = bring(
        "zendesk",
        export(
            audit(1, "2024-03-01T11:00:00Z", said("hello")),
            audit(2, "2024-03-02T00:00:00Z", change("requester_id", "12", "11")),
            audit(3, "2024-03-03T00:00:00Z", said("it is mine", by=12), by=12),
            tickets=[ticket(requester_id=12)],
        ),
    )
    assert found.rows("kind", "external_id") == [("contact_opened", "11"), ("message_out", "11"), ("message_in", "12")]
    assert found.customers() == {"11": "anna", "12": "bert@example.com"}


def test_a_ticket_merged_into_another_is_over_and_says_why(bring):
    via = {"channel": "web", "source": {"rel": "merge"}}
    found = bring(
        "zendesk",
        export(
            audit(
                1,
                "2024-03-02T00:00:00Z",
                said("closed and merged into #2"),
                change("status", "closed", "open"),
                via=via,
            )
        ),
    )
    assert found.rows("kind", "attributes") == [("contact_opened", None), ("resolved", {"how": "merged"})]
    assert found.report.skipped == {"note written by a merge of tickets": 1}


def test_what_we_wrote_into_the_tool_never_comes_back(bring):
    user = USERS["users"][0] | {
        "tags": ["churn_risk_high", "vip"],
        "user_fields": {"tenure_band": "high", "region": "north"},
    }
    born = [
        {"type": "Create", "field_name": name, "value": value}
        for name, value in (("tags", ["vip", "tenure_high"]), ("360001", "0.83"), ("subject", "Help"))
    ]
    later = [
        change("tags", ["vip", "churn_risk_high"], ["vip"]),
        change("360001", "0.91", "0.83"),
        change("tenure_band", "high"),
    ]
    found = bring(
        "zendesk",
        export(
            audit(1, "2024-03-01T10:00:00Z", *born, by=11),
            audit(2, "2024-03-02T10:00:00Z", *later),
            **{"users.json": {"users": [user]}},
        ),
        reading=Reading(Ours(fields=frozenset({"360001"}))),
    )
    assert found.rows("kind", "attributes") == [("contact_opened", {"tags": "vip", "subject": "Help"})]
    assert found.profiles() == {
        "zendesk_since": "2024-01-01",
        "zendesk_email": "Anna@Example.com",
        "zendesk_region": "north",
        "zendesk_tags": "vip",
    }
    content = json.dumps([found.rows("attributes"), found.profiles()])
    assert not any(word in content for word in ("tenure", "churn_risk", "360001", "0.83"))


def test_a_date_in_1970_is_never(bring):
    zero = "1970-01-01T00:00:00Z"
    found = bring(
        "zendesk",
        export(
            audit(1, "2024-03-02T00:00:00Z", change("due_at", zero)), tickets=[ticket(), ticket(id=2, created_at=zero)]
        ),
    )
    assert found.rows("kind") == ["contact_opened"]
    assert found.reasons() == ["a ticket without id or created_at"]


def test_a_due_date_is_a_promise_from_when_it_was_set(bring):
    found = bring(
        "zendesk",
        export(
            audit(1, "2024-03-02T00:00:00Z", change("due_at", "2024-03-20T12:00:00Z")),
            tickets=[ticket(due_at="2024-04-01T00:00:00Z")],
        ),
    )
    assert found.rows("kind", "occurred_at", "due_at") == [
        ("contact_opened", "2024-03-01 10:00:00", None),
        ("callback_promised", "2024-03-02 00:00:00", "2024-03-20 12:00:00"),
    ]


def test_ticket_events_tell_the_same_as_audits(bring):
    events = {
        "ticket_events": [
            {"id": 1, "ticket_id": 1, "timestamp": 1709377200, "created_at": "2024-03-02T11:00:00Z", "updater_id": 99, "via": "Web form", "event_type": "Audit",
             "child_events": [{"id": 5, "event_type": "Change", "status": "solved", "previous_value": "open", "via": "Web form"},
                              {"id": 6, "event_type": "Comment", "body": "done", "public": True, "author_id": 99}]},
        ],
        "end_of_stream": True,
    }  # fmt: skip
    found = bring("zendesk", export(**{"ticket_events.json": events}))
    assert found.rows("kind", "text", "channel") == [
        ("contact_opened", None, "email"),
        ("resolved", None, None),
        ("message_out", "done", "web"),
    ]


def test_ratings_of_their_own_list_add_nothing_to_what_audits_tell(bring):
    ratings = {
        "satisfaction_ratings": [
            {
                "id": 8,
                "ticket_id": 1,
                "requester_id": 11,
                "score": "good",
                "created_at": "2024-03-02T12:00:00Z",
                "updated_at": "2024-03-05T12:00:00Z",
            }
        ]
    }
    audits = [
        audit(1, "2024-03-02T12:00:00Z", change("satisfaction_score", "offered")),
        audit(2, "2024-03-03T12:00:00Z", change("satisfaction_score", "bad", "offered"), by=11),
        audit(3, "2024-03-05T12:00:00Z", change("satisfaction_score", "good", "bad"), by=11),
    ]
    with_audits = bring("zendesk", export(*audits, **{"ratings.json": ratings}))
    assert with_audits.rows("occurred_at", "kind", "rating", where="kind like 'survey%'") == [
        ("2024-03-02 12:00:00", "survey_sent", None),
        ("2024-03-03 12:00:00", "survey_answered", 0.0),
        ("2024-03-05 12:00:00", "survey_answered", 1.0),
    ]


def test_a_rating_without_audits_is_known_since_it_was_last_written(bring):
    ratings = {
        "satisfaction_ratings": [
            {
                "id": 8,
                "ticket_id": 1,
                "score": "good",
                "created_at": "2024-03-02T12:00:00Z",
                "updated_at": "2024-03-05T12:00:00Z",
            }
        ]
    }
    found = bring("zendesk", export(**{"ratings.json": ratings}))
    assert found.rows("occurred_at", "kind", where="kind like 'survey%'") == [
        ("2024-03-02 12:00:00", "survey_sent"),
        ("2024-03-05 12:00:00", "survey_answered"),
    ]


def test_a_call_carries_its_length(bring):
    call = {
        "type": "VoiceComment",
        "public": True,
        "author_id": 11,
        "data": {"call_duration": "125", "transcription_text": "hello?"},
    }
    found = bring("zendesk", export(audit(1, "2024-03-01T11:00:00Z", call, by=11)))
    assert found.rows("kind", "channel", "handle_seconds", "text", where="kind like 'message%'") == [
        ("message_in", "phone", 125.0, "hello?")
    ]


def test_html_bodies_and_huge_bodies_are_kept_as_they_are(bring):
    huge = "<p>ä</p>" * 300_000
    found = bring("zendesk", export(audit(1, "2024-03-01T11:00:00Z", said(huge, by=11), by=11)))
    assert found.rows("text", where="kind = 'message_in'") == [huge]


def test_nul_bytes_and_half_surrogates_harm_nothing(bring):
    text = json.dumps(export(audit(1, "2024-03-01T11:00:00Z", said("BODY", by=11), by=11))["audits.json"]).replace(
        "BODY", r"a\u0000b\ud800c \ud83d\ude00"
    )
    found = bring(
        "zendesk", export(**{"audits.json": text, "users.json": json.dumps(USERS).replace("anna", r"an\udfffna")})
    )
    assert found.rows("text", where="kind = 'message_in'") == ["a�b�c 😀"]
    assert found.customers() == {"11": "an�na"}


def test_a_case_without_a_requester_is_nobodys(bring):
    found = bring("zendesk", export(audit(1, "2024-03-01T11:00:00Z", said("hello"), case=5)))
    assert found.rows("case_id") == ["1"]
    assert found.reasons() == ["no requester is known"]


def test_customers_may_be_called_by_address_or_by_the_tools_id(bring):
    tickets = [ticket(), ticket(id=2, requester_id=12), ticket(id=3, requester_id=13)]
    called = {
        key: bring("zendesk", export(tickets=tickets), key=key).customers() for key in ("external_id", "email", "id")
    }
    assert called == {
        "external_id": {"11": "anna", "12": "bert@example.com", "13": "zendesk:13"},
        "email": {"11": "anna@example.com", "12": "bert@example.com", "13": "zendesk:13"},
        "id": {"11": "zendesk:11", "12": "zendesk:12", "13": "zendesk:13"},
    }


def test_an_address_of_several_people_is_nobodys_name(bring):
    users = {"users": [{"id": i, "role": "end-user", "email": "shared@example.com"} for i in (11, 12)]}
    found = bring("zendesk", export(**{"users.json": users}))
    assert found.customers() == {"11": "zendesk:11"}
    assert found.report.matched_share == 0.0


def test_an_export_without_anything_usable_is_an_error_and_leaves_the_feed(bring):
    before = bring("zendesk", export())
    with pytest.raises(NothingImported, match="2 records of zendesk were read and none gives an interaction"):
        bring("zendesk", {"tickets.json": [{"nothing": 1}, {"at": "all"}]}, export="other")
    assert before.rows("kind") == ["contact_opened"]


def test_a_log_of_webhooks_is_read_whose_ids_are_texts_and_whose_words_have_capitals(bring):
    def hook(number, kind, at, **event):
        detail = {
            "id": "1",
            "requester_id": "11",
            "status": "SOLVED",
            "via": {"channel": "web"},
            "created_at": "2024-03-01T10:00:00Z",
        }
        return {
            "type": f"zen:event-type:ticket.{kind}",
            "id": f"01HN{number}",
            "time": at,
            "detail": detail,
            "event": event,
        }

    log = [
        hook(1, "created", "2024-03-01T10:00:01Z"),
        hook(2, "agent_assignment_changed", "2024-03-01T11:00:00Z", current="99", previous=None),
        hook(
            3,
            "comment_added",
            "2024-03-01T12:00:00Z",
            comment={"id": "7", "body": "hi", "is_public": True, "author": {"id": "99"}},
        ),
        hook(4, "status_changed", "2024-03-02T10:00:00Z", current="SOLVED", previous="OPEN"),
        hook(5, "tags_changed", "2024-03-02T10:00:00Z", tags_added=["churn_risk_high"]),
    ]
    found = bring("zendesk", {"hooks.ndjson": "\n".join(map(json.dumps, log)), "users.json": USERS})
    assert found.rows("kind", "external_id", "agent_id", "text") == [
        ("contact_opened", "11", None, None),
        ("assigned", "11", "99", None),
        ("message_out", "11", "99", "hi"),
        ("resolved", "11", "99", None),
    ]
    assert found.report.skipped == {"webhook without a meaning of ours": 1}


def test_the_recorded_webhook_and_metrics_are_understood(bring, require):
    names = ("zendesk-webhook/ticket_created.json", "airbyte-zendesk/stateless_ticket_metrics.json")
    files = {name.split("/")[1]: require(SHARED / name).read_bytes() for name in names}
    found = bring(
        "zendesk",
        files
        | {"tickets.json": {"tickets": [ticket(id=35436, created_at="2024-04-17T17:18:10Z", via={"channel": "web"})]}},
    )
    assert found.rows("case_id", "occurred_at", "channel", where="case_id = '35436'") == [
        ("35436", "2024-04-17 17:18:10", "web")
    ]
    assert found.report.skipped == {"ticket metrics: final state": 1}
