"""The same tickets by webhook and by export: counted once, whichever comes first, and with the features of the export."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hooks as told
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.importers.blocks import source_blocks
from tenure.pipelines.importers.run import import_export
from tenure.pipelines.importers.zendesk.export import TOOL as ZENDESK
from tenure.pipelines.importers.zendesk.hooks import case_of
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.live.hooks import keep_record
from tenure.pipelines.live.replaying import Replayer
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.desk_tables import external_ids
from tenure.pipelines.store.engine import project_store

NOW = dt.datetime(2024, 3, 3, 1, tzinfo=dt.UTC)
DAY = dt.date(2024, 3, 3)
ABOUT = """
[project]
name = "shop"
[outcome.quiet]
type = "inactivity"
kinds = ["message_in"]
horizon_days = 7
eligible = { ever = true }
[features]
min_customers = 1
[hooks.zendesk]
secret = "ZENDESK_HOOK_SECRET"
source = "zendesk"
"""
ALONE = '[[source]]\nname = "zendesk"\nlive = true\n'
Life = list[dict[str, Any]]


class Desk:
    """A project whose tickets come by webhook, by export, or by both."""

    def __init__(self, root: Path) -> None:
        self.root, self.clock = root, NOW - dt.timedelta(hours=1)
        (root / "tenure.toml").write_text(ABOUT + ALONE)
        self.engine: Engine = project_store(self.project)

    @property
    def project(self) -> Project:
        return load_project(self.root)

    def export(self, *lives: Life) -> None:
        """Import an export into the feed, and read it as well from now on."""
        folder = self.root / "export"
        folder.mkdir(exist_ok=True)
        for name, content in told.export_of(*lives).items():
            (folder / name).write_text(json.dumps(content))
        feed = import_export(folder, ZENDESK, out=self.root / "feed", name="zendesk").feed
        blocks = source_blocks(feed, name="zendesk", command="zendesk", root=self.root)
        blocks["zendesk"] = blocks["zendesk"].replace("\nfiles", "\nlive = true\nfiles")
        (self.root / "tenure.toml").write_text(ABOUT + "\n".join(blocks.values()))

    def know(self, **people: str) -> None:
        """Let the store know who is who, as imports do."""
        with self.engine.begin() as connection:
            connection.execute(delete(external_ids))
            rows = [{"source": "zendesk", "external_id": name[1:], "customer_id": who} for name, who in people.items()]
            connection.execute(insert(external_ids), rows)

    def send(self, *records: dict[str, Any]) -> None:
        """Receive webhooks, and let the refresher work on them."""
        self.clock += dt.timedelta(seconds=1)
        for record in records:
            case = case_of(record)
            assert case
            keep_record(self.engine, "zendesk", record, delivery=record["id"], case=case, now=self.clock)
        Replayer(self.project, self.engine).once(self.clock)

    def load(self) -> Snapshot:
        return import_sources(self.project, now=NOW, store=self.engine)

    def features(self, snapshot: Snapshot) -> pd.DataFrame:
        study = Study.of(self.project, snapshot, "quiet")
        return build_examples(study, {DAY}, knowledge={DAY}, processes=1).at(DAY, known_at=DAY)


@contextmanager
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder:
        found = Desk(Path(folder))
        yield found
        found.engine.dispose()


def rows(snapshot: Snapshot) -> list[dict[str, Any]]:
    return pa.concat_tables(pq.read_table(snapshot.interactions(b)) for b in range(snapshot.buckets)).to_pylist()


def expected(*lives: Life) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    with desk() as only:
        only.export(*lives)
        snapshot = only.load()
        return rows(snapshot), only.features(snapshot)


def same(found: Desk, *lives: Life) -> None:
    snapshot = found.load()
    told_rows, features = expected(*lives)
    assert rows(snapshot) == told_rows
    pd.testing.assert_frame_equal(found.features(snapshot), features)


def numbered(lives: Sequence[Life]) -> list[Life]:
    """The lives as those of different tickets, with comments of their own."""
    texts = [json.dumps(life).replace("35436", str(100 + number)) for number, life in enumerate(lives)]
    return [json.loads(text.replace('{"id": "70', f'{{"id": "{number}70')) for number, text in enumerate(texts, 1)]


LIVES = st.lists(told.zendesk_lives(), min_size=1, max_size=3).map(numbered)


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])  # to shrink takes minutes
@given(lives=LIVES, data=st.data())
def test_an_export_and_the_webhooks_of_its_tickets_give_what_the_export_gives(
    lives: list[Life], data: st.DataObject
) -> None:
    with desk() as both:
        both.export(*lives)
        if data.draw(st.booleans()):
            both.load()
            both.know(_11="anna", _12="bert@example.com")
        both.send(*told.shuffled([record for life in lives for record in life], data))
        same(both, *lives)


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])  # to shrink takes minutes
@given(lives=LIVES, data=st.data())
def test_webhooks_first_and_their_export_later_give_what_the_export_gives(
    lives: list[Life], data: st.DataObject
) -> None:
    with desk() as first:
        for record in told.shuffled([record for life in lives for record in life], data):
            first.send(record)
        assert first.load().rows > 0
        first.export(*lives)
        same(first, *lives)


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])  # to shrink takes minutes
@given(lives=LIVES, data=st.data())
def test_an_export_in_the_middle_and_another_one_at_the_end(lives: list[Life], data: st.DataObject) -> None:
    """What was sent after the first export is there at once, and once only when the second one has it too."""
    early = [life[: data.draw(st.integers(1, len(life)))] for life in lives]
    with desk() as between:
        between.export(*early)
        between.load()
        for life in lives:
            between.send(*life)
        live = between.load()
        kinds = sorted((row["case_id"], row["kind"], row["occurred_at"]) for row in rows(live))
        between.export(*lives)
        same(between, *lives)
        assert kinds == sorted((row["case_id"], row["kind"], row["occurred_at"]) for row in rows(between.load()))


def test_a_customer_known_only_by_the_tools_id_becomes_the_one_of_the_export() -> None:
    life, later = (
        [told.zendesk("created", 0)],
        [told.zendesk("created", 9, case="2"), told.said(5, 20, "11", "hello", staff=False, case="2")],
    )
    with desk() as found:
        found.send(*life, *later)
        assert {row["customer_id"] for row in rows(found.load())} == {"zendesk:11"}
        found.export(life)
        assert {row["customer_id"] for row in rows(found.load())} == {"anna"}


@pytest.mark.parametrize("private", [True, False])
def test_a_note_nobody_may_see_is_none_either_way(private: bool) -> None:
    life = [told.zendesk("created", 0), told.said(5, 20, "99", "a secret", staff=True, public=not private)]
    with desk() as found:
        found.send(*life)
        assert [row["kind"] for row in rows(found.load())] == ["contact_opened", *([] if private else ["message_out"])]
        found.export(life)
        same(found, life)
