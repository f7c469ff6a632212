"""An export taken today gives for a past date what an export taken then would have given."""

from __future__ import annotations

import datetime as dt

import desk
import duckdb
import pyarrow.parquet as pq
import pytest
from command import tenure

from tenure.pipelines.importers.chatwoot.export import TOOL as CHATWOOT
from tenure.pipelines.importers.rt.export import TOOL as RT
from tenure.pipelines.importers.run import import_export
from tenure.pipelines.importers.zendesk.export import TOOL as ZENDESK

TOOLS = {"zendesk": (ZENDESK, desk.zendesk), "chatwoot": (CHATWOOT, desk.chatwoot), "rt": (RT, desk.rt)}
MOMENTS = (
    dt.datetime(2024, 1, 20, tzinfo=dt.UTC),
    dt.datetime(2024, 2, 14, 11, 30, tzinfo=dt.UTC),
    dt.datetime(2024, 3, 1, tzinfo=dt.UTC),
    dt.datetime(2024, 4, 9, 23, 59, 59, tzinfo=dt.UTC),
)
PROJECT = """
[project]
name = "desk"
clock = "data"

[outcome.silence]
type = "inactivity"
kinds = ["message_in", "contact_opened"]
eligible = { active_days = 60 }
horizon_days = 28
"""


def feed(tool, folder, tickets):
    reader, write = TOOLS[tool]
    return import_export(write(folder / "export", tickets), reader, out=folder / "feed", name=tool).feed


def known(interactions, before=None):
    """The rows that stand at a moment: of each id the last version known before it, unless withdrawn."""
    where = f"where known_at < timestamptz '{before.isoformat()}'" if before else ""
    return (
        duckdb.sql(f"""
        from (select * exclude (sequence, known_at) from read_parquet('{interactions}') {where}
              qualify row_number() over (partition by interaction_id order by known_at desc) = 1)
        where not retracted order by interaction_id""")
        .to_arrow_table()
        .to_pylist()
    )


@pytest.mark.parametrize("tool", TOOLS)
def test_the_rows_known_at_a_moment_are_those_of_an_export_cut_there(tool, tmp_path):
    whole = desk.desk(40)
    full = feed(tool, tmp_path / "full", whole)
    for moment in MOMENTS:
        then = feed(tool, tmp_path / f"{moment:%j}", desk.until(whole, moment))
        rows = known(then.interactions)
        assert len(rows) > 100
        assert known(full.interactions, moment) == rows, moment


@pytest.mark.parametrize("tool", TOOLS)
def test_the_state_of_today_is_really_in_the_export(tool, tmp_path):
    """Were a current-state column read, the property above would have something to find."""
    whole = desk.desk(40)
    cut = desk.until(whole, MOMENTS[1])
    ended = {t.number for t in whole if desk.status(t) == "solve"}
    assert {t.number for t in cut if desk.status(t) != "solve"} & ended
    kinds = {r["kind"] for r in known(feed(tool, tmp_path, whole).interactions)}
    assert kinds >= {"contact_opened", "message_in", "message_out", "assigned", "escalated", "resolved", "reopened"}
    assert tool == "rt" or kinds >= {"survey_sent", "survey_answered"}


@pytest.mark.parametrize("tool", TOOLS)
def test_features_of_a_past_date_do_not_depend_on_when_the_export_was_taken(tool, tmp_path):
    whole, day = desk.desk(150 if tool == "zendesk" else 70), MOMENTS[2]
    tables = []
    for name, tickets in (("full", whole), ("then", desk.until(whole, day))):
        folder = tmp_path / name
        export = TOOLS[tool][1](folder / "export", tickets)
        (folder / "visits.csv").write_text("customer,at\nnobody,2024-01-01 10:00\n")
        (folder / "tenure.toml").write_text(PROJECT)
        for words in (
            ("import", tool, export, "--project", folder),
            ("check", folder),
            ("features", folder, "--as-of", day.date(), "--allow-stale", "--out", folder / "features.parquet"),
        ):
            ran = tenure(*words)
            assert ran.code == 0, ran.err
        tables.append(pq.read_table(folder / "features.parquet"))
    full, then = tables
    assert full.num_rows > 40
    assert {"contact_opened_count_91d", "message_in_days_since_last"} <= set(full.column_names)
    assert full.equals(then)
