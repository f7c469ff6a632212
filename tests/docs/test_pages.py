"""The README beside the code and the files: the feature table, the layout, the links; licence and changelog."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import readme
from feature_table import columns, feature_table

from tenure.pipelines.features.family import BUILT_IN

LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")


def test_the_feature_table_is_what_the_families_return() -> None:
    assert readme.section("features") == feature_table(), "make it anew: python tests/docs/feature_table.py"


def test_every_family_has_columns_and_every_column_a_meaning() -> None:
    found = {family: columns(family) for family in BUILT_IN}
    assert all(found.values())
    assert all(column.meaning for family in found.values() for column in family)


def test_every_package_is_in_the_layout() -> None:
    shown = [LINK.findall(row[0])[0] for row in readme.table("layout")]
    packages = {
        str(p.parent.relative_to(readme.ROOT))
        for top in ("models", "pipelines", "serving")
        for p in (readme.ROOT / top).rglob("__init__.py")
    }
    assert set(shown) == packages | {"notebooks", "tests"}


def test_every_notebook_is_in_the_table() -> None:
    files = {f"notebooks/{path.name}" for path in (readme.ROOT / "notebooks").glob("*.ipynb")}
    assert files == {link for link in LINK.findall(readme.TEXT) if link.endswith(".ipynb")}


def test_links_within_the_repository_resolve() -> None:
    headings = {_anchor(line) for line in readme.TEXT.splitlines() if line.startswith("#")}
    for link in LINK.findall(readme.TEXT):
        path, _, anchor = link.partition("#")
        assert link.startswith("https://") or not path or (readme.ROOT / path).exists(), link
        assert not anchor or path or anchor in headings, link


def _anchor(heading: str) -> str:
    words = re.sub(r"[^\w\- ]", "", heading.lstrip("#").strip().lower())
    return words.replace(" ", "-")


def test_the_pages_are_plain_text() -> None:
    for name in ("README.md", "CHANGELOG.md"):
        text = (readme.ROOT / name).read_text(encoding="utf-8").replace("✓", "")
        assert [line for line in text.splitlines() if not line.isascii()] == []


def test_the_changelog_speaks_of_this_version() -> None:
    version = tomllib.loads(_text("pyproject.toml"))["project"]["version"]
    assert version in re.split(r"^## ", _text("CHANGELOG.md"), flags=re.MULTILINE)[1]


def test_the_licence_is_the_one_declared() -> None:
    assert tomllib.loads(_text("pyproject.toml"))["project"]["license"] == "Apache-2.0"
    assert re.search(
        r"Apache License\s+Version 2\.0, January 2004.*END OF TERMS AND CONDITIONS", _text("LICENSE"), re.DOTALL
    )


def _text(name: str) -> str:
    return Path(readme.ROOT / name).read_text(encoding="utf-8")
