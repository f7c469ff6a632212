"""The desk: a list that can be filtered, worked through, frozen and taken away, and the way to anyone."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from typing import Any

import openpyxl
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert

from tenure.pipelines.access.audit import read_entries
from tenure.pipelines.settings.decisions import Economics
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.desk_tables import external_ids
from tenure.pipelines.store.past import remember_scores
from tenure.pipelines.store.score_sets import publish, write_score_set
from tenure.pipelines.store.tables import overlays
from tenure.serving.app import create_app
from tenure.serving.exporting import COLUMNS
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
DAY = dt.date(2017, 12, 4)
OURS = {"Origin": "http://127.0.0.1"}
REASON = {"theme": "service", "text": "2 cases are open", "sayable": True, "log_odds": 1.0}
SILENCE = {"theme": "silence", "text": "no visit for 19 days", "sayable": True, "log_odds": 0.9}


def facts(segment: str, value: str, renewal: str, **figures: float) -> dict[str, Any]:
    profile = {"name": f"{segment.title()} Ltd", "plan": "gold", "segment": segment, "value": value, "renewal": renewal}
    return {"profile": profile, "days_since_last": 12.0, **figures}


LISTED: list[tuple[Any, ...]] = [
    ("ann", "ann", "scored", 0.8, "critical", [REASON], facts("north", "1000", "2018-03-01", open_cases=2.0), "north"),
    ("bob", "bob", "scored", 0.4, "high", [SILENCE], facts("south", "9000", "2018-01-15"), "south"),
    ("cid", "cid", "scored", 0.3, "high", [REASON], facts("north", "100", "2018-02-01"), "north"),
    ("dee", "dee", "scored", 0.01, "low", [], None, None),
    ("eve", "eve", "lapsed", None, None, None, None, None),
    ("fay", "fay", "new", None, None, None, None, None),
    ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0", "scored", 0.2, "medium", [SILENCE], None, None),
]
NAMES = ["unit_id", "customer_id", "status", "probability", "band", "reasons", "facts", "segment"]


def score_on(engine: Engine, day: dt.date, rows: list[tuple[Any, ...]] = LISTED) -> int:
    number = write_score_set(
        engine, pd.DataFrame(rows, columns=NAMES), outcome="lapse", as_of=day, model_version="7", snapshot_id="s1",
        created_at=NOON, definition="no purchase for 28 days", verdict="use",
    )  # fmt: skip
    publish(engine, "lapse", number)
    remember_scores(engine, number)
    return number


@pytest.fixture
def desk(client: TestClient, engine: Engine) -> TestClient:
    score_on(engine, DAY)
    return client


def customers(page: Any) -> list[str]:
    """The customers of a page's list, in order."""
    return re.findall(r'name="c" value="([^"]*)"', page.text)


def do(desk: TestClient, what: str, *names: str, **form: str) -> Any:
    data = {"outcome": "lapse", "do": what, "c": list(names), **form}
    return desk.post("/desk/care", data=data, headers=OURS, follow_redirects=False)


def test_the_list_shows_who_why_and_what_is_at_stake(desk: TestClient) -> None:
    page = desk.get("/")
    assert page.status_code == 200
    assert customers(page) == ["ann", "bob", "cid", "=cmd|&#39; /C calc&#39;!A0", "dee"]
    for said in (
        "North Ltd",
        "gold",
        "9,000",
        "2018-01-15",
        "80 of 100",
        "2 cases are open",
        "no purchase for 28 days",
    ):
        assert said in page.text
    assert "5 scored, 1 gone quiet already, 1 too new to be asked about; 7 in all" in page.text


def test_the_line_at_capacity_says_expected_hits_and_false_alarms(desk: TestClient) -> None:
    text = " ".join(desk.get("/?capacity=2").text.split())
    assert "Of the 2 at highest risk about <b>1</b> go quiet for 28 days if nothing is done; about <b>1</b>" in text
    assert "room for 2" in text and 'class="cut"' in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("band=high", ["bob", "cid"]),
        ("segment=north", ["ann", "cid"]),
        ("theme=silence", ["bob", "=cmd|&#39; /C calc&#39;!A0"]),
        ("segment=north&band=high", ["cid"]),
        ("sort=value", ["bob", "ann", "cid"]),
        ("sort=renewal", ["bob", "cid", "ann"]),
        ("segment=nowhere", []),
    ],
)
def test_the_list_is_filtered_and_sorted(desk: TestClient, query: str, names: list[str]) -> None:
    assert customers(desk.get(f"/?{query}"))[: len(names) or None] == names


