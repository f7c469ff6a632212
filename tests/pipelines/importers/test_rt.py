"""Request Tracker 5: REST answers, and the TSV of a search."""

from __future__ import annotations

import base64
from pathlib import Path

from tenure.pipelines.importers.tool import Reading

FIXTURES = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "rt5"
NEVER = "1970-01-01T00:00:00Z"
USERS = {
    "items": [
        {"type": "user", "id": 27, "Name": "emily@example.com", "EmailAddress": "Emily@Example.com", "Privileged": 0, "Created": "2024-01-01T00:00:00Z", "LastUpdated": "2024-01-02T00:00:00Z"},
        {"type": "user", "id": 28, "Name": "bert@example.com", "EmailAddress": "bert@example.com", "Privileged": 0},
        {"type": "user", "id": 14, "Name": "root", "EmailAddress": "", "Privileged": 1},
    ]
}  # fmt: skip


def who(name):
    return {"type": "user", "id": name, "_url": f"http://127.0.0.1/user/{name}"}


def ticket(number=1, **given):
    base = {"type": "ticket", "id": number, "Created": "2024-03-01T10:00:00Z", "LastUpdated": "2024-03-09T00:00:00Z", "Status": "open",
            "Creator": who("emily@example.com"), "Requestor": [who("emily@example.com")], "Resolved": NEVER, "Due": NEVER, "Told": NEVER, "TimeWorked": "0"}  # fmt: skip
    return base | given


def step(number, at, kind, field="", old="", new="", by="root", **given):
    return {
        "type": "transaction",
        "id": str(number),
        "Type": kind,
        "Field": field,
        "OldValue": old,
        "NewValue": new,
        "Created": at,
        "Creator": who(by),
        "Data": "",
    } | given


def export(*steps, one=None, **more):
    return {
        "ticket_1.json": one or ticket(),
        "ticket_1_history.json": {"items": list(steps), "page": 1},
        "users.json": USERS,
        **more,
    }


def test_a_history_becomes_dated_interactions(bring):
    found = bring(
        "rt",
        export(
            step(35, "2024-03-01T10:00:00Z", "Create", by="emily@example.com", Content="cannot log in"),
            step(36, "2024-03-01T10:00:01Z", "SystemError", by="RT_System"),
            step(50, "2024-03-01T11:00:00Z", "Set", "Owner", "6", "14"),
            step(51, "2024-03-01T11:00:00Z", "SetWatcher", "Owner", "6", "14"),
            step(52, "2024-03-01T12:00:00Z", "Correspond", Content="<b>we look</b>", TimeTaken="15"),
            step(53, "2024-03-01T13:00:00Z", "Comment", Content="a hard one"),
            step(54, "2024-03-01T14:00:00Z", "Set", "Priority", "10", "50"),
            step(55, "2024-03-01T15:00:00Z", "Set", "TimeWorked", "15", "45"),
            step(56, "2024-03-02T10:00:00Z", "Status", "Status", "new", "resolved"),
            step(57, "2024-03-03T10:00:00Z", "Status", "Status", "resolved", "open", by="RT_System"),
            step(58, "2024-03-03T10:00:00Z", "Correspond", by="emily@example.com", Content="again"),
            step(59, "2024-03-04T10:00:00Z", "CustomField", "2", "", "high"),
        ),
    )
    assert found.rows("occurred_at", "kind", "direction", "agent_id", "handle_seconds", "text") == [
        ("2024-03-01 10:00:00", "contact_opened", "inbound", None, None, None),
        ("2024-03-01 10:00:00", "message_in", "inbound", None, None, "cannot log in"),
        ("2024-03-01 11:00:00", "assigned", None, "root", None, None),
        ("2024-03-01 12:00:00", "message_out", "outbound", "root", 900.0, "<b>we look</b>"),
        ("2024-03-01 14:00:00", "escalated", None, "root", None, None),
        ("2024-03-01 15:00:00", "work_logged", None, "root", 1800.0, None),
        ("2024-03-02 10:00:00", "resolved", None, "root", None, None),
        ("2024-03-03 10:00:00", "reopened", None, "root", None, None),
        ("2024-03-03 10:00:00", "message_in", "inbound", None, None, "again"),
    ]
    assert found.customers() == {"emily@example.com": "emily@example.com"}
    assert found.report.skipped["private note"] == 1


def test_resolved_stays_on_a_reopened_ticket_and_means_nothing(bring):
    stale = ticket(
        Resolved="2024-03-02T10:00:00Z", Started="2024-03-02T10:00:00Z", Told="2024-03-02T10:00:00Z", Status="open"
    )
    assert bring("rt", export(one=stale)).rows("kind") == ["contact_opened"]


def test_1970_is_never(bring):
    gone = {"ticket_2.json": ticket(2, Created=NEVER)}
    found = bring("rt", export(step(1, "2024-03-02T00:00:00Z", "Set", "Due", "", "1970-01-01 00:00:00"), **gone))
    assert found.rows("kind") == ["contact_opened"]
    assert found.reasons() == ["a ticket without id or Created"]


def test_a_due_date_is_a_promise_from_when_it_was_set(bring):
    found = bring(
        "rt",
        export(
            step(1, "2024-03-02T00:00:00Z", "Set", "Due", "1970-01-01 00:00:00", "2024-03-20 09:00:00"),
            one=ticket(Due="2024-03-20T09:00:00Z"),
        ),
    )
    assert found.rows("kind", "due_at", where="kind <> 'contact_opened'") == [
        ("callback_promised", "2024-03-20 09:00:00")
    ]


