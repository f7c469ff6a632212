"""Erasing a person from the files of the data folder that are neither lake nor store: feeds, caches, exports, logs."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from tenure.pipelines.access.secret import keys_folder
from tenure.pipelines.lake.buckets import bucket_of
from tenure.pipelines.lake.forgotten import named_columns
from tenure.pipelines.lake.rewriting import Stays, column_without, rewrite
from tenure.pipelines.privacy.mentions import Mentioned, is_one_of, mentioned_in
from tenure.pipelines.privacy.person import Person
from tenure.pipelines.privacy.roster import rosters_folder
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.text import Text
from tenure.pipelines.store.sqlite import file_in

CACHE, FEEDS, EMBEDDINGS = "cache", "feeds", "embeddings.sqlite"
LINES = (".csv", ".tsv", ".log", ".ndjson", ".jsonl", ".txt")
"""Endings of files that hold a record a line: the lines that name somebody go, the others stay."""


def erase_from_files(project: Project, person: Person, texts: set[str]) -> dict[str, int]:
    """Erase a person from every file below the data folder but lake, store and registry; how much of what."""
    found = Counter({"cached blocks": _drop_blocks(project.data / CACHE, person)})
    found["cached texts"] = _drop_vectors(project.data / EMBEDDINGS, project.text, texts)
    for source in project.source:
        for folder in sorted((project.data / FEEDS).glob(f"{source.name}-*")):
            found["rows of feeds"] += _erase_from_feed(folder, person, live=folder.name == f"{source.name}-live")
    spoken, is_name = mentioned_in(person.names), is_one_of(person.names)
    for file in _others(project):
        found["places in exports, reports and logs"] += _erase_from_file(file, spoken, is_name)
    return {name: count for name, count in found.items() if count}


def _others(project: Project) -> Iterator[Path]:
    """Files of which nobody knows what they hold: exports, reports, logs, letters."""
    data = project.data
    known = [data / name for name in ("lake", "registry", CACHE, FEEDS, EMBEDDINGS)]
    known += [keys_folder(data), rosters_folder(data)]
    store = file_in(data)
    places = [data]
    if project.alerts is not None and project.alerts.folder is not None:
        places.append(project.root / project.alerts.folder)
    for place in places:
        for file in sorted(place.rglob("*")):
            ours = any(file.is_relative_to(one) for one in known) or file.name.startswith(store.name)
            if file.is_file() and not file.is_symlink() and not ours:
                yield file


def _erase_from_file(file: Path, spoken: Mentioned, is_name: Any) -> int:
    """Leave out of a file what names the person: lines, rows, entries, or the whole file where it cannot be parted."""
    if file.suffix == ".parquet":
        return rewrite(file, _rows_without(is_name))
    if file.suffix in LINES:
        return _erase_lines(file, spoken)
    if file.suffix == ".json":
        return _erase_entries(file, spoken)
    content = _unpacked(file) if zipfile.is_zipfile(file) else file.read_bytes()
    if not spoken(content.decode("utf-8", "replace")):
        return 0
    file.unlink()
    return 1


def _erase_lines(file: Path, spoken: Mentioned) -> int:
    """Leave the records out that name the person; a cell of CSV may go over several lines."""
    text = file.read_bytes().decode("utf-8", "surrogateescape")
    if not spoken(text):
        return 0
    records = _records(text) if file.suffix in (".csv", ".tsv") else text.splitlines(keepends=True)
    kept = [record for record in records if not spoken(record)]
    _put(file, "".join(kept).encode("utf-8", "surrogateescape"))
    return len(records) - len(kept)


def _records(text: str) -> list[str]:
    """The records of CSV, each with its line ends.

    >>> _records('a,b\\r\\n1,"x\\ny"\\r\\n')
    ['a,b\\r\\n', '1,"x\\ny"\\r\\n']
    """
    lines = text.splitlines(keepends=True)
    reader, found, before = csv.reader(io.StringIO(text, newline="")), [], 0
    for _ in reader:
        found.append("".join(lines[before : reader.line_num]))
        before = reader.line_num
    return found


def _erase_entries(file: Path, spoken: Mentioned) -> int:
    """Leave the smallest entries of lists out that name the person; a file that is not JSON goes as a whole."""
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        held = json.loads(text)
    except ValueError:
        held = None
    if not spoken(text) and not (held is not None and spoken(json.dumps(held, ensure_ascii=False))):
        return 0
    kept, gone = _without(held, spoken)
    if held is None or spoken(json.dumps(kept, ensure_ascii=False)):
        file.unlink()
        return 1
    _put(file, json.dumps(kept, ensure_ascii=False).encode())
    return gone


def _without(value: Any, spoken: Mentioned) -> tuple[Any, int]:
    """A value without the entries of lists that name the person in a field of theirs, and how many there were."""
    if isinstance(value, dict):
        parts = {name: _without(one, spoken) for name, one in value.items() if not spoken(name)}
        gone = len(value) - len(parts) + sum(count for _, count in parts.values())
        return {name: one for name, (one, _) in parts.items()}, gone
    if not isinstance(value, list):
        return value, 0
    kept, gone = list[Any](), 0
    for entry in value:
        inner, left = _without(entry, spoken)
        gone += left
        if spoken(json.dumps(inner, ensure_ascii=False)):
            gone += 1
        else:
            kept.append(inner)
    return kept, gone


def _rows_without(is_name: Any) -> Stays:
    def stays(table: pa.Table) -> pa.Array:
        rows = table.to_pylist()
        return pa.array([not any(is_name(value) for value in row.values()) for row in rows], pa.bool_())

    return stays


def _erase_from_feed(folder: Path, person: Person, *, live: bool) -> int:
    """Erase a person from what was delivered, or fetched from a table, which is read by its columns of text."""
    delivered, texts = column_without("customer_id", list(person.customers)), _texts_without(person)
    return sum(rewrite(file, delivered if live else texts) for file in sorted(folder.glob("part-*.parquet")))


def _texts_without(person: Person) -> Stays:
    """Rows stay that have no name of the person in a column of text, or of whole numbers that is called an id."""
    is_name = is_one_of(person.names)

    def stays(table: pa.Table) -> pa.Array:
        goes = [False] * len(table)
        for column in named_columns(table.schema):
            goes = [gone or is_name(one) for gone, one in zip(goes, table[column].to_pylist(), strict=True)]
        return pa.array([not one for one in goes], pa.bool_())

    return stays


def _drop_blocks(cache: Path, person: Person) -> int:
    """Drop the cached blocks of the buckets a person is in; what they held of others is worked out again."""
    found = 0
    for file in sorted(cache.rglob("*")):
        buckets, _, bucket = file.name.split(".")[0].partition("-")
        if file.is_file() and (not bucket.isdigit() or _holds(int(buckets), int(bucket), person)):
            file.unlink(missing_ok=True)
            found += 1
    return found


def _holds(buckets: int, bucket: int, person: Person) -> bool:
    return bucket in {bucket_of(name, buckets) for name in person.customers}


def _drop_vectors(file: Path, settings: Text, texts: set[str]) -> int:
    """Forget the vectors of texts; where their keys cannot be made here, all of them."""
    if not file.is_file():
        return 0
    from tenure.pipelines.text.embeddings import EmbeddingsMissing, forget_vectors

    try:
        return forget_vectors(file, texts, settings)
    except EmbeddingsMissing:
        file.unlink()
        return 1


def _unpacked(file: Path) -> bytes:
    """What the parts of a zip archive hold, such as a workbook."""
    with zipfile.ZipFile(file) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def _put(file: Path, content: bytes) -> None:
    fresh = file.with_name(f".{file.name}.part")
    fresh.write_bytes(content)
    fresh.replace(file)
