"""`tenure key` and `tenure audit` as one types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import tenure
from small import FROM_A_FILE
from sqlalchemy import update

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.tables import audit


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "tenure.toml").write_text(FROM_A_FILE)
    return tmp_path


def test_a_key_is_made_listed_rotated_and_revoked(shop: Path) -> None:
    made = tenure("key", "create", "zendesk", shop, "--role", "agent", "--days", 30)
    assert made.code == 0, made.err
    text = made.out.strip()
    assert text.startswith("tnr_") and text not in made.err
    assert "asks for one customer at a time" in made.said
    key_id = text.split("_")[1]
    again = json.loads(tenure("key", "rotate", key_id, shop, "--json").out)
    assert (again["name"], again["role"]) == ("zendesk", "agent")
    assert tenure("key", "revoke", key_id, shop).said == f"revoked zendesk/{key_id}"
    listed = json.loads(tenure("key", "list", shop, "--json").out)
    assert [(k["key_id"], k["revoked_at"] is None) for k in listed] == [(key_id, False), (again["key_id"], True)]
    assert "hash" not in listed[0]
    shown = tenure("key", "list", shop).out
    assert "revoked" in shown and "until revoked" in shown


def test_what_was_done_to_keys_is_on_record_and_a_touched_entry_is_found(shop: Path) -> None:
    text = tenure("key", "create", "zendesk", shop, "--role", "agent").out.strip()
    entries = json.loads(tenure("audit", shop, "--json").out)
    assert [(e["what"], e["detail"]["name"]) for e in entries] == [("key.create", "zendesk")]
    assert text not in json.dumps(entries)
    assert "key.create" in tenure("audit", shop).out
    assert json.loads(tenure("audit", shop, "--verify", "--json").out)["entries"] == 1
    store = project_store(load_project(shop))
    with store.begin() as connection:
        connection.execute(update(audit).values(who="somebody else"))
    store.dispose()
    found = tenure("audit", shop, "--verify")
    assert found.code == 1
    assert "audit entry 1 (key.create" in found.said


def test_a_key_that_is_not_there_is_named(shop: Path) -> None:
    found = tenure("key", "revoke", "nope", shop)
    assert found.code == 1
    assert "no key has the id 'nope'; `tenure key list` shows them" in found.said


def test_a_person_is_invited_listed_and_disabled(shop: Path) -> None:
    made = tenure("user", "add", "Ann@example.com", shop, "--role", "retention")
    assert made.code == 0, made.err
    assert len(made.out.strip()) == 32 and made.out.strip() not in made.err
    assert "/welcome" in made.said and "within 7 days" in made.said
    assert "invited until" in tenure("user", "list", shop).out
    assert tenure("user", "disable", "ann@example.com", shop).said == "disabled ann@example.com"
    listed = json.loads(tenure("user", "list", shop, "--json").out)
    assert [(p["name"], p["role"], p["disabled_at"] is None) for p in listed] == [
        ("ann@example.com", "retention", False)
    ]
    assert "disabled" in tenure("user", "list", shop).out
    entries = json.loads(tenure("audit", shop, "--json").out)
    assert [e["what"] for e in entries] == ["user.add", "user.disable"]


def test_a_person_cannot_be_a_sender_and_nobody_is_not_disabled(shop: Path) -> None:
    assert "people read" in tenure("user", "add", "ann", shop, "--role", "sender").said
    assert "nobody is called 'bob'" in tenure("user", "disable", "bob", shop).said
