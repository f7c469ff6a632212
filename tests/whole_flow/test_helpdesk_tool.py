"""A real support tool, django-helpdesk, end to end: imported, followed live, and the flag shown in its ticket page."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from command import tenure
from service import serving, until_ready
from shop import LAST, sales, write_project

from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store

HELPDESK = Path(__file__).parent.parent / "helpdesk"
AGENT = ("agent", "a horse on stairs")
MAPPING = """
name = "helpdesk"
[[rule]]
files = "tickets*"
[rule.columns]
interaction_id = { from = "id", prefix = "ticket-" }
external_id = "submitter_email"
occurred_at = "created"
kind = { value = "contact_opened" }
direction = { value = "inbound" }
case_id = "id"
[[rule]]
files = "followups*"
when = { public = true }
[rule.columns]
interaction_id = { from = "id", prefix = "followup-" }
external_id = "ticket.submitter_email"
occurred_at = "date"
kind = { from = "by", words = { agent = "message_out", customer = "message_in" } }
direction = { from = "by", words = { agent = "outbound", customer = "inbound" } }
case_id = "ticket.id"
text = "comment"
[[rule]]
into = "people"
files = "customers*"
columns = { external_id = "email", customer_id = "customer" }
"""


def address_of(customer: str) -> str:
    return f"{customer}@shop.example"


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(HELPDESK),
        "DJANGO_SETTINGS_MODULE": "desk_settings",
        "HELPDESK_DATABASE": str(folder / "helpdesk.sqlite3"),
        **more,
    }


def tickets(now: dt.datetime) -> list[dict[str, Any]]:
    """A year of tickets of ninety customers: a question, an answer, sometimes another question."""
    generator = np.random.default_rng(5)
    found = []
    for number in range(0, 270, 3):
        for _ in range(int(generator.integers(1, 4))):
            opened = now - dt.timedelta(days=float(generator.uniform(3, 350)))
            said = [[0.1, False, "Where is my order?"], [5.0, True, "It is on its way."]]
            said += [[30.0, False, "It is not here yet."]] if generator.random() < 0.3 else []
            found.append(
                {"email": address_of(f"c{number:03d}"), "title": "Order", "at": opened.isoformat(), "followups": said}
            )
    return found


@pytest.fixture(scope="module")
def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, now: dt.datetime) -> Path:
    """The folder of a helpdesk with a year of tickets."""
    folder = tmp_path_factory.mktemp("helpdesk")
    (folder / "tickets.ndjson").write_text("\n".join(map(json.dumps, tickets(now))))
    subprocess.run(
        [sys.executable, HELPDESK / "fill.py", folder / "tickets.ndjson"], env=environment(folder), check=True
    )
    return folder


class Helpdesk:
    """The helpdesk as a process of its own on loopback."""

    def __init__(self, folder: Path, **more: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "django", "runserver", "--noreload", "--insecure", f"127.0.0.1:{port}"]
        self._log = (folder / "helpdesk.log").open("wb")
        self._process = subprocess.Popen(command, env=environment(folder, **more), stdout=self._log, stderr=self._log)
        self.address = f"http://127.0.0.1:{port}"
        self.session = requests.Session()

    def __enter__(self) -> Helpdesk:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                requests.get(f"{self.address}/login/", timeout=5)
                return self
            except requests.ConnectionError:
                time.sleep(0.2)
        raise TimeoutError("the helpdesk did not start")

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def log_in(self) -> None:
        page = self.session.get(f"{self.address}/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        form = {"username": AGENT[0], "password": AGENT[1], "csrfmiddlewaretoken": token[1], "next": "/"}
        self.session.post(f"{self.address}/login/", data=form, headers={"Referer": self.address}).raise_for_status()

    def every(self, kind: str) -> Iterator[dict[str, Any]]:
        """All records of a kind, page by page, over its REST API."""
        url: str | None = f"{self.address}/api/{kind}/?page_size=100"
        while url:
            page = requests.get(url, auth=AGENT, timeout=30).json()
            yield from page["results"]
            url = page["next"]

    def ticket_page(self, number: int) -> str:
        """The panel in a ticket's page, on one line."""
        page = self.session.get(f"{self.address}/tickets/{number}/").text
        panel = re.search(r'<div class="card" id="tenure">(.*?</div>)\s*</div>', page, re.DOTALL)
        assert panel, page[:2000]
        return " ".join(re.sub("<[^>]+>", " ", panel[1]).split())