def test_many_are_taken_at_once_and_found_by_owner(desk: TestClient) -> None:
    assert do(desk, "assign", "ann", "bob", owner="zoe@example.com").status_code == 303
    page = desk.get("/?owner=zoe@example.com")
    assert customers(page) == ["ann", "bob"]
    assert customers(desk.get("/?status=assigned")) == ["ann", "bob"]
    do(desk, "assign", "ann")
    assert customers(desk.get("/?owner=zoe@example.com")) == ["bob"]


def test_who_is_snoozed_comes_back_and_who_is_addressed_does_not(desk: TestClient) -> None:
    do(desk, "snooze", "ann", until="2017-12-05")
    do(desk, "addressed", "bob")
    assert customers(desk.get("/"))[0] == "cid"
    assert customers(desk.get("/?status=snoozed")) == ["ann"]
    assert "3 customers" in desk.get("/").text
    board = desk.app.state.board  # type: ignore[attr-defined]
    board.now = lambda: NOON + dt.timedelta(days=1)
    assert customers(desk.get("/"))[:2] == ["ann", "cid"]
    do(desk, "open", "bob")
    assert "bob" in customers(desk.get("/"))


def test_what_cannot_be_done_is_said(desk: TestClient) -> None:
    assert do(desk, "snooze", "ann", until="soon").json()["detail"].startswith("'soon' is not a date")
    assert "expected 1 to 1,000 customers, found 0" in do(desk, "addressed").json()["detail"]
    assert do(desk, "note", "ann", text=" ").json()["detail"].startswith("the note is empty")


def test_what_is_done_is_on_record_without_names(desk: TestClient, engine: Engine) -> None:
    do(desk, "addressed", "ann", "bob")
    done = [entry for entry in read_entries(engine) if entry.what == "desk.addressed"]
    assert len({entry.of for entry in done}) == 2 and not {"ann", "bob"} & {entry.of for entry in done}


def test_a_published_list_stays_as_it_was_and_says_who_is_new_since(desk: TestClient, engine: Engine) -> None:
    do(desk, "assign", "ann", owner="zoe@example.com")
    made = desk.post("/desk/publish", data={"outcome": "lapse", "capacity": "2"}, headers=OURS, follow_redirects=False)
    assert (made.status_code, made.headers["location"]) == (303, "/lists/1")
    changed = [("cid", *row[1:3], 0.95, "critical", *row[5:]) if row[0] == "cid" else row for row in LISTED]
    score_on(engine, DAY + dt.timedelta(days=1), changed)
    page = " ".join(desk.get("/lists/1").text.split())
    members, since = page.index("<h2>Members</h2>"), page.index("<h2>New since</h2>")
    assert "1 would be on the list as of 2017-12-05 and is not" in page
    assert since < page.index("/customers/cid") < members
    assert "80 of 100" in page[members:] and "zoe@example.com" in page[members:]
    assert "List 1" in desk.get("/lists").text
    rows = list(csv.DictReader(io.StringIO(desk.get("/v1/export?list=1").text)))
    assert [(row["customer_id"], row["churn_probability"]) for row in rows] == [("ann", "0.8"), ("bob", "0.4")]
    assert desk.get("/lists/9").json()["type"] == "urn:tenure:no-such-list"


def test_anyone_is_found_and_told_why_not_listed(desk: TestClient, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(external_ids).values(source="zendesk", external_id="35436", customer_id="eve"))
    assert "On the list, rank 1 of 5." in desk.get("/find?q=ann").text
    assert "they have gone quiet already" in desk.get("/find?q=35436").text
    assert "they are too new" in desk.get("/find?q=fay").text
    do(desk, "snooze", "ann", until="2018-01-01")
    assert "Put aside: snoozed until 2018-01-01 by local." in desk.get("/find?q=ann").text
    assert "is called so" in desk.get("/find?q=nobody").text


def test_a_customers_page_has_score_over_time_notes_and_feedback(desk: TestClient, engine: Engine) -> None:
    score_on(engine, DAY + dt.timedelta(days=1))
    do(desk, "note", "ann", text="Call <b>after</b> six.")
    desk.post("/v1/feedback", json={"customer_id": "ann", "why": "pauses", "text": "every winter"})
    do(desk, "addressed", "ann")
    page = desk.get("/customers/ann")
    assert page.status_code == 200
    for said in (
        "North Ltd",
        "Critical risk",
        "2 cases are open",
        "Call &lt;b&gt;after&lt;/b&gt; six.",
        "every winter",
        "addressed <small>by local, 2017-12-04</small>",
    ):
        assert said in page.text
    assert 'aria-label="Score from 2017-12-04 to 2017-12-05"' in page.text
    assert desk.get("/customers/nobody").status_code == 404


