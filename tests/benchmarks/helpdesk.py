"""The Italian helpdesk, with the family `service` and without it, on the same rows and with the same seeds.

`python tests/benchmarks/helpdesk.py [--development]`. Two questions at 2013-01-01, each about the next 180 days:
`quiet`, the published one (nothing in any ticket, of the 256 customers who had anything in the year before),
and `silence` (no new ticket, of the 136 who opened one in the half year before). It prints JSON: ROC AUC of
days since last and of every model with its 95 % interval, and what the family adds. With `--development` the
five origins of 2011 and 2012 on which the settings were chosen.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

from measured import rounded

from tenure.models.bootstrap import Interval
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.proof.backtest import BacktestResult
from tenure.pipelines.proof.paired import paired_family
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

SETTINGS = Path(__file__).parents[1] / "projects" / "helpdesk_italy.toml"
SHARED = Path(__file__).parents[2].parent / "shared"
FAMILY = "service"
LEAST = 0.766
"""What a plain logistic regression on counts reached for `quiet`, as measured apart from this code."""


def main(outcome: str, *, development: bool) -> dict[str, Any]:
    """Both back-tests of one question."""
    with tempfile.TemporaryDirectory(prefix="tenure-") as name:
        root = Path(name)
        (root / "tenure.toml").write_text(SETTINGS.read_text().replace("../../../shared", str(SHARED)))
        project = load_project(root / "tenure.toml")
        now = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)
        snapshot = import_sources(project, now=now, store=open_store(project.data))
        study = Study.of(project, snapshot, outcome)
        origins = project.backtest.development if development else project.backtest.origins
        found = paired_family(study, FAMILY, origins or ())
    return {
        "customers": [origin.units for origin in found.with_it.origins],
        "with": areas(found.with_it),
        "without": areas(found.without),
        "added": {model: interval(found.differences(model)["roc_auc"]) for model in ("risk", "logistic", "boosted")},
    }


def areas(result: BacktestResult) -> dict[str, Any]:
    """ROC AUC of every model, the mean over origins, with its interval."""
    return {model: interval(result.summary.interval(model, "roc_auc")) for model in result.summary.values}


def interval(found: Interval) -> list[float]:
    """The value, and the ends of its interval."""
    return [found.value, found.low, found.high]


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--development", action="store_true", help="the origins on which settings were chosen")
    given = asked.parse_args()
    answers = {name: main(name, development=given.development) for name in ("quiet", "silence")}
    print(json.dumps(rounded({**answers, "required_for_quiet": LEAST}), indent=1))
