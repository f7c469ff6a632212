"""A bento of the service: what is in it, and that it serves a trained project by itself."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

import pytest
from cluster import free_port
from command import program, tenure
from service import get, until_ready
from workers import Line

from tenure.pipelines.settings.load import load_project
from tenure.serving.bento import bentofile, pinned

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bento(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Path]:
    """The tag of a bento of the shop, and the folder in which BentoML keeps it."""
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bentos"))
    ran = program("bento", trained, "--json")
    assert ran.code == 0, ran.err
    tag = json.loads(ran.out)["tag"]
    assert re.fullmatch(r"tenure:[a-z0-9]+", tag)
    return tag, tmp_path / "bentos" / "bentos" / "tenure" / tag.partition(":")[2]


@contextmanager
def served(tag: str, project: Path) -> Iterator[str]:
    """Run `bentoml serve` on a free port, the project named by the environment alone."""
    port = free_port()
    command = [sys.executable, "-m", "bentoml", "serve", tag, "--port", str(port)]
    environment = os.environ | {"TENURE_PROJECT": str(project / "tenure.toml"), "OMP_NUM_THREADS": "1"}
    with (project / "bento.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=project.parent, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(90)


def test_a_bento_serves_a_trained_project_with_its_own_code(bento: tuple[str, Path], trained: Path) -> None:
    tag, folder = bento
    code = folder / "src" / "tenure" / "serving" / "app.py"
    code.write_text(code.read_text().replace('SUMMARY = "', 'SUMMARY = "In a bento: '))
    listed = json.loads(tenure("list", trained, "--capacity", 1, "--format", "json").out)[0]
    with served(tag, trained) as address:
        wait_until_it_listens(address)
        assert until_ready(address)[0] == 200
        found = get(f"{address}/v1/customers/{listed['customer_id']}/risk")[1]
        assert (found["probability"], found["model_version"]) == (listed["churn_probability"], "shop-lapse/1")
        assert get(f"{address}/v1/openapi.json")[1]["info"]["summary"].startswith("In a bento: ")
        with closing(Line(int(address.rpartition(":")[2]))) as line:
            assert f'version="{version("tenure")}"' in line.ask("/metrics").body.decode()


def wait_until_it_listens(address: str) -> None:
    for _ in range(300):
        try:
            get(f"{address}/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the bento does not answer")


def test_a_bento_holds_code_and_pins_and_nothing_of_the_project(bento: tuple[str, Path]) -> None:
    _, folder = bento
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert not [file for file in files if file.name in ("tenure.toml", "store.sqlite") or file.suffix == ".pyc"]
    pins = (folder / "env" / "python" / "requirements.txt").read_text().split()
    assert f"lightgbm=={version('lightgbm')}" in pins
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.+!]+", pin) for pin in pins)  # no address of any registry
    assert (folder / "src" / "tenure" / "serving" / "web" / "templates" / "login.html").is_file()


def test_pins_are_of_all_that_the_project_declares(trained: Path) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[^a-z0-9-]", line)[0] for line in declared}
    held = {pin.partition("==")[0] for pin in pinned("tenure")}
    assert names <= held
    assert "tenure" not in held and "pytest" not in held and "psycopg" not in held
    assert "psycopg" in {pin.partition("==")[0] for pin in pinned("tenure", {"postgres"})}
    assert bentofile(load_project(trained))["labels"] == {"project": "shop", "release": version("tenure")}
