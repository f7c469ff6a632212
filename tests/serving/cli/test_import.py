"""`tenure import`: from an export to a project that can be checked, without touching what stands in its file."""

from __future__ import annotations

import json
import tomllib

import desk
import pytest
from command import tenure

PROJECT = """\
# our own words
[project]
name = "desk"
clock = "data"

[outcome.silence]
type = "inactivity"
kinds = ["message_in", "contact_opened"]
eligible = { active_days = 60 }
horizon_days = 28
"""


@pytest.fixture
def project(tmp_path):
    file = tmp_path / "shop" / "tenure.toml"
    file.parent.mkdir()
    file.write_text(PROJECT)
    return file


@pytest.fixture
def export(tmp_path):
    return desk.zendesk(tmp_path / "export", desk.desk(20))


def test_a_project_learns_of_the_feed_and_can_be_checked(project, export):
    ran = tenure("import", "zendesk", export, "--project", project)
    assert ran.code == 0, ran.err
    assert project.read_text().startswith(PROJECT)
    assert [s["name"] for s in tomllib.loads(project.read_text())["source"]] == [
        "zendesk",
        "zendesk_profiles",
        "zendesk_identities",
    ]
    found = json.loads(tenure("check", project, "--json").out)
    (source,) = (s for s in found["sources"] if s["name"] == "zendesk")
    assert (source["quarantined"], source["matched_share"]) == ({}, 1.0)
    assert found["customers"] == len(
        {t.customer for t in desk.desk(20)}
        | {e.value for t in desk.desk(20) for e in t.events if e.what == "hand over"}
    )


def test_what_stands_in_the_file_is_never_rewritten(project, export):
    tenure("import", "zendesk", export, "--project", project)
    changed = (
        project.read_text()
        .replace("select interaction_id,", "select interaction_id, 1 as mine,")
        .replace("zendesk_profiles", "my_profiles")
    )
    project.write_text(changed)
    ran = tenure("import", "zendesk", export, "--project", project.parent)
    assert ran.code == 0, ran.err
    assert project.read_text().startswith(changed.rstrip("\n"))
    assert "added to" in ran.said and "zendesk_profiles" in ran.said.split("added to")[1]


def test_without_a_project_the_sources_are_printed(export, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = tenure("import", "zendesk", export, "--name", "help")
    assert ran.code == 0, ran.err
    sources = tomllib.loads(ran.out)["source"]
    assert [s["name"] for s in sources] == ["help", "help_profiles", "help_identities"]
    assert all((tmp_path / s["files"]).is_file() for s in sources)


def test_the_report_counts_kinds_and_what_was_left_out(export, tmp_path):
    ran = tenure("import", "zendesk", export, "--out", tmp_path / "feed", "--json")
    content = json.loads(ran.out)
    assert sum(content["kinds"].values()) == content["entered"]["new"] > 0
    assert content["skipped"]["private note"] > 0
    assert (content["quarantined"], content["matched_share"]) == ({}, 1.0)
    said = tenure("import", "zendesk", export, "--out", tmp_path / "feed").said
    assert "0 rows are new" in said
    assert "x no interaction: private note" in said


def test_a_file_that_is_no_project_is_left_alone(project, export):
    project.write_text("[project]\nname = 5\n")
    ran = tenure("import", "zendesk", export, "--project", project)
    assert ran.code == 1
    assert "project.name = 5" in ran.said
    assert project.read_text() == "[project]\nname = 5\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("zendesk", "absent"), 1, "no such folder"),
        (("zendesk", "."), 1, "holds no export"),
        (("mapped", ".", "--mapping", "absent.toml"), 1, "no such mapping file"),
        (("zendesk", ".", "--customer", "phone"), 2, "is none of external_id, email, id"),
    ],
)
def test_what_cannot_be_imported_is_said(words, code, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = tenure("import", *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.said
