"""`tenure alerts` and the digests of `tenure run`."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from alerting import SAID
from command import tenure
from mail_server import mail_server

from tenure.pipelines.store.alerts import Alert, keep_alerts
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.engine import open_store

NOON = dt.datetime(2024, 12, 29, 12)
ABOUT = {"unit_id": "c007", "kind": "level", "from_band": "low", "band": "high", "before": 0.05, "probability": 0.31}


@pytest.fixture
def told(trained: Path) -> Path:
    """A trained shop in which one was told of c007, whom pat owns, and of c008, whom nobody owns."""
    about = {**ABOUT, "reasons": SAID, "beyond": False, "as_of": "2024-12-29", "model_version": "m/1"}
    store = open_store(trained / ".tenure")
    with alone(store) as connection:
        raised = [
            Alert(at=NOON, day="2024-12-29", outcome="lapse", customer_id=name, owner=owner, **about)
            for name, owner in (("c007", "pat"), ("c008", None))
        ]
        keep_alerts(connection, raised, a_day=20)
    store.dispose()
    return trained


def settle(folder: Path, text: str) -> None:
    file = folder / "tenure.toml"
    file.write_text(file.read_text() + text)


def test_run_writes_the_digests_and_sends_each_once(told: Path) -> None:
    with mail_server() as server:
        settle(
            told,
            f'[alerts]\nfolder = "digests"\naddresses = {{ pat = "pat@example.com" }}\n'
            f'[alerts.smtp]\nhost = "127.0.0.1"\nport = {server.port}\nfrom = "t@example.com"\nstarttls = false\n',
        )
        ran = tenure("run", told, "--json")
        assert ran.code == 1, ran.err  # there is no model of the other outcome, which keeps no digest back
        assert json.loads(ran.out)["digests"] == "2 digests: 1 sent, 1 without an address in [alerts.addresses]"
        again = tenure("run", told)
        assert "2 digests: 0 sent" in again.err
    [(to, letter)] = server.taken
    assert to == "pat@example.com" and "c007" in str(letter.get_body(("plain",)))
    files = sorted(file.name for file in (told / "digests" / "2024-12-29").iterdir())
    assert files == ["pat.html", "pat.txt", "without_owner.html", "without_owner.txt"]


def test_alerts_are_listed_and_digests_printed(told: Path, tmp_path: Path) -> None:
    settle(told, "[alerts]\n")
    listed = json.loads(tenure("alerts", "list", told, "--json").out)
    assert [(one["customer_id"], one["in_words"]) for one in listed] == [
        ("c008", "entered high: 31 of 100, before 5"), ("c007", "entered high: 31 of 100, before 5"),
    ]  # fmt: skip
    assert "c008" not in tenure("alerts", "list", told, "--owner", "pat").out
    printed = tenure("alerts", "digest", told)
    assert "shop, 2024-12-29: customers of pat" in printed.out and "no visit for 19 days" in printed.out
    found = json.loads(tenure("alerts", "digest", told, "--json", "--out", tmp_path / "out").out)
    assert [(one["owner"], len(one["alerts"]), one["beyond"]) for one in found["digests"]] == [
        ("pat", 1, 0),
        (None, 1, 0),
    ]
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_a_digest_of_a_day_that_is_not_over_or_of_a_project_without_alerts_is_refused(told: Path) -> None:
    assert "has no section [alerts]" in tenure("alerts", "digest", told).said
    settle(told, "[alerts]\n")
    assert tenure("alerts", "digest", told, "--date", "2024-12-30").code == 2
    sending = tenure("alerts", "digest", told, "--send")
    assert sending.code == 1 and "expected the section [alerts.smtp]" in sending.said
