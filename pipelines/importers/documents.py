"""Reading an export folder record by record: pages of JSON, lines of JSON, CSV and TSV, also gzipped.

A page of JSON is never held as a whole: the records of its list are decoded one after another.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from tenure.pipelines.importers.scanner import BrokenJson, Scanner

LINES = (".ndjson", ".jsonl")
TABLES = {".csv": ",", ".tsv": "\t"}
PAGES = (".json",)


class ExportFolderError(ValueError):
    """The folder of an export is missing, or holds nothing that can be read."""


class Document(NamedTuple):
    """One record of an export: `collection` is the list of its page, or empty where it stands alone."""

    file: Path
    number: int
    collection: str
    record: Any


class Broken(NamedTuple):
    """A piece of a file that cannot be read."""

    file: Path
    number: int
    reason: str
    row: str


def find_exports(folder: Path) -> list[Path]:
    """Every readable file below `folder`, sorted by name; `ExportFolderError` when there is none."""
    if not folder.is_dir():
        raise ExportFolderError(f"{folder}: no such folder; expected the folder of an export")
    found = sorted(p for p in folder.rglob("*") if p.is_file() and _ending(p) in (*LINES, *TABLES, *PAGES))
    if not found:
        raise ExportFolderError(
            f"{folder}: holds no export; expected files ending in {', '.join((*PAGES, *LINES, *TABLES))}, also with .gz"
        )
    return found


def read_documents(file: Path, *, collections: Set[str]) -> Iterator[Document | Broken]:
    """The records of a file in their order; `collections` are the dotted names of the lists that pages hold."""
    ending = _ending(file)
    with _open(file) as text:
        if ending in LINES:
            yield from _lines(file, text, collections)
        elif ending in TABLES:
            yield from _table(file, text, TABLES[ending])
        else:
            yield from _pages(file, text, collections)


def stem(file: Path) -> str:
    """The name of a file without its endings."""
    return file.name.split(".")[0]


def _ending(file: Path) -> str:
    return Path(file.name.lower().removesuffix(".gz")).suffix


def _open(file: Path) -> TextIO:
    # bytes that are no UTF-8 become half surrogate pairs, which `values.text` then replaces
    opening: Any = gzip.open if file.name.lower().endswith(".gz") else open
    raw = opening(file, "rb")
    return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _lines(file: Path, text: TextIO, collections: Set[str]) -> Iterator[Document | Broken]:
    for number, line in enumerate(text, 1):
        if line.strip():
            yield from _values(file, number, io.StringIO(line), collections)


def _pages(file: Path, text: TextIO, collections: Set[str]) -> Iterator[Document | Broken]:
    yield from _values(file, 0, text, collections)


def _values(file: Path, line: int, text: TextIO, collections: Set[str]) -> Iterator[Document | Broken]:
    scanner, number = Scanner(text), 0
    try:
        for collection, record in scanner.records(collections):
            number += 1
            yield Document(file, line or number, collection, record)
    except BrokenJson as error:
        yield Broken(file, line or number + 1, f"not JSON: {error}", scanner.excerpt())


def _table(file: Path, text: TextIO, delimiter: str) -> Iterator[Document | Broken]:
    csv.field_size_limit(sys.maxsize)
    rows = csv.reader(text, delimiter=delimiter)
    header = [name.strip() for name in next(rows, [])]
    for number, row in enumerate(rows, 2):
        if len(row) < len(header) and any(row):
            yield Broken(file, number, f"{len(row)} cells where the header has {len(header)}", json.dumps(row)[:2000])
        elif any(row):
            yield Document(file, number, "", dict(zip(header, row, strict=False)))
