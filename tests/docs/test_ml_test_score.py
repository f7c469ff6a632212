"""The ML Test Score in the README: 28 questions, seven in each section, each held by tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import readme

ROOT = Path(__file__).parents[2]
SECTIONS = ("Data", "Model", "Infrastructure", "Monitoring")


def rows() -> dict[str, list[list[str]]]:
    """The rows of each section: number, question, and what holds it."""
    table = readme.TEXT[
        readme.TEXT.index("<!-- ml test score: start -->") : readme.TEXT.index("<!-- ml test score: end -->")
    ]
    found: dict[str, list[list[str]]] = {}
    for line in table.splitlines()[3:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].startswith("**"):
            found[cells[0].strip("*")] = []
        elif len(cells) == 3:
            list(found.values())[-1].append(cells)
    return found


def test_all_28_questions_are_answered() -> None:
    found = rows()
    assert tuple(found) == SECTIONS
    assert all([row[0] for row in section] == list("1234567") for section in found.values())


@pytest.mark.parametrize("section", SECTIONS)
def test_each_is_held_by_tests_of_the_daily_suite(section: str) -> None:
    for number, question, held in rows()[section]:
        files = re.findall(r"\]\((tests/[^)]+)\)", held)
        assert files, f"{section} {number}: {question}"
        for file in files:
            text = (ROOT / file).read_text(encoding="utf-8")
            assert re.search(r"^def test_", text, re.MULTILINE), file
            assert not re.search(r"^pytestmark = pytest\.mark\.(long|skip)", text, re.MULTILINE), file
