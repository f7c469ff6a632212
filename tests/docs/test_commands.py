"""The commands in the README: the safe ones run, all of them exist with the options shown."""

from __future__ import annotations

import csv
import re
import shlex
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import readme
import typer
from typer.testing import CliRunner

from tenure.serving.cli.main import app, run

COMMANDS = typer.main.get_command(app)


def leaves(command: Any, path: str) -> dict[str, Any]:
    """Every command that does something, by its whole name."""
    inner = getattr(command, "commands", None)
    if inner is None:
        return {path: command}
    return {name: leaf for word, sub in inner.items() for name, leaf in leaves(sub, f"{path} {word}").items()}


def tenure(line: str) -> str:
    """Run a command line here; the answer is its standard output."""
    first, *words = shlex.split(line)
    assert first == "tenure", line
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, f"{line}: {done.output} {done.exception!r}"
    return done.stdout


def test_the_installed_command_is_this_one() -> None:
    (found,) = entry_points(group="console_scripts", name="tenure")
    assert found.load() is run


def test_the_table_names_exactly_the_commands_there_are() -> None:
    assert [readme.names(row[0]) for row in readme.table("commands")] == [
        [name] for name in _in_the_order_of_the_table()
    ]
    assert set(leaves(COMMANDS, "tenure")) == set(_in_the_order_of_the_table())


def _in_the_order_of_the_table() -> list[str]:
    return [readme.names(row[0])[0] for row in readme.table("commands")]


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout
    for command in _in_the_order_of_the_table():
        assert re.search(rf"\b{command.split()[1]}\b", shown), command


@pytest.mark.parametrize("line", readme.typed(first="tenure"))
def test_a_command_shown_exists_with_its_options(line: str) -> None:
    found = leaves(COMMANDS, "tenure")
    words = shlex.split(line)
    length = 3 if words[1] in ("actions", "alerts", "event", "feature", "import") else 2
    found[" ".join(words[:length])].make_context(words[1], words[length:])  # raises on an unknown option


@pytest.mark.parametrize("line", readme.typed(first="make"))
def test_a_make_target_shown_exists(line: str) -> None:
    target = line.split()[1]
    assert re.search(rf"^{target}:", (readme.ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_shell_blocks_run_on_the_files_shown(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    for block in readme.blocks("sh"):
        for line in block.text.splitlines():
            tenure(line)
    silence = {name: _days_since_last(shop / name, customer="ann") for name in ("before.csv", "after.csv")}
    shown = re.findall(r"^\| (\d{4}-\d\d-\d\d) \| (\d+) \|", readme.TEXT, re.MULTILINE)
    assert [("2025-03-05", silence["before.csv"]), ("2025-03-09", silence["after.csv"])] == shown


def _days_since_last(file: Path, *, customer: str) -> str:
    with file.open(newline="") as text:
        (row,) = (row for row in csv.DictReader(text) if row["customer_id"] == customer)
    return row["purchase_days_since_last"]


def test_the_python_example_runs(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    (example,) = (b.text for b in readme.blocks("python") if b.text not in readme.files().values())
    exec(compile(example, "README.md", "exec"), {"__name__": "example"})
    assert re.search(r"ann +8\.0", capsys.readouterr().out)


def test_the_features_of_ones_own_come_into_the_table(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    (added,) = (b.text for b in readme.blocks("toml") if "modules" in b.text)
    tenure("tenure feature new loyalty --folder mine")
    text = readme.files()["tenure.toml"].replace("[features]\n", added.replace("features/loyalty", "mine/loyalty"))
    (shop / "own.toml").write_text(text)
    tenure("tenure features own.toml --as-of 2025-03-09 --out own.csv")
    assert {"loyalty_recent_share", "basket_last_share"} <= set(
        (shop / "own.csv").read_text().splitlines()[0].replace('"', "").split(",")
    )