def test_remarks_are_counted_on_the_page_of_the_model_by_reason_and_band(desk: TestClient) -> None:
    for name, why in (("ann", "pauses"), ("bob", "pauses"), ("bob", "gone"), ("nobody", "other")):
        assert desk.post("/v1/feedback", json={"customer_id": name, "why": why}).status_code == 201
    text = desk.get("/model").text
    assert "the last 91 days" in text
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*)</tr>', text)
    told = {why: re.findall(r"\d+", cells) for why, cells in rows}
    assert told["they always pause at this time"] == ["2", "1", "1"]
    assert told["they have left already"] == told["another reason"] == ["1", "1"]


def test_a_name_from_a_ticket_cannot_become_a_script(desk: TestClient, engine: Engine) -> None:
    evil = "<script>alert(1)</script>"
    score_on(engine, DAY, [(evil, evil, "scored", 0.9, "critical", [dict(REASON, text=evil)], None, evil)])
    for path in ("/", "/find?q=%3Cscript%3Ealert(1)%3C/script%3E", "/customers/%3Cscript%3Ealert(1)%3C%2Fscript%3E"):
        assert "<script>" not in desk.get(path).text


def test_an_export_has_all_columns_and_no_formula(desk: TestClient) -> None:
    rows = list(csv.reader(io.StringIO(desk.get("/v1/export").text)))
    assert tuple(rows[0]) == COLUMNS
    told = [dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]]
    assert [row["customer_id"] for row in told] == ["ann", "bob", "cid", "'=cmd|' /C calc'!A0", "dee"]
    first = told[0]
    assert (first["value_at_risk"], first["risk_rank"], first["reason_1_code"]) == ("800.0", "1", "service")
    assert (first["last_activity_at"], first["renewal_date"], first["open_tickets"]) == (
        "2017-11-22",
        "2018-03-01",
        "2.0",
    )
    assert desk.get("/v1/export?bom=true").content.startswith(b"\xef\xbb\xbfcustomer_id")
    assert desk.get("/v1/export?segment=nowhere").text == ",".join(COLUMNS) + "\r\n"


def test_a_workbook_keeps_ids_as_text_and_figures_as_figures(desk: TestClient, engine: Engine) -> None:
    score_on(engine, DAY, [("9007199254740993", "9007199254740993", "scored", 0.5, "critical", [], None, None)])
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/v1/export?format=xlsx").content))
    head, row = list(book["at risk"].iter_rows(values_only=True))
    told = dict(zip(head, row, strict=True))
    assert (told["customer_id"], told["churn_probability"], told["holdout"]) == ("9007199254740993", 0.5, False)


def test_a_cursor_gives_what_changed_since(desk: TestClient, engine: Engine) -> None:
    first = desk.get("/v1/export?format=json").json()
    assert len(first["rows"]) == 5

    def since(cursor: str) -> list[str]:
        found = desk.get("/v1/export", params={"format": "json", "since": cursor}).json()
        return [row["customer_id"] for row in found["rows"]]

    assert since(first["cursor"]) == []
    do(desk, "contacted", "bob")
    assert since(first["cursor"]) == ["bob"]
    now = desk.get("/v1/export?format=json").json()["cursor"]
    assert since(now) == []
    score_on(engine, DAY + dt.timedelta(days=1))
    assert len(since(now)) == 5
    assert desk.get("/v1/export?since=nonsense").json()["type"] == "urn:tenure:wrong-cursor"


def score_again(engine: Engine, unit: str, probability: float, band: str, *, seconds: float = 0.0) -> None:
    scored_at = NOON.replace(tzinfo=None) + dt.timedelta(seconds=seconds)
    with engine.begin() as connection:
        connection.execute(
            insert(overlays).values(
                outcome="lapse", unit_id=unit, customer_id=unit, score_set_id=1, event_id=1, as_of="2017-12-05",
                scored_at=scored_at, status="scored", probability=probability, band=band, reasons=[SILENCE],
                facts={"days_since_last": 1.0},
            )
        )  # fmt: skip


def test_who_was_scored_again_is_marked_with_the_band_of_now(desk: TestClient, engine: Engine) -> None:
    score_again(engine, "dee", 0.7, "critical")
    page = desk.get("/").text
    assert re.search(r'now <span class="chip critical">', page)


