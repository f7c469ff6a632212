"""`tenure simulate`: writes a project, refuses what cannot be meant, and leaves folders in use alone."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.simulation.parameters import WorldFileError
from tenure.pipelines.simulation.writing import FolderInUse
from tenure.serving.cli.main import app

SMALL = ("--customers", "200", "--days", "182")


def simulate(*words: str) -> Result:
    return CliRunner().invoke(app, ["simulate", *words])


def test_a_world_is_written_as_a_project(tmp_path: Path) -> None:
    done = simulate(str(tmp_path / "world"), *SMALL, "--world", "weak", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    project = load_project(Path(told["project"]))
    assert (project.name, project.primary_outcome) == ("weak", "leaves")
    assert told["rows"] > 10_000
    assert pq.read_metadata(told["truth"]).num_rows == 200


def test_a_switch_takes_the_effect_of_contacts_away(tmp_path: Path) -> None:
    done = simulate(str(tmp_path / "world"), *SMALL, "--no-effect", "--json")
    saved = pq.read_table(json.loads(done.stdout)["truth"])["saved"].to_pandas().dropna()
    assert len(saved) > 50 and (saved == 0).all()


def test_a_world_of_ones_own_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "calm.toml").write_text('name = "calm"\nbase_rate = 0.01\n')
    done = simulate(str(tmp_path / "world"), *SMALL, "--world", str(tmp_path / "calm.toml"))
    assert done.exit_code == 0, done.output
    assert load_project(tmp_path / "world").name == "calm"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('name = "calm"\nbase_rate = 2\n', "base_rate: Input should be less than 0.5, found 2"),
        ('name = "calm"\nbase_rate = 0.1\n[strength]\nservise = 1\n', "strength.servise: Extra inputs"),
        ("name = calm", "is not readable as TOML"),
    ],
)
def test_a_wrong_world_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "calm.toml").write_text(text)
    done = simulate(str(tmp_path / "world"), "--world", str(tmp_path / "calm.toml"))
    assert done.exit_code == 1
    assert isinstance(done.exception, WorldFileError) and words in str(done.exception)
    assert not (tmp_path / "world").exists()


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = simulate(str(tmp_path), *SMALL)
    assert done.exit_code == 1 and isinstance(done.exception, FolderInUse)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
