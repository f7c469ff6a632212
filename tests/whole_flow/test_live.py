"""From a delivery over HTTP to the flag, by the programs as users run them."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import program, start, tenure
from service import get, post, serving, until_ready
from today import bought

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.leases import holding

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy"),
]


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Path], Path]:
    """Gives a shop of today with its scores, in the store of a section `[store]`. Only to be copied."""
    made: dict[tuple[str, Path], Path] = {}
    base = tmp_path_factory.mktemp("run")

    def run(section: str, trained: Path) -> Path:
        if (section, trained) not in made:
            folder = Path(shutil.copytree(trained, base / f"run-{len(made)}"))
            with (folder / "tenure.toml").open("a") as file:
                file.write(section)
            ran = tenure("run", folder)
            assert ran.code == 0, ran.err
            made[section, trained] = folder
        return made[section, trained]

    return run


@pytest.fixture
def shop(run_once: Callable[[str, Path], Path], trained_today: Path, tmp_path: Path, store_section: str) -> Path:
    """The shop with its scores of today, in each database; a schema of PostgreSQL is made for each test."""
    return Path(shutil.copytree(run_once(store_section, trained_today), tmp_path / "shop"))


def until_changed(address: str, customer: str, *, seconds: float = 60) -> Any:
    """Ask for a customer's risk until it was scored again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = get(f"{address}/v1/customers/{customer}/risk")[1]
        if answer["changed"] is not None:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{customer} was not scored again: {answer}")


def test_a_purchase_reaches_the_flag_and_the_next_set(shop: Path) -> None:
    with serving(shop) as address:
        assert until_ready(address)[0] == 200
        riskiest = get(f"{address}/v1/at-risk?limit=1")[1]["rows"][0]
        customer = riskiest["customer_id"]
        status, said = post(f"{address}/v1/interactions", {"interactions": [bought(n, customer) for n in range(3)]})
        assert (status, said["accepted"]) == (202, 3)
        answer = until_changed(address, customer)
        assert answer["probability"] < riskiest["probability"]
        assert answer["changed"]["before"] == riskiest["probability"]
        assert answer["as_of"] == (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)).isoformat()
        again = tenure("run", shop, "--again", "--json")
        assert json.loads(again.out)["outcomes"]["lapse"]["done"], again.err
        answer = get(f"{address}/v1/customers/{customer}/risk")[1]
        assert answer["changed"] is None  # the new set is as of this morning, and knows what was delivered for tonight


@pytest.mark.parametrize("store_section", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True)
def test_the_refresher_is_started_again_when_it_dies(shop: Path) -> None:
    with serving(shop) as address:
        assert until_ready(address)[0] == 200
        names = [row["customer_id"] for row in get(f"{address}/v1/at-risk?limit=2")[1]["rows"]]
        post(f"{address}/v1/interactions", {"interactions": [bought(1, names[0])]})
        until_changed(address, names[0])
        os.kill(refresher_of(shop), signal.SIGKILL)
        post(f"{address}/v1/interactions", {"interactions": [bought(2, names[1])]})
        until_changed(address, names[1], seconds=120)


def refresher_of(shop: Path) -> int:
    """The process that refreshes this shop."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words, variables = (place / "cmdline").read_bytes(), (place / "environ").read_bytes()
        except OSError:
            continue
        if b"tenure.serving.refresher" in words and str(shop).encode() in variables:
            return int(place.name)
    raise AssertionError("no refresher is running")


def test_a_day_is_run_once_and_by_one(shop: Path) -> None:
    ran = tenure("run", shop)
    assert ran.code == 0, ran.err
    assert "lapse: was scored as of" in ran.said
    store = project_store(load_project(shop))
    with holding(store, "run", now=lambda: dt.datetime.now(dt.UTC)):  # as a run has it that is under way
        second = program("run", shop, "--again")
    store.dispose()
    assert (second.code, "is at work already" in second.said) == (1, True), second.err
    again = tenure("run", shop, "--again")
    assert again.code == 0, again.err


@pytest.mark.parametrize("store_section", ["sqlite"], indirect=True)
def test_a_run_may_be_killed_and_started_again(shop: Path) -> None:
    process = start("run", shop, "--again")
    time.sleep(2.0)
    process.kill()
    process.communicate()
    listed = tenure("list", shop)
    assert listed.code == 0
    deadline = time.monotonic() + 90
    while (ran := program("run", shop, "--again")).code != 0 and time.monotonic() < deadline:
        assert "is at work already" in ran.said, ran.err
        time.sleep(5)
    assert ran.code == 0
