"""Run the long tests and keep their last result beside this file: `python tests/long.py`."""

from __future__ import annotations

import datetime as dt
import json
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "long_results.json"
PACKAGES = ("tenure", "duckdb", "lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy")


def main(arguments: list[str]) -> int:
    """Run every test marked `long` and write what came of it; the arguments go to pytest."""
    started = dt.datetime.now(dt.UTC)
    words = ["-q", "-m", "long", *(arguments or [str(HERE)])]
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        code = int(pytest.main([*words, f"--junit-xml={report}", "-o", "junit_family=xunit1"]))
        tests = [_result(case) for case in ElementTree.parse(report).getroot().iter("testcase")]
    content = {
        "date": started.date().isoformat(),
        "command": " ".join(["python", "-m", "pytest", *words]).replace(str(HERE), "tests"),
        "outcome": "passed" if code == 0 else "failed",
        "seconds": round((dt.datetime.now(dt.UTC) - started).total_seconds(), 1),
        "revision": _revision(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "tests": tests,
    }
    RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return code


def _revision() -> str:
    """The commit that was tested, with a plus where files had been changed since; empty outside git."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=HERE, capture_output=True, text=True, check=False
    )
    return found.stdout.strip()


def _result(case: ElementTree.Element) -> dict[str, Any]:
    ended = next((kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None), None)
    told = {p.get("name"): p.get("value") for p in case.iter("property")}
    return {
        "test": f"{case.get('classname')}::{case.get('name')}",
        "outcome": {"failure": "failed", "error": "failed", "skipped": "skipped", None: "passed"}[ended],
        "seconds": round(float(case.get("time", 0)), 1),
    } | {str(name): _value(value) for name, value in told.items() if name != "seconds"}


def _value(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
