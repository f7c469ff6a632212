"""`tenure saves` from a project's folder: a table, JSON, and what is kept for the desk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from campaigns import FIRST, Published, drawn, publish_campaign, write_campaign
from typer.testing import CliRunner

from tenure.pipelines.decisions.saves_document import kept_saves
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.serving.cli.console import results
from tenure.serving.cli.main import app


def test_saves_are_printed_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_width", 140)
    found = [Published(FIRST, drawn(900, seed=3, saved=0.9))]
    project = load_project(write_campaign(tmp_path, found))
    store = project_store(project)
    publish_campaign(store, found)
    store.dispose()
    told = CliRunner().invoke(app, ["saves", str(tmp_path), "--since", "2024-03-05", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["sentence"].startswith("Nothing to measure: no list was published as of 2024-03-05")
    assert kept_saves(project, "lapse") is None  # only some lists were counted
    shown = CliRunner().invoke(app, ["saves", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    first, head, row, together = shown.stdout.splitlines()[:4]
    assert first.startswith("About ")
    assert head.split()[:2] == ["list", "as"]
    assert (row.split()[:2], together.split()[0]) == (["1", "2024-03-04"], "all")
    kept = kept_saves(project, "lapse")
    assert kept is not None
    assert first == kept["sentence"]
    wrong = CliRunner().invoke(app, ["saves", str(tmp_path), "--since", "yesterday"])
    assert wrong.exit_code == 2
