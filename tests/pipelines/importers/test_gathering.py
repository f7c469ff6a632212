"""Records of one case replayed in memory: the same as an import of them as a log, in whatever order they come."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import hooks
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.pipelines.importers.chatwoot.export import TOOL as CHATWOOT
from tenure.pipelines.importers.chatwoot.hooks import case_of as conversation_of
from tenure.pipelines.importers.feed import Feed
from tenure.pipelines.importers.gathering import Gathered, customer_of, gather, people_of, replay_gathered, together
from tenure.pipelines.importers.people import KEYS, Key, gather_people, write_identities
from tenure.pipelines.importers.run import import_export
from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Person
from tenure.pipelines.importers.zendesk.export import TOOL as ZENDESK
from tenure.pipelines.importers.zendesk.hooks import case_of as ticket_of

TOOLS = {"zendesk": ZENDESK, "chatwoot": CHATWOOT}
CASES = {"zendesk": ticket_of, "chatwoot": conversation_of}
IN_ONE_CASE = "sequence"
"""The place of a row in its case keeps rows of one instant in order in a file, and goes no further."""


def replayed(records: Sequence[Any], tool: str) -> list[dict[str, Any]]:
    case = next(found for record in records if (found := CASES[tool](record)))
    rows = replay_gathered(case, together(gather(record, TOOLS[tool]) for record in records), TOOLS[tool])
    return in_order([row._asdict() for row in rows])


def imported(records: Sequence[Any], tool: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export"
        export.mkdir()
        (export / "log.ndjson").write_text("\n".join(map(json.dumps, records)))
        report = import_export(export, TOOLS[tool], out=Path(folder) / "feed", name=tool)
        rows = pq.read_table(report.feed.interactions).to_pylist()
    return in_order([row | {"attributes": dict(row["attributes"] or []) or None} for row in rows])


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [{name: value for name, value in row.items() if name != IN_ONE_CASE} for row in rows]
    return sorted(found, key=lambda row: (row["interaction_id"], row["known_at"]))


@pytest.mark.parametrize("tool", TOOLS)
@given(data=st.data())
def test_any_order_and_repetition_gives_what_importing_the_log_gives(tool: str, data: st.DataObject) -> None:
    life = data.draw(hooks.LIVES[tool])
    expected = imported(life, tool)
    assert expected[0]["kind"]
    assert replayed(hooks.shuffled(life, data), tool) == expected


def test_a_webhook_means_something_or_not() -> None:
    assert ticket_of(hooks.zendesk("created", 0)) == "35436"
    assert ticket_of(hooks.zendesk("tags_changed", 0)) is None
    assert ticket_of({"type": "zen:event-type:user.created"}) is None
    assert ticket_of({"type": "zen:event-type:ticket.created"}) == ""
    assert [ticket_of(record) for record in ([], "x", None, {}, {"type": 7})] == [None] * 5
    assert conversation_of(hooks.message(1, 0, "x", incoming=True)) == "42"
    assert conversation_of(hooks.conversation("conversation_updated", 0, label_list=([], ["a"]))) is None
    assert conversation_of(hooks.conversation("conversation_updated", 0, status=("open", "resolved"))) == "42"
    assert conversation_of(hooks.conversation("conversation_updated", 0)) is None
    assert conversation_of({"event": "webwidget_triggered"}) is None
    assert conversation_of({"event": "message_created"}) == ""
    assert [conversation_of(record) for record in ([], 1, {}, {"event": ["x"]})] == [None] * 4


def test_a_record_that_cannot_be_understood_says_why() -> None:
    with pytest.raises(Unreadable, match="without id, time, ticket"):
        gather({"type": "zen:event-type:ticket.created"}, ZENDESK)


def test_who_sent_a_message_is_known_where_the_record_says_so() -> None:
    inside = {"id": 42, "meta": {"sender": {"id": 9, "identifier": "anna"}}}
    (row,) = replayed([hooks.message(1, 5, "hello", incoming=True) | {"conversation": inside}], "chatwoot")
    assert (row["kind"], row["external_id"]) == ("message_in", "9")


def test_an_end_user_in_copy_writes_in() -> None:
    life = [hooks.zendesk("created", 0), hooks.said(1, 5, "12", "me too", staff=False)]
    assert [row["kind"] for row in replayed(life, "zendesk")] == ["message_in", "contact_opened"]


PEOPLE = st.lists(
    st.builds(
        Person,
        person_id=st.sampled_from(["1", "2", "3"]),
        version=st.none(),
        external_id=st.sampled_from([None, "ann", "bob"]),
        email=st.sampled_from([None, " Ann@x.org ", "ann@X.org", "bob@x.org", ""]),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda person: person.person_id,
)


@pytest.mark.parametrize("key", KEYS)
@given(people=PEOPLE)
def test_a_customer_is_called_as_an_import_calls_them(key: Key, people: list[Person]) -> None:
    gathered = Gathered()
    gathered.add(*people)
    folk = people_of(gathered)
    ours = {name: customer_of(name, folk, source="desk", key=key) for name in folk}
    assert ours == imported_names(people, key)


def imported_names(people: list[Person], key: Key) -> dict[str, str]:
    """The same by the SQL of the importers."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as engine:
        staging, feed = Staging(Path(folder)), Feed(Path(folder))
        staging.add(*people)
        staging.close()
        staging.quarantine.close()
        names = ", ".join(f"('{person.person_id}')" for person in people)
        engine.execute(f"copy (select * from (values {names}) t(external_id)) to '{feed.interactions}'")
        gather_people(engine, staging.people.file)
        write_identities(engine, feed, name="desk", key=key, merges=staging.merges.file, scratch=Path(folder))
        query = f"select external_id, customer_id from '{feed.identities}' where source = 'desk'"
        return dict(engine.execute(query).fetchall())
