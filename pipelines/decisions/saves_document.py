"""What was saved as plain data, and where the last count is kept for the desk."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from tenure.models.saves import Saves
from tenure.models.saves_groups import Group
from tenure.pipelines.decisions.saves import SavesReport
from tenure.pipelines.decisions.saves_words import remarks
from tenure.pipelines.settings.project import Project

SCHEMA = 1


def document(report: SavesReport) -> dict[str, Any]:
    """The report as JSON has it: dates as text; keys are the fields of `SavesReport` and of what it is made of.

    `remarks` say in words how far it can be believed.
    """
    return {"schema": SCHEMA, **_fields(report), "remarks": [one._asdict() for one in remarks(report)]}


def keep_saves(project: Project, report: SavesReport) -> Path:
    """Keep the report for the desk, in place of the last one; gives the file."""
    file = _file(project, report.outcome)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}.tmp")
    fresh.write_text(json.dumps(document(report), indent=1), encoding="utf-8")
    os.replace(fresh, file)
    return file


def kept_saves(project: Project, outcome: str) -> dict[str, Any] | None:
    """The document that was kept last; None where none was, or one of another version of this program."""
    file = _file(project, outcome)
    if not file.is_file():
        return None
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return held if held.get("schema") == SCHEMA else None


def _file(project: Project, outcome: str) -> Path:
    return project.data / "saves" / f"{outcome}.json"


def _plain(value: Any) -> Any:
    match value:
        case Saves():
            return {**_fields(value), "saved": _plain(value.saved)}
        case Group():
            return {**_fields(value), "verdict": value.verdict}
        case dt.date():
            return value.isoformat()
        case float():
            return value if math.isfinite(value) else None
        case tuple() | list():
            return [_plain(one) for one in value]
        case _ if is_dataclass(value):
            return _fields(value)
    return value


def _fields(value: Any) -> dict[str, Any]:
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