def export(desk: Helpdesk, folder: Path) -> int:
    """Write what the helpdesk's API gives as an export; how many follow-ups there are."""
    folder.mkdir()
    held = {
        ticket["id"]: {"id": ticket["id"], "submitter_email": ticket["submitter_email"]}
        for ticket in desk.every("tickets")
    }
    said = [
        {**one, "by": "agent" if one["user"] else "customer", "ticket": held[one["ticket"]]}
        for one in desk.every("followups")
    ]
    for one in said:  # the API does not say when a ticket was opened
        first = one["ticket"].get("created", one["date"])
        one["ticket"]["created"] = min(first, one["date"])
    known = {ticket["submitter_email"] for ticket in held.values()}
    people = [{"email": email, "customer": email.partition("@")[0]} for email in sorted(known)]
    rows = {"tickets": list(held.values()), "followups": said, "customers": people}
    for name, records in rows.items():
        (folder / f"{name}.ndjson").write_text("\n".join(map(json.dumps, records)))
    return len(said)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, filled: Path, now: dt.datetime) -> Path:
    """A shop whose year ends today, with the helpdesk's tickets imported, trained and scored."""
    folder = tmp_path_factory.mktemp("shop") / "shop"
    shift = now.date() - LAST
    rows = [sale._replace(occurred_at=sale.occurred_at + shift) for sale in sales()]
    rows = [sale for sale in rows if sale.occurred_at < dt.datetime.combine(now.date(), dt.time(), dt.UTC)]
    write_project(folder, rows)
    text = (folder / "tenure.toml").read_text()
    text = re.sub(r"\[backtest\].*", "", text, flags=re.DOTALL).replace('clock = "data"', 'clock = "system"')
    text = re.sub(r"\[outcome.slump\].*", "", text, flags=re.DOTALL)
    text = text.replace("complete_until = 2024-12-29", f"complete_until = {now.date()}")
    (folder / "tenure.toml").write_text(text + "[backtest]\ntrain_every_days = 28\nbootstraps = 20\n")
    (folder / "helpdesk.toml").write_text(MAPPING)
    with Helpdesk(filled) as desk:
        assert export(desk, folder / "export") > 200
    imported = tenure("import", "mapped", folder / "export", "--mapping", folder / "helpdesk.toml", "--project", folder)
    assert imported.code == 0, imported.err
    text = (folder / "tenure.toml").read_text()
    text = text.replace('files = "feeds/helpdesk/inter', 'live = true\nfiles = "feeds/helpdesk/inter')
    (folder / "tenure.toml").write_text(text)
    for words in (("train", folder), ("score", folder)):
        ran = tenure(*words)
        assert ran.code == 0, ran.err
    return folder


def test_its_tickets_and_follow_ups_are_in_the_lake(shop: Path) -> None:
    project = load_project(shop)
    store = project_store(project)
    [source] = [s for s in current_snapshot(project, store).sources if s.name == "helpdesk"]
    store.dispose()
    assert set(source.kinds) == {"contact_opened", "message_in", "message_out"}
    assert source.kinds["contact_opened"] > 100 and source.quarantined == {}


def test_a_new_follow_up_reaches_the_flag_in_its_ticket_page(shop: Path, filled: Path) -> None:
    keys = {role: tenure("key", "create", role, shop, "--role", role).out.strip() for role in ("agent", "sender")}
    with serving(shop) as address:
        until_ready(address)
        told = {"TENURE_ADDRESS": address, "TENURE_READ_KEY": keys["agent"], "TENURE_SEND_KEY": keys["sender"]}
        with Helpdesk(filled, **told) as desk:
            desk.log_in()
            ticket = next(t for t in desk.every("tickets") if scored(address, t["submitter_email"], keys["agent"]))
            before = scored(address, ticket["submitter_email"], keys["agent"])
            assert before is not None
            assert desk.ticket_page(ticket["id"]).startswith(f"Risk of leaving {before['in_words']}")
            written = requests.post(
                f"{desk.address}/api/followups/",
                json={
                    "ticket": ticket["id"],
                    "user": None,
                    "title": "More",
                    "comment": "I want to cancel.",
                    "public": True,
                },
                auth=AGENT,
                timeout=30,
            )
            assert written.status_code == 201, written.text
            deadline = time.monotonic() + 60
            while (after := scored(address, ticket["submitter_email"], keys["agent"])) and not after["changed"]:
                assert time.monotonic() < deadline, "the follow-up was not seen"
                time.sleep(0.2)
            assert after is not None and after["scored_at"] > before["scored_at"]
            assert after["changed"]["in_words"] in desk.ticket_page(ticket["id"])
        with Helpdesk(filled, **{**told, "TENURE_ADDRESS": "http://127.0.0.1:9"}) as desk:
            desk.log_in()
            assert desk.ticket_page(ticket["id"]) == "Risk of leaving Unavailable"


def scored(address: str, email: str, key: str) -> dict[str, Any] | None:
    """The risk of who wrote a ticket, None where there is none."""
    answer = requests.get(
        f"{address}/v1/customers/{email}/risk",
        params={"source": "helpdesk"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found if found["status"] == "scored" else None
