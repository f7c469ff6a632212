"""A small project, its store, and a small real scorer."""

from __future__ import annotations

import contextlib
import datetime as dt
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from scored import NOON, put_scores
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store
from tenure.serving.app import create_app
from tenure.serving.histories import History
from tenure.serving.scorer import CannotScore, ModelUnavailable, Reason, Scorer, Scorers, UnitScore
from tenure.serving.settings import ServiceSettings

with warnings.catch_warnings():  # starlette would rather have the successor of httpx
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

TOML = """
[project]
name = "shop"
timezone = "Europe/Warsaw"
primary_outcome = "lapse"
[[source]]
name = "till"
files = "till.csv"
[[source]]
name = "app"
live = true
[outcome.lapse]
type = "inactivity"
kinds = ["purchase"]
eligible = { active_days = 28 }
horizon_days = 28
[outcome.churn]
type = "cancellation"
unit = "contract"
horizon_days = 7
"""


class DaysSinceLast:
    """A scorer that knows only silence: 1 % a day, up to 99 %."""

    def score(self, *, as_of: dt.date, customers: Sequence[History], context: Mapping[str, Any]) -> list[UnitScore]:
        """Score each customer by the days since the last row before `as_of`."""
        midnight = dt.datetime.combine(as_of, dt.time(), dt.UTC)
        return [_by_silence(history, midnight) for history in customers]


def _by_silence(history: History, midnight: dt.datetime) -> UnitScore:
    names = {"unit_id": history.customer_id, "customer_id": history.customer_id}
    seen = [i.occurred_at for i in history.interactions if i.occurred_at < midnight]
    if any(i.kind == "nonsense" for i in history.interactions):
        raise CannotScore(f"customer {history.customer_id!r} has a row that no one can score")
    if not seen:
        return UnitScore(**names, status="new")
    days = (midnight - max(seen)).days
    reason = Reason(theme="recency", text=f"no visit for {days} days", sayable=True, log_odds=days / 10)
    return UnitScore(**names, status="scored", probability=min(days / 100, 0.99), reasons=(reason,))


def load(_outcome: str, version: str) -> Scorer:
    """The scorer of every version but the broken one."""
    if version == "broken":
        raise ModelUnavailable("model broken of 'lapse' differs from its manifest; run `tenure train`")
    return DaysSinceLast()


@pytest.fixture(scope="session")
def project_text() -> str:
    """The text of a project file."""
    return TOML


@pytest.fixture
def project_file(tmp_path: Path, store_section: str) -> Path:
    """A project file, for each database the store may lie in."""
    file = tmp_path / "tenure.toml"
    file.write_text(TOML + store_section)
    return file


@pytest.fixture
def project(project_file: Path) -> Project:
    """The project of `project_file`."""
    return load_project(project_file)


@pytest.fixture
def engine(project: Project) -> Iterator[Engine]:
    """The project's store, empty."""
    engine = project_store(project)
    yield engine
    engine.dispose()


@pytest.fixture
def put(engine: Engine) -> Callable[..., int]:
    """Write and publish a score set of three customers, one with two contracts."""

    def put(outcome: str = "lapse", *, version: str = "7", as_of: dt.date = dt.date(2017, 12, 4)) -> int:
        return put_scores(engine, outcome, version=version, as_of=as_of)

    return put


@pytest.fixture
def scorers() -> Scorers:
    """The verified models, none loaded yet."""
    return Scorers(load)


@pytest.fixture
def client(project: Project, engine: Engine, scorers: Scorers) -> Iterator[TestClient]:
    """A client of the application, at noon of the day the score set is as of."""
    app = create_app(ServiceSettings(project=project), engine=engine, scorers=scorers, now=lambda: NOON)
    yield TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    with contextlib.suppress(SQLAlchemyError):  # where a test took the store away
        app.state.auditor.close()


@pytest.fixture
def scored(client: TestClient, put: Callable[..., int], scorers: Scorers) -> TestClient:
    """The client after scores were published and their model was loaded."""
    put()
    thread = scorers.want("lapse", "7")
    assert thread is not None
    thread.join(10)
    return client
