"""One customer's risk and the at-risk list."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.desk_tables import external_ids
from tenure.serving.app import create_app
from tenure.serving.exporting import inert
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings


def test_a_risk_says_what_when_why_and_by_which_model(scored: TestClient) -> None:
    answer = scored.get("/v1/customers/ann/risk").json()
    assert answer["in_words"] == "High: about 40 of 100 go quiet for 28 days"
    assert answer["reasons"][0]["text"] == "no visit for 19 days; usually every 4"
    assert {k: answer[k] for k in ("outcome", "status", "band", "probability", "as_of", "model_version", "stale")} == {
        "outcome": "lapse",
        "status": "scored",
        "band": "high",
        "probability": 0.4,
        "as_of": "2017-12-04",
        "model_version": "7",
        "stale": False,
    }
    assert (answer["definition"], answer["scored_at"]) == ("no purchase for 28 days", "2017-12-04T12:00:00Z")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "no visit for 19 days; usually every 4"),
        ("pl", "brak wizyt od 19 dni; zwykle co 4 dni"),
        ("bg", "няма посещения от 19 дни; обичайно на всеки 4 дни"),
        ("hi", "19 दिनों से कोई विज़िट नहीं; आमतौर पर हर 4 दिन में"),
    ],
)
def test_reasons_come_in_the_language_asked_for(scored: TestClient, language: str, text: str) -> None:
    answer = scored.get(f"/v1/customers/ann/risk?language={language}").json()
    told = {"theme": "recency", "text": text, "sayable": True, "log_odds": 1.2}
    assert answer["reasons"] == [told]
    assert [unit["reasons"] for unit in answer["units"]] == [[told], [told]]


def test_a_language_we_do_not_speak_is_refused(scored: TestClient) -> None:
    response = scored.get("/v1/customers/ann/risk?language=de")
    assert (response.status_code, response.json()["errors"][0]["where"]) == (422, "language")


def test_a_customer_with_two_contracts_has_the_riskiest_first(scored: TestClient) -> None:
    units = scored.get("/v1/customers/ann/risk").json()["units"]
    assert [(u["unit_id"], u["probability"]) for u in units] == [("k2", 0.4), ("k1", 0.12)]


def test_a_customer_who_is_not_scored_has_a_status_and_no_number(scored: TestClient) -> None:
    answer = scored.get("/v1/customers/bob/risk").json()
    assert (answer["status"], answer["probability"], answer["band"]) == ("lapsed", None, None)
    assert (answer["in_words"], answer["reasons"]) == ("Has gone quiet already", [])


@pytest.mark.parametrize("name", ["nobody", "a%2Fb", "%00", "caf%C3%A9", "risk", "'; drop table scores; --"])
def test_an_unknown_customer_is_unknown_and_never_guessed(scored: TestClient, name: str) -> None:
    response = scored.get(f"/v1/customers/{name}/risk")
    answer = response.json()
    assert (response.status_code, answer["status"], answer["probability"]) == (200, "unknown", None)
    assert (answer["in_words"], answer["units"]) == ("Not scored", [])


def test_a_new_score_set_is_served_without_a_restart(scored: TestClient, put: Callable[..., int]) -> None:
    assert scored.get("/v1/customers/ann/risk").json()["model_version"] == "7"
    put(version="8")
    assert scored.get("/v1/customers/ann/risk").json()["model_version"] == "8"


def test_an_older_set_is_stale_from_the_next_local_midnight_on(
    project: Project, engine: Engine, scorers: Scorers, put: Callable[..., int]
) -> None:
    put()
    stale = {}
    for hour in (22, 23):  # midnight in Warsaw is 23:00 UTC
        now = dt.datetime(2017, 12, 4, hour, tzinfo=dt.UTC)
        app = create_app(ServiceSettings(project=project), engine=engine, scorers=scorers, now=lambda now=now: now)
        client = TestClient(app, base_url="http://localhost")
        stale[hour] = client.get("/v1/customers/ann/risk").json()["stale"]
    assert stale == {22: False, 23: True}


def test_outcomes_have_their_own_scores(scored: TestClient, put: Callable[..., int]) -> None:
    put("churn", version="3")
    answer = scored.get("/v1/customers/ann/risk?outcome=churn").json()
    assert (answer["outcome"], answer["model_version"]) == ("churn", "3")
    assert answer["in_words"] == "High: about 40 of 100 leave within 7 days"


def test_the_list_is_ranked_paged_and_counted(scored: TestClient) -> None:
    answer = scored.get("/v1/at-risk?limit=2&offset=1").json()
    assert [(r["rank"], r["unit_id"]) for r in answer["rows"]] == [(2, "k1"), (3, "=cmd")]
    assert (answer["total"], answer["limit"], answer["offset"], answer["verdict"]) == (3, 2, 1, "use")
    assert [r["unit_id"] for r in scored.get("/v1/at-risk?band=high").json()["rows"]] == ["k2"]


def test_the_list_as_csv_opens_in_a_spreadsheet_without_running(scored: TestClient) -> None:
    response = scored.get("/v1/at-risk?format=csv")
    assert response.headers["content-type"].startswith("text/csv")
    assert 'filename="at-risk-lapse-2017-12-04.csv"' in response.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [(r["rank"], r["unit_id"], r["band"]) for r in rows] == [
        ("1", "k2", "high"),
        ("2", "k1", "medium"),
        ("3", "'=cmd", "low"),
    ]


def test_a_negative_number_is_no_formula() -> None:
    assert [inert(cell) for cell in ("-12.5", "-1+1", "@x", "c1")] == ["-12.5", "'-1+1", "'@x", "c1"]


def test_a_customer_is_found_by_the_id_that_another_tool_has(scored: TestClient, engine: Engine) -> None:
    with engine.begin() as connection:
        rows = [
            {"source": "zendesk", "external_id": "35436", "customer_id": "ann"},
            {"source": "", "external_id": "777", "customer_id": "bob"},
        ]
        connection.execute(insert(external_ids), rows)
    asked = scored.get("/v1/customers/35436/risk?source=zendesk").json()
    assert (asked["customer_id"], asked["band"]) == ("ann", "high")
    assert scored.get("/v1/customers/777/risk?source=chatwoot").json()["customer_id"] == "bob"
    unknown = scored.get("/v1/customers/1/risk?source=zendesk").json()
    assert (unknown["customer_id"], unknown["status"]) == ("zendesk:1", "unknown")
