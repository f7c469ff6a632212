"""People are invited, let in by their password, and shut out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tenure.pipelines.access.people import (
    PersonError,
    accept,
    all_people,
    disable,
    end_sessions,
    invite,
    let_in,
    set_language,
    welcome,
)
from tenure.pipelines.access.roles import Role
from tenure.pipelines.access.sessions import Sessions
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk_tables import people

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
PASSWORD = "a horse on stairs"


def invited(engine: Engine, name: str = "Ann@Example.com", role: Role = Role.retention) -> str:
    return invite(engine, name, role, now=NOON)


def test_who_was_invited_chooses_a_password_and_is_let_in(engine: Engine) -> None:
    person = accept(engine, "ann@example.com", invited(engine), PASSWORD, now=NOON)
    assert (person.name, person.role, person.invited_until) == ("ann@example.com", Role.retention, None)
    found = let_in(engine, " ANN@example.com", PASSWORD)
    assert found is not None and found.name == "ann@example.com"


def test_the_store_holds_neither_code_nor_password(engine: Engine) -> None:
    code = invited(engine)
    with reading(engine) as connection:
        assert code not in str(connection.execute(select(people)).all())
    accept(engine, "ann@example.com", code, PASSWORD, now=NOON)
    with reading(engine) as connection:
        row = connection.execute(select(people)).one()
    assert PASSWORD not in str(row) and row.password.startswith("$argon2id$")


@pytest.mark.parametrize(("name", "password"), [("ann@example.com", "another"), ("bob", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_lets_nobody_in(engine: Engine, name: str, password: str) -> None:
    accept(engine, "ann@example.com", invited(engine), PASSWORD, now=NOON)
    assert let_in(engine, name, password) is None


def test_before_the_invitation_was_taken_up_nobody_is_let_in(engine: Engine) -> None:
    code = invited(engine)
    assert let_in(engine, "ann@example.com", code) is None


def wrong_code(engine: Engine) -> None:
    invited(engine)
    accept(engine, "ann@example.com", "wrong", PASSWORD, now=NOON)


def used_twice(engine: Engine) -> None:
    code = invited(engine)
    for _ in range(2):
        accept(engine, "ann@example.com", code, PASSWORD, now=NOON)


def too_late(engine: Engine) -> None:
    accept(engine, "ann@example.com", invited(engine), PASSWORD, now=NOON + dt.timedelta(days=8))


def too_short(engine: Engine) -> None:
    accept(engine, "ann@example.com", invited(engine), "short", now=NOON)


def nobody(engine: Engine) -> None:
    accept(engine, "bob", "code", PASSWORD, now=NOON)


@pytest.mark.parametrize(
    ("do", "message"),
    [
        (wrong_code, "opens nothing"),
        (used_twice, "opens nothing"),
        (too_late, "opens nothing"),
        (too_short, "at least 12"),
        (nobody, "opens nothing"),
    ],
)
def test_an_invitation_is_good_once_for_a_week(engine: Engine, do: Callable[[Engine], None], message: str) -> None:
    with pytest.raises(PersonError, match=message):
        do(engine)


def test_who_is_disabled_is_let_in_no_more_until_invited_again(engine: Engine) -> None:
    accept(engine, "ann@example.com", invited(engine), PASSWORD, now=NOON)
    disable(engine, "ann@example.com", now=NOON)
    assert let_in(engine, "ann@example.com", PASSWORD) is None
    assert welcome(engine, "ann@example.com", Role.agent, now=NOON) is None
    accept(engine, "ann@example.com", invited(engine), "another password", now=NOON)
    assert let_in(engine, "ann@example.com", "another password") is not None


def test_a_change_of_role_at_the_provider_ends_the_sessions_of_before(engine: Engine) -> None:
    later = NOON + dt.timedelta(hours=1)
    first = welcome(engine, "ann@example.com", Role.retention, now=NOON)
    same = welcome(engine, "ann@example.com", Role.retention, now=later)
    changed = welcome(engine, "ann@example.com", Role.agent, now=later)
    assert first is not None and same is not None and changed is not None
    assert first.sessions_from == same.sessions_from < changed.sessions_from
    assert changed.role is Role.agent


def test_a_language_is_remembered_and_sessions_can_be_ended(engine: Engine) -> None:
    invited(engine)
    set_language(engine, "ann@example.com", "pl")
    later = NOON + dt.timedelta(hours=1)
    end_sessions(engine, "ann@example.com", now=later)
    found = all_people(engine)["ann@example.com"]
    assert (found.language, found.sessions_from) == ("pl", later.replace(tzinfo=None))


@pytest.mark.parametrize("name", ["", " ", "a" * 201, "a\nb"])
def test_what_is_no_name_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(PersonError, match="is no name"):
        invite(engine, name, Role.agent, now=NOON)


def test_a_session_is_read_back_until_it_is_over(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path, hours=12)
    token = sessions.begin("ann", now=NOON)
    found = sessions.read(token, now=NOON + dt.timedelta(hours=11))
    assert found is not None and (found.name, found.guest) == ("ann", None)
    assert sessions.read(token, now=NOON + dt.timedelta(hours=12)) is None
    assert Sessions(tmp_path, hours=1).read(token, now=NOON) is not None  # another process of the same project


def test_a_token_that_is_not_ours_or_for_something_else_is_no_session(tmp_path: Path) -> None:
    sessions, others = Sessions(tmp_path / "a", hours=12), Sessions(tmp_path / "b", hours=12)
    token = sessions.begin("ann", now=NOON)
    head, body, mac = token.split(".")
    for wrong in (others.begin("ann", now=NOON), f"{head}.{body[:-2]}aa.{mac}", f"{head}.{body}.", "", "a.b.c"):
        assert sessions.read(wrong, now=NOON) is None
    sealed = sessions.seal({"state": "s"}, now=NOON, seconds=60)
    assert sessions.read(sealed, now=NOON) is None
    assert sessions.unseal(token, now=NOON) is None
    opened = sessions.unseal(sealed, now=NOON)
    assert opened is not None and opened["state"] == "s"
    assert sessions.unseal(sealed, now=NOON + dt.timedelta(minutes=2)) is None
