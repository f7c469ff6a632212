"""Zendesk in the tables of Fivetran."""

from __future__ import annotations

import csv
import io
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "dbt_zendesk-seeds"
TICKETS = "id,created_at,updated_at,requester_id,submitter_id,status,via_channel,due_at,merged\n"
USERS = "id,role,external_id,email,created_at,updated_at\n11,end-user,anna,anna@example.com,2024-01-01 00:00:00,2024-01-01 00:00:00\n99,agent,,a@example.com,,\n"
COMMENTS = "id,body,created,public,ticket_id,user_id,voice_comment\n"
HISTORY = "field_name,ticket_id,updated,user_id,value\n"


def test_tables_become_dated_interactions(bring):
    found = bring(
        "zendesk",
        {
            "ticket_data.csv": TICKETS + "1,2024-03-01 10:00:00,2024-03-09 00:00:00,11,11,closed,email,,[]\n",
            "ticket_comment_data.csv": COMMENTS
            + "7,hello,2024-03-01 10:00:00,TRUE,1,11,FALSE\n8,hidden,2024-03-01 11:00:00,FALSE,1,99,FALSE\n9,hi,2024-03-01 12:00:00,TRUE,1,99,TRUE\n",
            "ticket_field_history_data.csv": HISTORY
            + "status,1,2024-03-03 00:00:00,,open\nstatus,1,2024-03-02 00:00:00,99,solved\nassignee_id,1,2024-03-01 11:00:00,,99\n"
            + "priority,1,2024-03-01 11:30:00,,high\nstatus,1,2024-03-02 00:00:00,99,solved\nrequester_id,1,2024-03-01 10:00:00,,11\n",
            "user_data.csv": USERS,
        },
    )
    assert found.rows("occurred_at", "kind", "agent_id", "channel", "text") == [
        ("2024-03-01 10:00:00", "contact_opened", None, "email", None),
        ("2024-03-01 10:00:00", "message_in", None, None, "hello"),
        ("2024-03-01 11:00:00", "assigned", "99", None, None),
        ("2024-03-01 11:30:00", "escalated", "99", None, None),
        ("2024-03-01 12:00:00", "message_out", "99", "phone", "hi"),
        ("2024-03-02 00:00:00", "resolved", "99", None, None),
        ("2024-03-03 00:00:00", "reopened", "99", None, None),
    ]
    assert found.report.skipped["private note"] == 1
    assert found.customers() == {"11": "anna"}


def test_the_first_requester_of_a_history_is_the_one_who_opened(bring):
    found = bring(
        "zendesk",
        {
            "ticket.csv": TICKETS + "1,2024-03-01 10:00:00,2024-03-09 00:00:00,12,11,open,web,,\n",
            "ticket_field_history.csv": HISTORY
            + "requester_id,1,2024-03-01 10:00:03,,11\nrequester_id,1,2024-03-05 00:00:00,,12\nstatus,1,2024-03-06 00:00:00,,solved\n",
        },
    )
    assert found.rows("kind", "external_id") == [("contact_opened", "11"), ("resolved", "12")]


def test_a_row_that_was_cut_off_goes_to_quarantine(bring):
    found = bring("zendesk", {"ticket.csv": TICKETS + "1,2024-03-01 10:00:00,,11,11,open,web,,\n2,2024-03\n"})
    assert found.rows("case_id") == ["1"]
    assert found.reasons() == ["2 cells where the header has 9"]


def test_the_seeds_are_read_without_loss(bring, require):
    files = {p.name: p.read_bytes() for p in require(SEEDS).glob("*.csv")}
    found = bring("zendesk", files)
    assert found.rows("kind", "occurred_at", where="case_id = '11071'") == [
        ("assigned", "2020-08-28 11:01:27"),
        ("contact_opened", "2020-08-28 18:06:36"),
        ("escalated", "2020-10-15 11:01:27"),
        ("escalated", "2020-11-02 11:01:27"),
        ("resolved", "2020-11-14 11:01:27"),
    ]
    assert found.rows("case_id", where="retracted") == ["1595", "11013"]  # two tickets of the seeds are deleted
    assert found.report.quarantined == {"no requester is known": 35}  # of tickets that the seeds leave out
    rows = [
        row for content in files.values() for row in list(csv.reader(io.StringIO(content.decode())))[1:] if any(row)
    ]
    assert found.report.records == len(rows)
    assert found.report.skipped["the same event once more"] == 3