def test_ids_may_be_numbers_or_texts(bring):
    found = bring(
        "rt",
        export(
            step(1, "2024-03-02T00:00:00Z", "Status", "Status", "new", "resolved"),
            **{"search.json": {"items": [ticket("1")]}},
        ),
    )
    assert found.rows("case_id", "kind") == [("1", "contact_opened"), ("1", "resolved")]


def test_nobody_is_no_agent(bring):
    found = bring(
        "rt",
        export(
            step(1, "2024-03-02T00:00:00Z", "Set", "Owner", "6", "14"),
            step(2, "2024-03-03T00:00:00Z", "Untake", "Owner", "14", "6"),
            step(3, "2024-03-04T00:00:00Z", "Take", "Owner", "6", "14"),
        ),
    )
    assert found.rows("kind", "agent_id", where="kind = 'assigned'") == [("assigned", "root"), ("assigned", "root")]


def test_rows_follow_the_requestor_of_their_time(bring):
    found = bring(
        "rt",
        export(
            step(1, "2024-03-02T00:00:00Z", "Correspond", Content="hello"),
            step(2, "2024-03-03T00:00:00Z", "DelWatcher", "Requestor", "27", ""),
            step(3, "2024-03-03T00:00:00Z", "AddWatcher", "Requestor", "", "28"),
            step(4, "2024-03-04T00:00:00Z", "Correspond", by="bert@example.com", Content="mine"),
            one=ticket(Requestor=[who("bert@example.com")]),
        ),
    )
    assert found.rows("kind", "external_id") == [
        ("contact_opened", "emily@example.com"),
        ("message_out", "emily@example.com"),
        ("message_in", "bert@example.com"),
    ]


def test_the_text_of_a_transaction_may_lie_in_its_attachment(bring):
    def attached(number, about, kind, content):
        encoded = base64.b64encode(content).decode()
        return {
            "type": "attachment",
            "id": number,
            "TransactionId": who(about) | {"type": "transaction"},
            "Created": "2024-03-02T00:00:00Z",
            "ContentType": kind,
            "Content": encoded,
        }

    texts = {
        "items": [attached(1, "5", "image/png", b"\x89PNG"), attached(2, "5", "text/plain", "zażółć\x00".encode())]
    }
    found = bring(
        "rt",
        export(
            step(5, "2024-03-02T00:00:00Z", "Correspond", by="emily@example.com"),
            **{"ticket_1_attachments.json": texts},
        ),
    )
    assert found.rows("kind", "text") == [("contact_opened", None), ("message_in", "zażółć�")]
    assert found.report.skipped == {"attachment that is no text": 1}


def test_tickets_merged_into_another_share_its_history_once(bring):
    shared = [
        step(1, "2024-03-02T00:00:00Z", "Correspond", Content="hello"),
        step(2, "2024-03-03T00:00:00Z", "AddLink", "MergedInto", "", "fsck.com-rt://example.com/ticket/2"),
    ]
    found = bring("rt", export(*shared, **{"ticket_2.json": ticket(2), "ticket_2_history.json": {"items": shared}}))
    assert sorted(found.rows("interaction_id", "case_id")) == [
        ("1:message", "1"),
        ("1:opened", "1"),
        ("2:opened", "2"),
        ("2:status", "1"),
    ]
    assert found.report.skipped["the same event under two cases"] == 2


def test_a_tsv_says_only_when_a_ticket_was_created(bring):
    tsv = "id\tSubject\tStatus\tRequestors\tCreated\tResolved\tCustomField.{ChurnRisk}\n3\tLost\tresolved\t<emily@example.com>\tSat Mar  2 20:16:52 2024\tNot set\thigh\n"
    found = bring("rt", {"Results.tsv": tsv}, reading=Reading(timezone="Europe/Warsaw"))
    assert found.rows("kind", "occurred_at", "external_id", "attributes") == [
        ("contact_opened", "2024-03-02 19:16:52", "emily@example.com", None)
    ]


def test_a_tsv_without_a_zone_is_left_out_and_counted(bring):
    found = bring(
        "rt", export(**{"Results.tsv": "id\tRequestors\tCreated\n3\t<emily@example.com>\tSat Mar  2 20:16:52 2024\n"})
    )
    assert found.rows("case_id") == ["1"]
    assert found.report.skipped == {"rows of a TSV file: their times name no zone, give --timezone to use them": 1}


def test_a_transaction_of_no_known_ticket_goes_to_quarantine(bring):
    found = bring("rt", export(**{"history.json": {"items": [step(1, "2024-03-02T00:00:00Z", "Correspond")]}}))
    assert found.rows("kind") == ["contact_opened"]
    assert found.reasons() == ["a transaction without id, Created or ticket (name its file ticket_NUMBER_history.json)"]


def test_the_recorded_server_is_read(bring, require):
    found = bring("rt", {p.name: p.read_bytes() for p in require(FIXTURES).iterdir()}, reading=Reading(timezone="UTC"))
    assert found.rows("kind", "case_id", "agent_id") == [
        ("contact_opened", "1", None),
        ("contact_opened", "2", None),
        ("contact_opened", "3", None),
        ("assigned", "1", "14"),
        ("resolved", "1", "root"),
        ("reopened", "1", "root"),
        ("message_out", "1", "root"),
    ]
    assert found.report.quarantined == {}
    assert "high" not in str(found.profiles())


def test_where_json_and_tsv_tell_of_one_ticket_the_json_counts(bring):
    tsv = "id\tRequestors\tCreated\n1\t<emily@example.com>\tFri Mar  1 10:00:00 2024\n"
    found = bring("rt", export(**{"Results.tsv": tsv}), reading=Reading(timezone="Asia/Tokyo"))
    assert found.rows("kind", "occurred_at") == [("contact_opened", "2024-03-01 10:00:00")]
