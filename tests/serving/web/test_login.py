"""People log in with a password, stay in for some hours, and only our own pages speak for them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tenure.pipelines.access.audit import read_entries
from tenure.pipelines.access.people import accept, disable, invite
from tenure.pipelines.access.roles import Role

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
PASSWORD = "a horse on stairs"
OURS = {"Origin": "http://127.0.0.1"}
WANTS_A_PAGE = {"Accept": "text/html"}


@pytest.fixture
def person(engine: Engine) -> Callable[[Role], str]:
    """Make somebody with a role and the password."""

    def make(role: Role) -> str:
        name = f"{role.value}@example.com"
        accept(engine, name, invite(engine, name, role, now=NOON), PASSWORD, now=NOON)
        return name

    return make


def log_in(client: TestClient, name: str, password: str = PASSWORD, **form: str) -> int:
    answer = client.post(
        "/login", data={"name": name, "password": password, **form}, headers=OURS, follow_redirects=False
    )
    return answer.status_code


def test_who_knows_the_password_is_in_as_what_they_are(scored: TestClient, person: Callable[[Role], str]) -> None:
    assert log_in(scored, person(Role.retention)) == 303
    assert scored.get("/v1/at-risk").status_code == 200
    assert scored.get("/metrics").status_code == 403


def test_a_stranger_who_wants_a_page_is_led_to_the_log_in(scored: TestClient, person: Callable[[Role], str]) -> None:
    person(Role.retention)
    answer = scored.get("/?band=high", headers=WANTS_A_PAGE, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2F%3Fband%3Dhigh")
    assert scored.get("/v1/at-risk", headers=WANTS_A_PAGE).status_code == 401
    page = scored.get(answer.headers["location"])
    assert 'value="/?band=high"' in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]


def test_the_cookie_is_for_us_alone(scored: TestClient, person: Callable[[Role], str]) -> None:
    name = person(Role.retention)
    answer = scored.post(
        "/login", data={"name": name, "password": PASSWORD, "next": "//evil"}, headers=OURS, follow_redirects=False
    )
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_a_form_from_a_foreign_page_is_refused(
    scored: TestClient, person: Callable[[Role], str], headers: dict[str, str]
) -> None:
    answer = scored.post("/login", data={"name": person(Role.agent), "password": PASSWORD}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:tenure:foreign-origin")


def test_json_from_a_foreign_page_is_refused_too(scored: TestClient) -> None:
    answer = scored.post("/v1/interactions", json={}, headers={"Origin": "https://evil.example"})
    assert answer.json()["type"] == "urn:tenure:foreign-origin"


def test_a_form_is_taken_only_where_there_is_one(scored: TestClient) -> None:
    assert scored.post("/v1/interactions", data={"a": "b"}, headers=OURS).status_code == 415


def test_passwords_cannot_be_guessed_quickly(scored: TestClient, person: Callable[[Role], str]) -> None:
    name = person(Role.agent)
    found = [log_in(scored, name, "wrong") for _ in range(5)]
    assert found == [403] * 5
    assert log_in(scored, name) == 429


def test_a_disabled_person_is_out_within_a_second(
    scored: TestClient, engine: Engine, person: Callable[[Role], str]
) -> None:
    log_in(scored, person(Role.retention))
    assert scored.get("/v1/at-risk").status_code == 200
    disable(engine, "retention@example.com", now=NOON + dt.timedelta(seconds=1))
    time.sleep(1.1)
    assert scored.get("/v1/at-risk").status_code == 401


def test_logging_out_ends_the_session_everywhere(scored: TestClient, person: Callable[[Role], str]) -> None:
    log_in(scored, person(Role.retention))
    token = scored.cookies["tenure_session"]
    later = NOON + dt.timedelta(minutes=1)
    scored.app.state.board.now = lambda: later  # type: ignore[attr-defined]
    assert scored.post("/logout", headers=OURS, data={"everywhere": "yes"}, follow_redirects=False).status_code == 303
    assert "tenure_session" not in scored.cookies
    assert scored.get("/v1/at-risk", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_an_invitation_is_taken_up_on_a_page(scored: TestClient, engine: Engine) -> None:
    code = invite(engine, "new@example.com", Role.agent, now=NOON)
    form = {"name": "new@example.com", "code": code, "password": "short"}
    assert "at least 12" in scored.post("/welcome", data=form, headers=OURS).text
    answer = scored.post("/welcome", data={**form, "password": PASSWORD}, headers=OURS, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert "asks for one customer at a time" in scored.get("/me").text


def test_a_person_chooses_a_language(scored: TestClient, person: Callable[[Role], str]) -> None:
    log_in(scored, person(Role.agent))
    assert scored.post("/me", data={"language": "bg"}, headers=OURS, follow_redirects=False).status_code == 303
    assert '<option value="bg" lang="bg" selected>' in scored.get("/me").text
    assert scored.post("/me", data={"language": "xx"}, headers=OURS).status_code == 422


def test_log_ins_are_on_record(scored: TestClient, engine: Engine, person: Callable[[Role], str]) -> None:
    log_in(scored, person(Role.retention))
    found = read_entries(engine)[-1]
    assert (found.who, found.what, found.detail) == ("retention@example.com", "login", {"role": "retention"})


def test_under_a_path_links_and_cookie_are_of_that_path(scored: TestClient, person: Callable[[Role], str]) -> None:
    board = scored.app.state.board  # type: ignore[attr-defined]
    service = board.settings.project.service.model_copy(update={"public_url": "https://127.0.0.1/tenure/"})
    project = board.settings.project.model_copy(update={"service": service})
    board.settings = board.settings.model_copy(update={"project": project})
    answer = scored.post(
        "/login", data={"name": person(Role.retention), "password": PASSWORD}, headers=OURS, follow_redirects=False
    )
    assert answer.headers["location"] == "/tenure/"
    assert "path=/tenure/" in answer.headers["set-cookie"].lower() and "secure" in answer.headers["set-cookie"].lower()
    assert 'action="/tenure/login"' in scored.get("/login").text
