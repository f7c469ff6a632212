"""Any other tool: its CSV, JSON or lines of JSON, taken apart by a small mapping file.

A rule of the mapping names the files it is about and, for each column of Tenure, where in a record its value stands: a
dotted path, a constant (`value`), or a path with a table of `words`, with a scale from `low` to `high`, or with a
`prefix` that keeps the ids of one rule apart from those of another.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from tenure.pipelines.catalogue import did_you_mean
from tenure.pipelines.importers.values import identifier
from tenure.pipelines.settings.frozen import Frozen, Name
from tenure.pipelines.settings.zones import Zone

COLUMNS: dict[str, tuple[str, ...]] = {
    "interactions": (
        "interaction_id", "external_id", "customer_id", "contract_id", "occurred_at", "known_at", "due_at",
        "retracted", "kind", "channel", "direction", "case_id", "agent_id", "team_id", "product_id", "amount",
        "wait_seconds", "handle_seconds", "rating", "text",
    ),
    "people": ("external_id", "customer_id", "email", "known_at"),
    "profiles": ("external_id", "name", "value", "occurred_at"),
}  # fmt: skip
NEEDED = {
    "interactions": (("external_id", "customer_id"), ("occurred_at",), ("kind",)),
    "people": (("external_id",), ("customer_id", "email")),
    "profiles": (("external_id",), ("name",), ("value",)),
}


class MappingFileError(ValueError):
    """The mapping file is missing, is not TOML, or holds what cannot be meant."""


class Where(Frozen):
    """Where the value of a column comes from."""

    path: str | None = Field(None, alias="from")
    value: str | float | bool | None = None
    prefix: str = ""
    words: dict[str, str] = Field(default_factory=dict)
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Where:
        if (self.path is None) == (self.value is None):
            raise ValueError("give either `from`, a path in the record, or `value`, a constant")
        if (self.low is None) != (self.high is None) or (self.low is not None and self.low == self.high):
            raise ValueError("a scale needs `low` and `high`, its worst and its best value")
        return self

    def look_up(self, record: Mapping[str, Any]) -> Any:
        """The value for a record; a word that is not in the table gives nothing."""
        if self.path is None:
            return self.value
        found = at_path(record, self.path)
        if self.words:
            return self.words.get(str(identifier(found) if not isinstance(found, bool) else found).strip())
        return f"{self.prefix}{identifier(found)}" if self.prefix and identifier(found) else found


class Rule(Frozen):
    """What becomes of the records of some files. `when` are conditions a record must meet, path by path."""

    into: Literal["interactions", "people", "profiles"] = "interactions"
    files: str = "*"
    records: str = ""
    timezone: Zone | None = None
    when: dict[str, str | float | bool | list[str]] = Field(default_factory=dict)
    columns: dict[str, Where]
    attributes: dict[str, str] = Field(default_factory=dict)

    @field_validator("columns", mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: {"from": where} if isinstance(where, str) else where for name, where in given.items()}

    @model_validator(mode="after")
    def _known(self) -> Rule:
        known = COLUMNS[self.into]
        for name in self.columns:
            if name not in known:
                raise ValueError(f"{name!r} is no column of {self.into}{did_you_mean(name, list(known))}")
        for choice in NEEDED[self.into]:
            if not any(name in self.columns for name in choice):
                raise ValueError(f"a rule into {self.into} must give {' or '.join(choice)}")
        return self

    def about(self, file: Path) -> bool:
        """Whether the rule is about the records of a file."""
        return fnmatch(file.name, self.files)

    def holds(self, record: Mapping[str, Any]) -> bool:
        """Whether a record meets every condition."""
        return all(_equal(at_path(record, path), wanted) for path, wanted in self.when.items())


class MappingFile(Frozen):
    """A whole mapping file: the name of the tool and its rules."""

    name: Name
    rule: tuple[Rule, ...] = Field(min_length=1)


def load_mapping(file: Path) -> MappingFile:
    """Read a mapping file; `MappingFileError` says which key is wrong and why."""
    if not file.is_file():
        raise MappingFileError(f"{file}: no such mapping file")
    try:
        return MappingFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingFileError(f"{file}: is not readable as TOML: {error}") from error
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(p) for p in e['loc'])}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()
        ]
        raise MappingFileError(f"{file}:\n" + "\n".join(lines)) from error


def at_path(record: Any, path: str) -> Any:
    """What stands at a dotted path; a key that itself holds dots is found too, absent is nothing.

    >>> at_path({"ticket": {"id": 81}, "a.b": 1}, "ticket.id"), at_path({"a.b": 1}, "a.b"), at_path({}, "x.y")
    (81, 1, None)
    """
    if isinstance(record, dict) and path in record:
        return record[path]
    here = record
    for part in path.split("."):
        if isinstance(here, dict):
            here = here.get(part)
        elif isinstance(here, list) and part.isdigit() and int(part) < len(here):
            here = here[int(part)]
        else:
            return None
    return here


def _equal(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return any(_equal(found, one) for one in wanted)
    if isinstance(wanted, bool):
        return found is wanted or str(found).lower() == str(wanted).lower()
    return found is not None and (found == wanted or str(found) == str(wanted))
