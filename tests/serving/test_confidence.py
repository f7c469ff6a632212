"""An interval wherever a probability is told, and words where it is wide."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from scored import NOON
from sqlalchemy import Engine, insert

from tenure.pipelines.settings.desk import Chatwoot, Panel
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.desk import EVERYBODY
from tenure.pipelines.store.frozen_lists import freeze
from tenure.pipelines.store.score_sets import publish, published_set, write_score_set
from tenure.pipelines.store.tables import overlays
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

SURE, UNSURE = ("ann", 0.4, 0.35, 0.46), ("bob", 0.3, 0.05, 0.82)
NAMES = ["unit_id", "customer_id", "status", "probability", "band", "reasons", "probability_low", "probability_high"]
MARK = "Low confidence: it may be 5 to 82 of 100"


@pytest.fixture
def number(engine: Engine) -> int:
    """A set of two customers of whom one is well known, and one who has no score."""
    rows = [(who, who, "scored", said, "high", [], low, high) for who, said, low, high in (SURE, UNSURE)]
    rows.append(("cid", "cid", "lapsed", None, None, None, None, None))  # type: ignore[arg-type]
    made = write_score_set(
        engine, pd.DataFrame(rows, columns=NAMES), outcome="lapse", as_of=NOON.date(), model_version="7",
        snapshot_id="s1", created_at=NOON, definition="no purchase for 28 days", verdict="use",
    )  # fmt: skip
    publish(engine, "lapse", made)
    return made


@pytest.fixture
def asked(client: TestClient, number: int) -> TestClient:
    return client


def told(answer: dict[str, Any]) -> tuple[Any, ...]:
    return answer["probability_low"], answer["probability_high"], answer["low_confidence"]


def test_a_risk_has_its_interval_and_says_where_it_is_wide(asked: TestClient) -> None:
    ann, bob, cid = (asked.get(f"/v1/customers/{who}/risk").json() for who in ("ann", "bob", "cid"))
    assert told(ann) == (0.35, 0.46, False)
    assert ann["in_words"] == "High: about 40 of 100 go quiet for 28 days"
    assert told(bob) == told(bob["units"][0]) == (0.05, 0.82, True)
    assert bob["in_words"] == "High: about 30 of 100 go quiet for 28 days (low confidence: 5 to 82 of 100)"
    assert told(cid) == (None, None, None)


def test_what_was_scored_since_has_an_interval_of_its_own(asked: TestClient, engine: Engine, number: int) -> None:
    again = {
        "outcome": "lapse", "unit_id": "ann", "customer_id": "ann", "score_set_id": number, "event_id": 1,
        "as_of": "2017-12-05", "scored_at": dt.datetime(2017, 12, 4, 13), "status": "scored", "probability": 0.5,
        "probability_low": 0.1, "probability_high": 0.9, "band": "critical", "reasons": [],
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(overlays), again)
    assert told(asked.get("/v1/customers/ann/risk").json()) == (0.1, 0.9, True)


def test_lists_and_exports_have_both_ends(asked: TestClient) -> None:
    rows = asked.get("/v1/at-risk").json()["rows"]
    assert [told(row) for row in rows] == [(0.35, 0.46, False), (0.05, 0.82, True)]
    (ann, bob) = csv.DictReader(io.StringIO(asked.get("/v1/at-risk?format=csv").text))
    assert (ann["probability_low"], ann["low_confidence"]) == ("0.35", "False")
    assert (bob["probability_high"], bob["low_confidence"]) == ("0.82", "True")
    (ann, bob) = asked.get("/v1/export?format=json").json()["rows"]
    assert told(ann) == (0.35, 0.46, False) and told(bob) == (0.05, 0.82, True)


def test_a_published_list_keeps_what_was_known_then(asked: TestClient, engine: Engine, project: Project) -> None:
    with engine.connect() as connection:
        found = published_set(connection, "lapse")
    assert found is not None
    kept = freeze(engine, found, EVERYBODY, capacity=2, who="eve", now=NOON, today=NOON.date())
    rows = asked.get(f"/v1/export?format=json&list={kept}").json()["rows"]
    assert [told(row) for row in rows] == [(0.35, 0.46, False), (0.05, 0.82, True)]
    assert asked.get(f"/lists/{kept}").text.count("low confidence</small>") == 1


def test_the_desk_marks_whom_it_is_unsure_of(asked: TestClient) -> None:
    page = asked.get("/?sort=risk").text
    assert page.count("low confidence</small>") == 1 and MARK in page
    assert MARK in asked.get("/customers/bob").text
    assert "Low confidence" not in asked.get("/customers/ann").text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", MARK),
        ("pl", "Mała pewność: może być od 5 do 82 na 100"),
        ("bg", "Малка сигурност: може да са от 5 до 82 на 100"),
        ("hi", "कम भरोसा: 100 में से 5 से 82 तक हो सकते हैं"),
    ],
)
def test_the_panel_says_it_in_the_language_of_the_agent(
    project: Project, engine: Engine, scorers: Scorers, number: int, language: str, said: str
) -> None:
    panel = Panel(chatwoot=Chatwoot(origin="https://chat.example"))
    app = create_app(
        ServiceSettings(project=project.model_copy(update={"panel": panel})), engine=engine, scorers=scorers,
        now=lambda: NOON,
    )  # fmt: skip
    agent = TestClient(app, base_url="http://127.0.0.1")
    unsure, sure = (
        agent.get(f"/panel/card?tool=chatwoot&external_id={who}&language={language}").text for who in ("bob", "ann")
    )
    assert said in unsure and 'class="unsure"' not in sure
    app.state.auditor.close()