def test_an_export_says_what_is_true_now_with_the_rank_of_the_set(desk: TestClient, engine: Engine) -> None:
    score_again(engine, "dee", 0.7, "critical")
    row = next(row for row in desk.get("/v1/export?format=json").json()["rows"] if row["customer_id"] == "dee")
    told = (row["churn_probability"], row["risk_band"], row["risk_rank"], row["reason_1"])
    assert told == (0.7, "critical", 5, "no visit for 19 days")
    assert (row["as_of"], row["scored_at"], row["last_activity_at"]) == (
        "2017-12-05",
        "2017-12-04T12:00:00Z",
        "2017-12-04",
    )


def test_a_score_that_was_being_made_while_somebody_worked_is_in_the_next_export(
    desk: TestClient, engine: Engine
) -> None:
    do(desk, "contacted", "bob")
    cursor = desk.get("/v1/export?format=json").json()["cursor"]
    score_again(engine, "dee", 0.7, "critical", seconds=-1)  # its date is that of its beginning
    found = desk.get("/v1/export", params={"format": "json", "since": cursor}).json()
    assert [row["customer_id"] for row in found["rows"]] == ["dee"]


def test_a_frozen_list_is_exported_as_it_was_whatever_is_served_by_now(desk: TestClient, engine: Engine) -> None:
    desk.post("/desk/publish", data={"outcome": "lapse", "capacity": "2"}, headers=OURS)
    score_again(engine, "ann", 0.1, "medium")
    first = desk.get("/v1/export?list=1&format=json").json()["rows"][0]
    score_on(engine, DAY + dt.timedelta(days=1))
    again = desk.get("/v1/export?list=1&format=json").json()["rows"][0]
    assert first == again
    told = (first["customer_id"], first["churn_probability"], first["as_of"], first["risk_percentile"])
    assert told == ("ann", 0.8, "2017-12-04", None)


def test_who_rose_within_the_day_is_new_since_too(desk: TestClient, engine: Engine) -> None:
    desk.post("/desk/publish", data={"outcome": "lapse", "capacity": "2"}, headers=OURS)
    score_again(engine, "dee", 0.7, "critical")
    score_again(engine, "cid", 0.35, "high")  # below the last of the list
    page = " ".join(desk.get("/lists/1").text.split())
    since = page[page.index("<h2>New since</h2>") : page.index("<h2>Members</h2>")]
    assert "1 would be on the list" in since and "risen today" in since and "/customers/dee" in since


def test_exports_are_on_record_before_they_are_made(desk: TestClient, engine: Engine) -> None:
    desk.get("/v1/export?format=xlsx&band=high")
    entry = read_entries(engine)[-1]
    assert entry.what == "export"
    assert entry.detail == {"outcome": "lapse", "as_of": "2017-12-04", "rows": 2, "format": "xlsx"}


def test_before_there_are_scores_the_desk_says_what_to_run(client: TestClient) -> None:
    assert "tenure train" in client.get("/").text
    assert client.get("/model").status_code == 200


def test_everything_on_the_desk_is_under_the_path_people_find_us_at(
    project: Project, engine: Engine, scorers: Scorers
) -> None:
    score_on(engine, DAY)
    service = project.service.model_copy(update={"public_url": "https://127.0.0.1/tenure"})
    ours = project.model_copy(update={"service": service})
    app = create_app(ServiceSettings(project=ours), engine=engine, scorers=scorers, now=lambda: NOON)
    client = TestClient(app, base_url="http://127.0.0.1")
    for path in ("/", "/lists", "/alerts", "/model", "/about", "/find?q=ann", "/customers/ann", "/me"):
        links = re.findall(r'(?:href|src|action)="([^"]*)"', client.get(path).text)
        assert links and all(link.startswith(("/tenure/", "?", "#")) for link in links), path
    app.state.auditor.close()


def test_pages_can_be_read_as_json_nowhere_by_mistake(desk: TestClient) -> None:
    assert "application/json" not in desk.get("/").headers["content-type"]
    assert json.loads(desk.get("/v1/at-risk?limit=1").text)["total"] == 5


WORTH = [
    # unit, value, gain, place, barred
    ("ann", 100.0, 2.1, 3, None),
    ("bob", 9000.0, 354.1, 1, None),
    ("cid", 600.0, 12.1, 2, None),
    ("dee", 100.0, -5.8, None, None),
    ("=cmd|' /C calc'!A0", 2000.0, 34.1, None, "consent"),
]


@pytest.fixture
def worthy(client: TestClient, engine: Engine) -> TestClient:
    """The desk of a set that knows what contacts are worth."""
    rows = pd.DataFrame(LISTED, columns=NAMES)
    rows = rows.merge(
        pd.DataFrame(WORTH, columns=["unit_id", "value", "gain", "place", "barred"]), how="left", on="unit_id"
    )
    assumed = {**Economics(save_rate=0.1).model_dump(), "value": "spent", "currency": "EUR"}
    number = write_score_set(
        engine, rows.astype({"barred": object}), outcome="lapse", as_of=DAY, model_version="7", snapshot_id="s1",
        created_at=NOON, definition="no purchase for 28 days", verdict="use", assumed=assumed,
    )  # fmt: skip
    publish(engine, "lapse", number)
    return client


