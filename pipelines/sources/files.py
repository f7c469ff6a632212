"""Finding the files a source names: paths, globs, folders by partition, and data inside packages."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

from tenure.pipelines.settings.source import Source

TABLES = (".parquet", ".pq")
TEXTS = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
LINES = (".txt", ".txt.gz")


class SourceFileError(ValueError):
    """A file that a source names is missing, empty, unreadable or of an unknown form."""


@dataclass(frozen=True)
class FileSet:
    """The files that a `select` sees under one name."""

    name: str
    paths: tuple[Path, ...]
    form: str
    hive: bool

    @property
    def folders(self) -> set[Path]:
        """The folders an import must be allowed to read."""
        return {p.parent for p in self.paths}


def find_files(source: Source, *, root: Path) -> tuple[FileSet, ...]:
    """Every file of `source`, sorted; `SourceFileError` when one is missing, empty or of an unknown form."""
    return tuple(_file_set(source.name, name, patterns, root) for name, patterns in source.files.items())


def _file_set(source: str, name: str, patterns: tuple[str, ...], root: Path) -> FileSet:
    paths = [path for pattern in patterns for path in _matches(source, pattern, root)]
    for path in paths:
        if path.stat().st_size == 0:
            raise SourceFileError(f"source {source!r}: {path} is empty (0 bytes); expected a header and rows")
    forms = {_form(source, path) for path in paths}
    if len(forms) > 1:
        raise SourceFileError(
            f"source {source!r}: `files.{name}` mixes {' and '.join(sorted(forms))} files; "
            "give each form a name of its own"
        )
    hive = all("=" in str(path.parent.name) for path in paths)
    return FileSet(name, tuple(paths), forms.pop(), hive)


def _matches(source: str, pattern: str, root: Path) -> list[Path]:
    place = _in_package(source, pattern) if pattern.startswith("package:") else str(root / pattern)
    if not glob.has_magic(place):
        path = Path(place)
        if path.is_dir():
            raise SourceFileError(
                f"source {source!r}: {path} is a folder; name its files, such as '{pattern}/**/*.parquet'"
            )
        if not path.is_file():
            raise SourceFileError(f"source {source!r}: no file {path}{_near(path)}")
        return [path]
    found = sorted(Path(p) for p in glob.glob(place, recursive=True) if Path(p).is_file())
    if not found:
        raise SourceFileError(f"source {source!r}: no file matches {place}; check `files` in the project file")
    return found


def _in_package(source: str, pattern: str) -> str:
    package, _, inside = pattern.removeprefix("package:").partition("/")
    spec = find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise SourceFileError(
            f"source {source!r}: the package {package!r} of `{pattern}` is not installed; "
            f"install it, for example with `pip install {package.replace('_', '-')}`"
        )
    return str(Path(spec.submodule_search_locations[0]) / inside)


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return f"; its folder {path.parent} does not exist"
    close = get_close_matches(path.name, [p.name for p in path.parent.iterdir()], n=1)
    return f"; did you mean {close[0]!r}?" if close else "; paths are relative to the project file"


def _form(source: str, path: Path) -> str:
    name = path.name.lower()
    for form, endings in (("parquet", TABLES), ("csv", TEXTS), ("lines", LINES)):
        if name.endswith(endings):
            return form
    raise SourceFileError(
        f"source {source!r}: {path} has an ending Tenure does not read; "
        f"expected one of {', '.join(TABLES + TEXTS + LINES)}"
    )
