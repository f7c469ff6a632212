"""A digest a day and owner: what it says, and that it is sent once, whatever happens to the mail server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alerting import OUTCOME, Days
from mail_server import MailServer

from tenure.pipelines.settings.desk import Playbook
from tenure.pipelines.settings.service import Service
from tenure.pipelines.store.caring import take_care
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.digests import digests_of, make_digests
from tenure.serving.digests import Letter, letter_of, write_letters
from tenure.serving.mailing import NoMailServer, Sent, send_digests

MakeDays = Callable[..., Days]


def smtp(server: MailServer, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": server.port, "from": "tenure@example.com", "starttls": False, **more}


def owned(shop: Days, **owners: str) -> None:
    for name, owner in owners.items():
        take_care(shop.engine, OUTCOME, [name], who="team", owner=owner, now=shop.now)


def letters(shop: Days) -> dict[str, Letter]:
    make_digests(shop.engine, day=shop.day, now=shop.now)
    with reading(shop.engine) as connection:
        found = digests_of(connection, shop.day)
        return {one.owner: letter_of(connection, shop.project, one) for one in found}


def send(shop: Days, *, later: int = 0) -> Sent:
    make_digests(shop.engine, day=shop.day, now=shop.now)
    now = shop.now + dt.timedelta(minutes=later)
    return send_digests(shop.project, shop.engine, day=shop.day, now=now)


@pytest.fixture
def shop(days: MakeDays, server: MailServer) -> Days:
    """Ann and bob of pat, cid of quinn, and dee of nobody, all of whom entered high on the second day."""
    addresses = {"pat": "pat@example.com"}
    shop = days(kinds=["level"], a_day=1, smtp=smtp(server), addresses=addresses, nobody="team@example.com")
    shop.project = shop.project.model_copy(
        update={
            "service": Service(public_url="https://tenure.example.com/t/"),
            "playbook": (Playbook(name="call", next="Call them."),),
        }
    )
    names = ("ann", "bob", "cid", "dee")
    shop.next(**dict.fromkeys(names, 0.1))
    owned(shop, ann="pat", bob="pat", cid="quinn@example.com")
    shop.next(**dict.fromkeys(names, 0.3) | {"ann": 0.4})
    return shop


def test_a_digest_says_who_entered_why_what_to_do_where_and_how_many_more(shop: Days) -> None:
    found = letters(shop)
    assert list(found) == ["pat", "quinn@example.com", ""]
    assert found["pat"].subject == "shop: 1 customer to look at, 2024-01-02"
    assert found["pat"].text.splitlines() == [
        "shop, 2024-01-02: customers of pat",
        "",
        "ann",
        "  entered high: 40 of 100, before 10",
        "  why: no visit for 19 days",
        "  next: Call them.",
        "  https://tenure.example.com/t/customers/ann",
        "",
        "and 1 more, beyond the limit of a day",
        "",
        "All alerts: https://tenure.example.com/t/alerts",
    ]
    for said in ('<a href="https://tenure.example.com/t/customers/ann">ann</a>', "no visit for 19 days", "and 1 more"):
        assert said in found["pat"].html
    assert "customers without an owner" in found[""].text


def test_the_files_of_owners_have_names_that_no_owner_can_choose(shop: Days, tmp_path: Path) -> None:
    write_letters([*letters(shop).values()], tmp_path / "out")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "pat.html", "pat.txt", "quinn@example.com.html", "quinn@example.com.txt", "without_owner.html",
        "without_owner.txt",
    ]  # fmt: skip


def test_what_comes_after_the_digest_of_a_day_is_in_the_next(shop: Days) -> None:
    assert len(letters(shop)) == 3
    shop.overlay("eve", 0.5)
    owned(shop, eve="pat")
    shop.next(ann=0.4, bob=0.3, cid=0.3, dee=0.3, eve=0.5)
    shop.day -= dt.timedelta(days=1)
    assert [one.customer_id for one in letters(shop)["pat"].digest.alerts] == ["ann"]
    shop.day += dt.timedelta(days=1)
    assert [one.customer_id for one in letters(shop)["pat"].digest.alerts] == ["eve"]


def test_a_digest_is_sent_once_to_its_owner(shop: Days, server: MailServer) -> None:
    assert send(shop) == Sent(sent=3)
    assert {to: letter["Subject"] for to, letter in server.taken} == dict.fromkeys(
        ("pat@example.com", "quinn@example.com", "team@example.com"), "shop: 1 customer to look at, 2024-01-02"
    )
    parts = {part.get_content_type(): part.get_content() for part in server.taken[0][1].iter_parts()}
    assert "no visit for 19 days" in parts["text/plain"] and "<h1" in parts["text/html"]
    assert send(shop, later=60) == Sent()
    assert len(server.taken) == 3
    assert {one.sent_at is not None for one in shop.alerts()} == {True}


def test_two_who_send_at_once_send_nothing_twice(shop: Days, server: MailServer) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: send(shop), range(4)))
    assert sum(one.sent for one in found) == 3
    assert len(server.taken) == 3


def test_a_server_that_is_away_gets_the_digest_the_next_time(shop: Days, server: MailServer) -> None:
    here = shop.project
    away = here.alerts.smtp.model_copy(update={"port": 1})
    shop.project = here.model_copy(update={"alerts": here.alerts.model_copy(update={"smtp": away})})
    assert send(shop) == Sent(waiting=3, said="ConnectionRefusedError")
    shop.project = here
    server.busy_after = 1
    assert send(shop) == Sent(sent=1, waiting=2, said="SMTPServerDisconnected")
    server.busy_after = None
    shop.day += dt.timedelta(days=1)
    assert send(shop) == Sent(sent=2)
    assert len({to for to, _ in server.taken}) == len(server.taken) == 3


def test_one_who_is_refused_keeps_nobody_else_from_theirs(shop: Days, server: MailServer) -> None:
    server.refused["pat@example.com"] = 550
    assert send(shop) == Sent(sent=2, waiting=1, said="the server answered 550")


def test_who_died_while_sending_is_followed_after_a_while_under_the_same_id(shop: Days, server: MailServer) -> None:
    from tenure.pipelines.store.digests import take_unsent

    make_digests(shop.engine, day=shop.day, now=shop.now)
    assert len(take_unsent(shop.engine, day=shop.day, now=shop.now)) == 3
    assert send(shop, later=9) == Sent()
    assert send(shop, later=10) == Sent(sent=3)
    assert len({letter["Message-ID"] for _, letter in server.taken}) == 3


def test_the_password_comes_from_the_environment(
    days: MakeDays, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = days(kinds=["level"], smtp=smtp(server, user="tenure", password="MAIL_PASSWORD"), nobody="t@example.com")
    shop.next(ann=0.1)
    shop.next(ann=0.3)
    with pytest.raises(NoMailServer, match="the environment variable MAIL_PASSWORD"):
        send(shop)
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    assert send(shop) == Sent(sent=1)
    assert server.log_ins


def test_without_an_address_a_digest_is_not_sent_and_that_is_said(days: MakeDays, server: MailServer) -> None:
    shop = days(kinds=["level"], smtp=smtp(server))
    shop.next(ann=0.1)
    shop.next(ann=0.3)
    assert send(shop) == Sent(unaddressed=1)


def test_without_a_server_sending_is_refused(days: MakeDays) -> None:
    with pytest.raises(NoMailServer, match=r"expected the section \[alerts.smtp\]"):
        send(days())
