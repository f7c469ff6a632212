"""The ledger of erasures: whom a project has forgotten, as hashes, kept outside the data and every backup.

A backup holds people who were erased after it was made. Whoever brings it back has to show the ledger, so that they
are forgotten again. Each line holds the digest of the line before it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from tenure.pipelines.settings.project import Project

FILE = "erasures.ndjson"
BEGINNING = "0" * 64


class LedgerBroken(ValueError):
    """A line of the ledger was changed, removed or put in, or it is another project's."""


class Erasure(NamedTuple):
    """One person who was erased: when (UTC), and the hash that stands for them in the audit log.

    `names` are the hashes of all names under which rows of the person were held, and `key` is the mark of the key of
    these hashes: by another key nobody can be known again.
    """

    at: str
    of: str
    names: tuple[str, ...] = ()
    key: str = ""


class Ledger(NamedTuple):
    """The erasures of a project in order, and the digest after each; digest 0 is the beginning."""

    erasures: list[Erasure]
    digests: list[str]

    def mark(self) -> dict[str, Any]:
        """How far the ledger goes, as a backup notes it."""
        return {"count": len(self.erasures), "digest": self.digests[-1]}

    def since(self, mark: dict[str, Any]) -> list[Erasure]:
        """What was erased after a backup; raises `LedgerBroken` where the backup knew more, or another ledger."""
        count = int(mark["count"])
        if count >= len(self.digests) or self.digests[count] != mark["digest"]:
            raise LedgerBroken(
                f"the ledger has {len(self.erasures)} erasures and does not go on from the {count} which the backup "
                "knew: it is older than the backup, or of another project; give the newest one"
            )
        return self.erasures[count:]


def ledger_of(project: Project) -> Path:
    """Where the ledger of a project lies: beside the project file."""
    return project.root / FILE


def read_ledger(file: Path) -> Ledger:
    """The ledger in a file, every line checked; empty where there is no file."""
    found, digests = [], [BEGINNING]
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    for number, line in enumerate(lines, start=1):
        try:
            told = json.loads(line)
            erasure = Erasure(str(told["at"]), str(told["of"]), tuple(map(str, told["names"])), str(told["key"]))
            right = told["digest"] == _digest(digests[-1], erasure)
        except (ValueError, KeyError, TypeError):
            right = False
        if not right:
            raise LedgerBroken(f"{file}: line {number} does not follow from those before it; find an untouched copy")
        found.append(erasure)
        digests.append(told["digest"])
    return Ledger(found, digests)


def note_erasure(file: Path, of: str, *, names: Iterable[str] = (), key: str = "", now: dt.datetime) -> Erasure:
    """Add an erasure to the ledger, on disk when this returns."""
    before = read_ledger(file).digests[-1]
    erasure = Erasure(now.astimezone(dt.UTC).isoformat(timespec="seconds"), of, tuple(names), key)
    line = json.dumps({**erasure._asdict(), "digest": _digest(before, erasure)})
    with file.open("a", encoding="utf-8") as ledger:
        ledger.write(f"{line}\n")
        ledger.flush()
        os.fsync(ledger.fileno())
    return erasure


def _digest(before: str, erasure: Erasure) -> str:
    return sha256(json.dumps([before, *erasure]).encode()).hexdigest()
