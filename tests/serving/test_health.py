"""Alive, ready, the index page, and models that follow what is published."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tenure.pipelines.settings.project import Project
from tenure.serving.app import create_app
from tenure.serving.scorer import ModelUnavailable, Scorer, Scorers
from tenure.serving.settings import ServiceSettings


def test_alive_before_any_training(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def test_ready_with_a_verified_model_and_published_scores(scored: TestClient) -> None:
    ready = {"status": "ready", "outcome": "lapse", "as_of": "2017-12-04", "model_version": "7"}
    assert scored.get("/readyz").json() == ready


def test_training_after_the_start_makes_it_ready_without_a_restart(client: TestClient, put: Callable[..., int]) -> None:
    assert client.get("/readyz").status_code == 503
    put()
    deadline = time.monotonic() + 60
    while client.get("/readyz").status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2017-12-06T22:59:00Z", 200),  # the midnight after as_of, in Warsaw, and 48 hours but for a minute
        ("2017-12-06T23:01:00Z", 503),
        ("2017-11-01T00:00:00Z", 200),  # a clock that is behind cannot make scores old
    ],
)
def test_scores_that_are_long_overdue_make_it_not_ready(scored: TestClient, moment: str, status: int) -> None:
    scored.app.state.board.now = lambda: dt.datetime.fromisoformat(moment)  # type: ignore[attr-defined]
    answer = scored.get("/readyz")
    assert answer.status_code == status, answer.text
    if status == 503:
        said = "later ones have been due for 48 hours and [service] ready_for_hours allows 48; run `tenure run`"
        assert said in answer.json()["detail"]
        assert scored.get("/healthz").status_code == scored.get("/v1/customers/ann/risk").status_code == 200


def test_how_overdue_is_counted_over_a_change_of_the_clocks(project: Project) -> None:
    settings = ServiceSettings(project=project)
    now = dt.datetime(2017, 10, 29, 23, tzinfo=dt.UTC)  # midnight in Warsaw, after a day of 25 hours
    assert settings.overdue(dt.date(2017, 10, 28), now=now) == 25
    assert settings.overdue(dt.date(2017, 10, 30), now=now) == 0


def test_scores_of_a_clock_that_stands_still_are_never_overdue(
    project: Project, engine: Engine, scorers: Scorers, put: Callable[..., int]
) -> None:
    put()
    thread = scorers.want("lapse", "7")
    assert thread is not None
    thread.join(10)
    frozen = project.model_copy(update={"project": project.project.model_copy(update={"clock": "data"})})
    app = create_app(ServiceSettings(project=frozen), engine=engine, scorers=scorers)  # by today's clock
    assert TestClient(app, base_url="http://localhost").get("/readyz").status_code == 200


def test_the_index_page_fetches_nothing_from_elsewhere(scored: TestClient) -> None:
    page = scored.get("/about").text
    assert "<script" not in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    for link in re.findall(r'href="([^"]+)"', page):
        if link != "/metrics":  # comes with the host that counts requests
            assert scored.get(link).status_code == 200, link
    assert "lives by today" in page
    assert "no purchase for 28 days" in page


def test_a_project_that_lives_on_its_data_says_where_its_clock_stands(
    project: Project, engine: Engine, scorers: Scorers, put: Callable[..., int]
) -> None:
    put()
    frozen = project.model_copy(update={"project": project.project.model_copy(update={"clock": "data"})})
    client = TestClient(
        create_app(ServiceSettings(project=frozen), engine=engine, scorers=scorers),
        base_url="http://localhost",
    )
    assert "the last midnight of its data, 2017-12-04" in client.get("/about").text
    assert client.get("/v1/customers/ann/risk").json()["stale"] is False


def test_the_model_before_serves_until_the_next_one_is_verified() -> None:
    made: dict[str, Scorer] = {}

    def load(_outcome: str, version: str) -> Scorer:
        if version == "3":
            raise ModelUnavailable("no such version")
        return made.setdefault(version, object())  # type: ignore[arg-type]

    scorers = Scorers(load)
    with pytest.raises(ModelUnavailable, match="no model of 'lapse' yet; run `tenure train`"):
        scorers.of("lapse")
    for version in ("1", "2"):
        thread = scorers.want("lapse", version)
        assert thread is not None
        thread.join(10)
        assert scorers.of("lapse") is made[version]
    assert scorers.want("lapse", "2") is None
    thread = scorers.want("lapse", "3")
    assert thread is not None
    thread.join(10)
    with pytest.raises(ModelUnavailable, match="no such version"):
        scorers.of("lapse")


def test_a_version_that_failed_is_tried_again_after_a_while() -> None:
    whole: list[str] = []

    def load(_outcome: str, version: str) -> Scorer:
        if not whole:
            raise ModelUnavailable(f"{version} is gone")
        return object()  # type: ignore[return-value]

    patient, eager = Scorers(load), Scorers(load, again_seconds=0.0)
    for scorers in (patient, eager):
        thread = scorers.want("lapse", "1")
        assert thread is not None
        thread.join(10)
    whole.append("brought back from a backup")
    assert patient.want("lapse", "1") is None
    thread = eager.want("lapse", "1")
    with pytest.raises(ModelUnavailable, match="1 is gone"):
        patient.of("lapse")
    assert thread is not None
    thread.join(10)
    assert eager.of("lapse") is not None
    assert eager.want("lapse", "1") is None
