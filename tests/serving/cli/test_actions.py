"""`tenure actions` keeps what can be kept of a file; `tenure list` leaves the hold-out out, and makes pilots."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from command import tenure
from sqlalchemy import Engine, insert

from tenure.pipelines.access.audit import read_entries
from tenure.pipelines.decisions.hold_out import Draw, is_held_out
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.decision_tables import hold_out_draws
from tenure.pipelines.store.frozen_lists import frozen_list
from tenure.serving.cli.opening import Opened
from tenure.serving.cli.sets import draw_hold_out

pytestmark = pytest.mark.parametrize("store_section", ["sqlite"], indirect=True)

DAY = dt.date(2017, 12, 4)


@pytest.fixture
def held(project_file: Path, engine: Engine, put: Callable[..., int]) -> Path:
    """A project with scores, in which ann is held out and the one with a strange name is not."""
    put()
    draws = (Draw(DAY, 0.5, f"salt-{number}", dt.datetime(2017, 12, 4)) for number in range(1_000))
    draw = next(one for one in draws if is_held_out(one, "ann") and not is_held_out(one, "=cmd"))
    with engine.begin() as connection:
        connection.execute(insert(hold_out_draws), {**draw._asdict(), "starts": draw.starts.isoformat()})
    return project_file


FILE = """action_id,customer_id,at,channel,cost,result
one,=cmd,2017-12-05T10:00:00Z,phone,5.92,reached
two,ann,2017-12-05T10:00:00+01:00,,,
three,nobody,2017-12-05T10:00:00Z,,,
four,=cmd,2017-12-05T10:00:00Z,,-1,
five,=cmd,2017-12-05 10:00,,,
six,=cmd,2017-12-05T10:00:00Z,pigeon,,
"""


def test_rows_that_cannot_be_kept_are_reported_and_the_others_are_kept(
    held: Path, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(FILE)
    ran = tenure("actions", "import", file, "--project", held, "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["actions"], told["known"], told["contaminated"]) == (1, 2, 0, 1)
    assert [(one["row"], one["reason"]) for one in told["rejected"]] == [
        (3, "unknown-customer"),
        (4, "negative-cost"),
        (5, "unreadable"),
        (6, "unknown-channel"),
    ]
    again = tenure("actions", "import", file, "--project", held)
    assert (
        "0 contacts are new, 2 were known" in again.said
        and "row 5: at = '2017-12-05 10:00' has no offset" in again.said
    )
    assert [entry.detail["actions"] for entry in read_entries(engine) if entry.what == "actions"] == [2, 0]  # type: ignore[index]
    listed = json.loads(tenure("actions", "list", held, "--json").out)
    assert {(one["customer_id"], one["held_out"]) for one in listed} == {("=cmd", False), ("ann", True)}
    assert "held out" in tenure("actions", "list", held).out


def test_a_parquet_file_keeps_the_types_it_has(held: Path, tmp_path: Path) -> None:
    file = tmp_path / "contacts.parquet"
    rows = {"customer_id": ["=cmd"], "at": [pd.Timestamp("2017-12-05T10:00:00Z")], "cost": [1.5], "list_id": [None]}
    pd.DataFrame(rows).to_parquet(file)
    ran = tenure("actions", "import", file, "--project", held)
    assert ran.code == 0, ran.err
    assert "1 contacts are new" in ran.said


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("contacts.txt", "", "must end in .csv or .parquet"),
        ("contacts.csv", "customer_id\nann\n", "lacks the column 'at'"),
        ("contacts.csv", "customer_id,at,when\nann,x,y\n", "has the unknown column 'when'"),
    ],
)
def test_a_file_that_is_no_table_of_actions_is_refused(
    held: Path, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    ran = tenure("actions", "import", tmp_path / name, "--project", held)
    assert ran.code == 1 and said in ran.said


def test_the_list_leaves_the_hold_out_out_and_says_how_many(held: Path) -> None:
    ran = tenure("list", held, "--sort", "risk", "--format", "json")
    assert [row["customer_id"] for row in json.loads(ran.out)] == ["=cmd"]
    assert "2 are left out: in the hold-out until" in ran.said


def test_a_pilot_is_published_with_its_own_hold_out(held: Path, engine: Engine) -> None:
    ran = tenure("list", held, "--pilot", 10, "--share", 0.5, "--publish")
    assert ran.code == 0, ran.err
    with reading(engine) as connection:
        found = frozen_list(connection, 1)
    assert found is not None
    assert (found[0].sort, [one.unit_id for one in found[1]], found[1][0].propensity) == ("random", ["=cmd"], 0.5)
    assert (
        tenure("list", held, "--pilot", 10).code
        == tenure("list", held, "--pilot", 10, "--share", 1, "--publish").code
        == 2
    )


def test_another_share_in_the_middle_of_a_period_is_said_to_count_later(
    project_file: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = Opened(load_project(project_file), engine, None)  # type: ignore[arg-type]
    draw_hold_out(opened, DAY)
    assert "10% of all people are held out from" in " ".join(capsys.readouterr().err.split())
    project_file.write_text(project_file.read_text() + "[hold_out]\nshare = 0.2\n")
    draw_hold_out(Opened(load_project(project_file), engine, None), DAY)  # type: ignore[arg-type]
    said = " ".join(capsys.readouterr().err.split())
    assert "hold_out.share = 0.2 counts from" in said and "were drawn with 0.1" in said
