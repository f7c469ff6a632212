"""Guessing a project file from a CSV file."""

from __future__ import annotations

import pytest

from tenure.pipelines.inspection.guess import NothingToGuess, guess_project
from tenure.pipelines.inspection.template import blank_project
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store


def guessed(lake, text):
    (lake.root / "tenure.toml").write_text(guess_project(lake.root / lake.write("my-file.csv", text)))
    return load_project(lake.root)


def test_a_blank_project_file_can_be_read(tmp_path):
    (tmp_path / "tenure.toml").write_text(blank_project())
    assert load_project(tmp_path).name == "my_project"


def test_columns_are_found_by_name_and_content_and_the_result_imports(lake, rows):
    project = guessed(
        lake,
        """OrderNo,CustomerNo,OrderDate,EventType,TotalAmount,Channel
        1,17,2024-01-01 10:00:00,purchase,12.5,web
        2,17,2024-01-02 10:00:00,refund,3,Phone""",
    )
    snapshot = import_sources(project, now=lake.now, store=open_store(project.data))
    assert project.name == "my_file"
    assert rows(snapshot, "customer_id", "kind", "amount", "channel") == [
        ("17", "purchase", 12.5, "web"),
        ("17", "refund", 3.0, "phone"),
    ]


def test_without_a_kind_money_means_purchases(lake):
    project = guessed(lake, "user,date,price\nx,2024-01-01,3.5")
    assert "'purchase' as kind" in project.source[0].select
    assert project.source[0].timezone is None


def test_a_channel_tenure_does_not_know_is_left_as_a_comment(lake):
    project = guessed(lake, "user,date,channel\nx,2024-01-01,pigeon")
    assert '-- also in the file: "channel"' in project.source[0].select


@pytest.mark.parametrize(
    ("text", "said"), [("user,price\nx,3", "no column holds times"), ("a,day\nx,2024-01-01", "like a customer")]
)
def test_what_cannot_be_guessed_is_said(lake, text, said):
    with pytest.raises(NothingToGuess, match=said):
        guess_project(lake.root / lake.write("rows.csv", text))
