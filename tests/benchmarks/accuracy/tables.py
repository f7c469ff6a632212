"""The comparison in Markdown, and the ledger of what was run on report origins."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HEAD = ("rival", "ROC AUC", "minus ours", "AP", "minus ours", "Brier", "log loss", "calibration", "lift", "seconds")


def page(content: dict[str, Any]) -> str:
    """All questions, a table each; the best of a column is not marked, since intervals decide."""
    parts = [f"# Accuracy on {content['which']} origins\n", f"`{content['command']}`\n"]
    for question in content["questions"]:
        parts.append(_section(question))
    return "\n".join(parts) + "\n"


def _section(question: dict[str, Any]) -> str:
    title = f"## {question['set']}" + (f" / {question['outcome']}" if "outcome" in question else "")
    if "absent" in question:
        return f"{title}\n\nNot run: {question['absent']}\n"
    origins = question["origins"]
    about = (
        f"{question['definition']}. {len(origins)} origins ({origins[0]} to {origins[-1]}), {question['rows']:,} rows of "
        f"{question['persons']:,} persons, {question['positives']:,} positives, {question['features']} features, "
        f"{question['seeds']} seeds. Means over origins, 95 % intervals by person; "
        "the seconds of the members of our race are those of the whole race."
    )
    lines = [title, "", about, "", _row(HEAD), _row(["---"] * len(HEAD))]
    for name, found in question["rivals"].items():
        lines.append(_row([name, found["not_run"]]) if "not_run" in found else _row(_cells(name, found)))
    pooled = [
        f"{name} {_number(found['pooled']['roc_auc']['value'])} / {_number(found['pooled']['average_precision']['value'])}"
        for name, found in question["rivals"].items()
        if "pooled" in found
    ]
    notes = [f"{name}: {found['note']}" for name, found in question["rivals"].items() if found.get("note")]
    lines += ["", "Pooled ROC AUC / AP: " + ", ".join(pooled) + ".", *[f"\n{note}." for note in notes]]
    return "\n".join(lines) + "\n"


def _cells(name: str, found: dict[str, Any]) -> list[str]:
    mean, minus = found["mean"], found["minus_ours"]
    limit = found["calibration_error_limit"]["mean"]
    return [
        name,
        _spread(mean["roc_auc"]),
        _spread(minus["roc_auc"], sign=True) if minus else "",
        _number(mean["average_precision"]["value"]),
        _spread(minus["average_precision"], sign=True) if minus else "",
        _number(mean["brier"]["value"], digits=4),
        _number(mean["log_loss"]["value"], digits=4),
        f"{_number(mean['calibration_error']['value'], digits=4)} (limit {_number(limit, digits=4)})",
        _number(mean["lift_top_decile"]["value"], digits=2),
        f"{found['seconds']:.1f}",
    ]


def _spread(found: dict[str, Any], *, sign: bool = False) -> str:
    low, high = _number(found["low"], sign=sign), _number(found["high"], sign=sign)
    return f"{_number(found['value'], sign=sign)} ({low} to {high})"


def _number(value: float | None, *, digits: int = 3, sign: bool = False) -> str:
    """A figure without its leading zero.

    >>> _number(0.8554), _number(-0.0121, sign=True), _number(3.94, digits=2), _number(None)
    ('.855', '-.012', '3.94', '-')
    """
    if value is None:
        return "-"
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return text.replace("0.", ".", 1) if abs(value) < 1 else text


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def enter(ledger: Path, content: dict[str, Any], *, today: dt.date) -> None:
    """Add a line for every question that was run; `count` says how often it has been by now."""
    held = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()] if ledger.is_file() else []
    for question in content["questions"]:
        if "absent" in question:
            continue
        same = [line for line in held if (line["set"], line["outcome"]) == (question["set"], question["outcome"])]
        figures = {
            name: {metric: mean["value"] for metric, mean in found["mean"].items()}
            for name, found in question["rivals"].items()
            if "mean" in found
        }
        line = {
            "date": today.isoformat(),
            "command": content["command"],
            "set": question["set"],
            "outcome": question["outcome"],
            "origins": question["origins"],
            "seeds": question["seeds"],
            "figures": figures,
            "count": len(same) + 1,
        }
        held.append(line)
    ledger.write_text("".join(json.dumps(line) + "\n" for line in held), encoding="utf-8")