def test_contacts_come_in_the_order_of_what_they_bring(worthy: TestClient) -> None:
    page = worthy.get("/")
    assert customers(page) == ["bob", "cid", "ann"]
    text = " ".join(page.text.split())
    for said in (
        "Of the 3 contacts worth most about <b>2</b> go quiet for 28 days if nothing is done (50 of 100)",
        "expected profit of contacting them: <b>368 EUR</b>",
        "cut where profit ends",
        "marked are the 3 contacts worth most",
        "a contact keeps 10 of 100 who would leave (a default, not measured)",
        "$36,920 a year",
        "1 not to be contacted (consent)",
        "9,000",
        "354.10",
    ):
        assert said in text


def test_the_line_by_worth_is_where_the_room_for_contacts_ends(worthy: TestClient) -> None:
    text = " ".join(worthy.get("/?capacity=2").text.split())
    assert "Of the 2 contacts worth most" in text and "<b>366 EUR</b>" in text
    assert "cut where the room for contacts ends" in text
    assert "marked are the 2 contacts worth most" in text
    marked = re.findall(r'<rect class="chosen".*?<title>(\d+) of them', text)
    assert sum(map(int, marked)) == 2
    assert customers(worthy.get("/?segment=north")) == ["cid", "ann"]


def test_everybody_is_still_there_by_risk_and_says_why_nobody_contacts_them(worthy: TestClient) -> None:
    page = worthy.get("/?sort=risk")
    assert customers(page) == ["ann", "bob", "cid", "=cmd|&#39; /C calc&#39;!A0", "dee"]
    assert "<small>consent</small>" in page.text


def test_exports_and_the_api_say_what_a_contact_is_worth(worthy: TestClient) -> None:
    rows = {row["customer_id"]: row for row in worthy.get("/v1/export?format=json").json()["rows"]}
    told = [tuple(rows[name][column] for column in ("value", "expected_profit", "contact")) for name in ("bob", "dee")]
    assert told == [(9000.0, 354.1, "allowed"), (100.0, -5.8, "allowed")]
    assert rows["=cmd|' /C calc'!A0"]["contact"] == "consent"
    by_gain = worthy.get("/v1/export?format=json&sort=gain").json()["rows"]
    assert [row["customer_id"] for row in by_gain] == ["bob", "cid", "ann"]
    listed = worthy.get("/v1/at-risk?limit=4").json()["rows"]
    assert [(row["expected_profit"], row["contact"]) for row in listed][1:] == [
        (354.1, "allowed"),
        (12.1, "allowed"),
        (34.1, "consent"),
    ]
    assert (
        worthy.get("/v1/at-risk?format=csv")
        .text.splitlines()[0]
        .endswith("value,expected_profit,contact,held_out,probability_low,probability_high,low_confidence")
    )


def test_a_list_published_by_worth_holds_the_contacts_worth_most(worthy: TestClient) -> None:
    worthy.post("/desk/publish", data={"outcome": "lapse", "capacity": "2", "sort": "gain"}, headers=OURS)
    rows = worthy.get("/v1/export?list=1&format=json").json()["rows"]
    assert [(row["customer_id"], row["expected_profit"]) for row in rows] == [("bob", 354.1), ("cid", 12.1)]


def test_where_no_contact_is_worth_making_the_desk_says_so(client: TestClient, engine: Engine) -> None:
    rows = pd.DataFrame(LISTED, columns=NAMES).assign(value=1.0, gain=-5.0, place=None, barred=None)
    number = write_score_set(
        engine, rows, outcome="lapse", as_of=DAY, model_version="7", snapshot_id="s1", created_at=NOON,
        definition="no purchase for 28 days", verdict="use",
    )  # fmt: skip
    publish(engine, "lapse", number)
    page = client.get("/")
    assert customers(page) == []
    assert "No contact is worth making" in page.text and "sort=risk" in page.text


def test_the_search_says_why_nobody_contacts_somebody(worthy: TestClient) -> None:
    assert (
        "A contact is not worth making: it is expected to bring -5.80; by risk rank 5 of 5."
        in worthy.get("/find?q=dee").text
    )
    assert "Not to be contacted (consent)" in worthy.get("/find", params={"q": "=cmd|' /C calc'!A0"}).text
    assert "On the list, rank 2 of 5." in worthy.get("/find?q=bob").text
