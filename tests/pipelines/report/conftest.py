"""A back-test made by hand: some customers, four models, two dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tenure.models.bootstrap import bootstrap, mean_over
from tenure.models.feature import Feature
from tenure.models.verdict import Tested, Verdict
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.snapshot import Snapshot, SourceSummary
from tenure.pipelines.proof.backtest import BacktestResult, OriginResult
from tenure.pipelines.proof.document import document
from tenure.pipelines.report.page import write_report
from tenure.pipelines.settings.project import Project

Labels = Sequence[int]
LABELS = (1, 1, 0, 1, 0, 0, 0, 0)
RISK = (0.9, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
MODELS = ("recency", "logistic", "boosted", "risk")


def make_study(root: Path, **profile: dict[str, str]) -> Study:
    project = Project.model_validate(
        {
            "root": root,
            "project": {"name": "corner_shop"},
            "source": [
                {"name": "tills", "files": "tills.csv"},
                {"name": "forms", "files": "forms.csv", "into": "profiles", "timeless": True},
            ],
            "profile": profile,
            "outcome": {"lapse": {"type": "inactivity", "kinds": ["purchase"], "horizon_days": 28}},
            "backtest": {"capacity": 2, "bootstraps": 20},
        }
    )
    day = dt.datetime(2017, 1, 1, tzinfo=dt.UTC)
    source = SourceSummary("tills", "interactions", 9, {}, {"purchase": 9}, day, day, dt.date(2018, 1, 1), None)
    return Study.of(project, Snapshot("000001-abc", root, 1, 9, 8, (source,)))


def make_origin(day: dt.date, labels: Labels = LABELS, risk: Sequence[float] = RISK) -> OriginResult:
    persons = np.array([f"c{place}" for place in range(len(labels))], dtype=str)
    recency = np.asarray(risk)[::-1] if len(set(risk)) > 1 else np.asarray(risk)
    frame = pd.DataFrame({model: recency if model == "recency" else risk for model in MODELS}, dtype=float)
    tested = Tested(day.isoformat(), persons, np.array(labels, dtype=float), frame)
    predictions = {model: frame[model].to_numpy() for model in MODELS}
    drawn = bootstrap(predictions, tested.labels, persons, capacity=2, replicates=20, seed=1) if tested.usable else None
    return OriginResult(day, day, tested, drawn, {"rows": 40, "risk": "blend 0.3"} if drawn else {})


@pytest.fixture(scope="session")
def make_result(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., BacktestResult]:
    """Build a result from origins; left out, two good ones."""

    def make(*origins: OriginResult, verdict: str = "use", **profile: dict[str, str]) -> BacktestResult:
        found = origins or (make_origin(dt.date(2017, 8, 7)), make_origin(dt.date(2017, 9, 4)))
        drawn = mean_over([origin.bootstrap for origin in found if origin.bootstrap])
        said = Verdict(verdict, f"{verdict.capitalize()}: the shop & its tills <say> so.")  # type: ignore[arg-type]
        features = (Feature("any_days_since_last"), Feature("purchase_count_28d"))
        return BacktestResult(
            make_study(tmp_path_factory.getbasetemp(), **profile), found, drawn, drawn, said, features, {"fit": 1.25}
        )

    return make


@pytest.fixture(scope="session")
def report(make_result: Callable[..., BacktestResult], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the report of two good origins, written once."""
    result = make_result()
    return write_report(result, document(result), tmp_path_factory.mktemp("report")).parent


@pytest.fixture(scope="session")
def page(report: Path) -> str:
    """The page in it."""
    return (report / "report.html").read_text("utf-8")


@pytest.fixture
def origin() -> Callable[..., OriginResult]:
    """Build one origin."""
    return make_origin
