"""What was read from an export, on disk: steps, cases and people in Parquet, written a batch at a time."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tenure.pipelines.importers.documents import Broken, Document
from tenure.pipelines.importers.steps import Case, Fact, Merge, Person, Step
from tenure.pipelines.importers.values import UNWRITABLE

INSTANT = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
BATCH_ROWS = 20_000
BATCH_CHARACTERS = 32_000_000
LONG = 4_000
"""A text of more characters waits in a file of its own while its case is replayed."""
MARK = "\x00"
"""What no text holds begins the marker that stands for a long one; equal texts have equal markers."""
LONGEST_ROW = 2_000
"""So many characters of an unusable row are kept in quarantine."""

STEPS = pa.schema(
    {
        "case_id": TEXT, "at": INSTANT, "name": TEXT, "key": TEXT, "position": TEXT, "actor": TEXT, "old": TEXT,
        "new": TEXT, "text": TEXT, "channel": TEXT, "side": TEXT, "how": TEXT, "public": pa.bool_(),
        "born": pa.bool_(), "seconds": pa.float64(), "number": pa.float64(), "due_at": INSTANT, "known_at": INSTANT,
        "rank": pa.int32(),
    }
)  # fmt: skip
CASES = pa.schema(
    {
        "case_id": TEXT,
        "version": INSTANT,
        "requesters": pa.list_(TEXT),
        "creator": TEXT,
        "deleted_at": INSTANT,
    }
)
PEOPLE = pa.schema(
    {"person_id": TEXT, "version": INSTANT, "alias": TEXT, "external_id": TEXT, "email": TEXT, "role": TEXT}
)
FACTS = pa.schema({"person_id": TEXT, "name": TEXT, "value": TEXT, "at": INSTANT})
MERGES = pa.schema({"person_id": TEXT, "into": TEXT, "at": INSTANT})
TEXTS = pa.schema({"marker": TEXT, "text": TEXT})
QUARANTINE = pa.schema({"file": TEXT, "number": pa.int64(), "reason": TEXT, "row": TEXT})


class Table:
    """A Parquet file that grows by batches of bounded size."""

    def __init__(self, file: Path, schema: pa.Schema) -> None:
        self.file, self._schema = file, schema
        self._rows: list[tuple[Any, ...]] = []
        self._characters = 0
        self._writer = pq.ParquetWriter(file, schema, compression="lz4")

    def add(self, row: tuple[Any, ...], *, characters: int = 0) -> None:
        """Append a row; `characters` is the length of its longest text."""
        self._rows.append(row)
        self._characters += characters
        if len(self._rows) >= BATCH_ROWS or self._characters >= BATCH_CHARACTERS:
            self._flush()

    def close(self) -> None:
        """Write what is left; the file is complete afterwards."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pa.array(c, f.type) for c, f in zip(columns, self._schema, strict=True)]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows, self._characters = [], 0


class Staging:
    """Everything read so far; `skipped` counts by reason what is no fact or no interaction, `read` the records."""

    def __init__(self, folder: Path) -> None:
        self.steps = Table(folder / "steps.parquet", STEPS)
        self.cases = Table(folder / "cases.parquet", CASES)
        self.people = Table(folder / "people.parquet", PEOPLE)
        self.facts = Table(folder / "facts.parquet", FACTS)
        self.merges = Table(folder / "merges.parquet", MERGES)
        self.texts = Table(folder / "texts.parquet", TEXTS)
        self.quarantine = Table(folder / "quarantine.parquet", QUARANTINE)
        self.read = 0
        self.skipped: Counter[str] = Counter()
        self.quarantined: Counter[str] = Counter()

    def add(self, *found: Step | Case | Person | Fact | Merge) -> None:
        """Keep what was found in a record."""
        for one in found:
            if isinstance(one, Step):
                text = self.short(one.text)
                self.steps.add(one if text is one.text else one._replace(text=text), characters=len(text or ""))
            else:
                self._table_of(one).add(one)

    def short(self, text: str | None) -> str | None:
        """A text, or the marker of a long one; `texts` holds what it stands for."""
        if text is None or len(text) <= LONG:
            return text
        marker = MARK + hashlib.sha256(text.encode()).hexdigest()
        self.texts.add((marker, text), characters=len(text))
        return marker

    def skip(self, reason: str, *, count: int = 1) -> None:
        """Count what is left out on purpose."""
        self.skipped[reason] += count

    def refuse(self, document: Document | Broken, reason: str) -> None:
        """Put a record that cannot be used into quarantine."""
        row = document.row if isinstance(document, Broken) else json.dumps(document.record, default=str)
        kept = UNWRITABLE.sub("�", row[:LONGEST_ROW])
        self.quarantine.add((document.file.name, document.number, UNWRITABLE.sub("�", reason), kept))
        self.quarantined[reason] += 1

    def close(self) -> None:
        """Complete all files but the quarantine, which takes what replaying the cases refuses, too."""
        for table in (self.steps, self.cases, self.people, self.facts, self.merges, self.texts):
            table.close()

    def _table_of(self, one: Case | Person | Fact | Merge) -> Table:
        tables = {Case: self.cases, Person: self.people, Fact: self.facts, Merge: self.merges}
        return tables[type(one)]


class Unreadable(ValueError):
    """A record lacks what is needed, or has a form nobody knows."""
