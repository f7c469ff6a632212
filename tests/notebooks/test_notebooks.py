"""The notebooks run from top to bottom, define nothing, and hold no outputs."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

with warnings.catch_warnings():  # of the libraries, when they are imported
    warnings.simplefilter("ignore")
    from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS = 240

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def read(path: Path) -> NotebookNode:
    """A notebook as it lies in the repository."""
    return nbformat.read(path, as_version=4)


def code(path: Path) -> list[NotebookNode]:
    """Its cells of code."""
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def test_they_are_numbered_in_order() -> None:
    assert [path.name[:3] for path in NOTEBOOKS] == ["01_", "02_", "03_", "04_", "05_", "06_", "07_"]


@every_notebook
def test_it_is_kept_without_outputs(path: Path) -> None:
    assert [cell.outputs for cell in code(path) if cell.outputs] == []
    assert {cell.execution_count for cell in code(path)} == {None}
    assert read(path).metadata.kernelspec.name == "python3"


@every_notebook
def test_it_imports_and_defines_nothing(path: Path) -> None:
    assert [
        cell.source
        for cell in code(path)
        if re.search(r"^\s*(async def|def|class)\s|\blambda\b", cell.source, re.MULTILINE)
    ] == []


@every_notebook
def test_its_cells_are_short_and_a_sentence_stands_before_each(path: Path) -> None:
    cells = read(path).cells
    assert all(len(cell.source.splitlines()) <= 20 for cell in cells)
    assert [cell.cell_type for cell in cells] == ["markdown", "code"] * (len(cells) // 2)


@every_notebook
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_it_runs_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    book = read(path)
    NotebookClient(
        book, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    assert list(tmp_path.iterdir()) == []
