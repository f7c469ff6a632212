"""DuckDB prints nothing where a command prints its JSON: its bar, which comes after two seconds, is off everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ASK = """
import sys
from pathlib import Path
import duckdb
from tenure.pipelines.sources.engine import open_bare, open_engine
with duckdb.connect() as plain, open_engine(Path(sys.argv[1])) as engine, open_bare(threads=1) as bare:
    for one in (plain, engine, bare):
        print(*one.sql("select current_setting('enable_progress_bar')").fetchall()[0])
"""


def test_no_connection_of_ours_has_a_bar_even_where_python_runs_what_it_was_told(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", ASK, str(tmp_path)], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == ["True", "False", "False"]  # DuckDB's own has one: there is something to switch off


def test_no_other_connection_is_opened() -> None:
    root = Path(__file__).parents[3]
    opened = [
        file.relative_to(root).as_posix()
        for folder in ("pipelines", "models", "serving")
        for file in sorted((root / folder).rglob("*.py"))
        if "duckdb.connect" in file.read_text(encoding="utf-8")
    ]
    assert opened == ["pipelines/sources/engine.py"]
