"""Guessing a project file from a CSV file: which column is the customer, the time, the kind and the amount."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tenure.pipelines.catalogue import CHANNELS
from tenure.pipelines.inspection.template import project_text
from tenure.pipelines.settings.outcome import WRITTEN_BY_US
from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.engine import open_engine
from tenure.pipelines.sources.files import find_files
from tenure.pipelines.sources.quoting import identifier
from tenure.pipelines.sources.times import CLOCK, DAY, OFFSET
from tenure.pipelines.sources.views import create_view

CUSTOMER = "customer client household user member subscriber account patient student person contact buyer email phone"
TIME = "occurred timestamp datetime created date time day ts when at"
KIND = "concept:name kind event action activity type status"
AMOUNT = "amount total value sales revenue spend price paid payment sum cost"
CASE = "case ticket"
FEW = 60
"""A column of kinds has no more different values than this."""


class NothingToGuess(ValueError):
    """The file has no column that could be a customer, or none that could be a time."""


@dataclass(frozen=True)
class Seen:
    """What is in one column: its type, how many different values, and how many look like times."""

    name: str
    kind: str
    rows: int
    distinct: int
    times: float
    zoned: float
    local: float

    @property
    def numeric(self) -> bool:
        """Whether every value is a number."""
        return self.kind in ("BIGINT", "DOUBLE")


def guess_project(csv_path: Path | str) -> str:
    """The text of a project file for one CSV or Parquet file, commented, with a guessed mapping.

    Raises `NothingToGuess` when no column can be the customer or the time.
    """
    path = Path(csv_path).resolve()
    source = Source.model_validate({"name": "interactions", "files": str(path)})
    (files,) = find_files(source, root=path.parent)
    with tempfile.TemporaryDirectory() as scratch, open_engine(Path(scratch), folders=files.folders) as engine:
        names = create_view(engine, files, source=source.name)
        columns = [_look(engine, name) for name in names]
        roles = _roles(columns)
        kinds = (
            _frequent(engine, roles["kind"].name) if "kind" in roles else ["purchase" if "amount" in roles else "visit"]
        )
        if "channel" in roles and not _all_known(engine, roles["channel"].name):
            del roles["channel"]
    return project_text(
        name=_slug(path.name.split(".")[0]),
        source="interactions",
        files=str(path),
        timezone="UTC" if roles["occurred_at"].local else None,
        select=_select(roles, columns, kinds),
        kinds=[k for k in kinds if k not in WRITTEN_BY_US][:5] or ["visit"],
    )


def _look(engine: duckdb.DuckDBPyConnection, name: str) -> Seen:
    column = identifier(name)
    text = f"trim({column}::varchar)"
    shares = ", ".join(
        f"coalesce(avg(regexp_full_match({text}, '{pattern}')::int), 0)"
        for pattern in (f"{CLOCK}{OFFSET}|{CLOCK}|{DAY}", f"{CLOCK}{OFFSET}", CLOCK)
    )
    row = engine.execute(
        f"select any_value(typeof({column})), count({column}), approx_count_distinct({column}), {shares} "
        f"from (select * from source limit 100000)"
    ).fetchone() or ("", 0, 0, 0.0, 0.0, 0.0)
    return Seen(name, *row)


def _roles(columns: list[Seen]) -> dict[str, Seen]:
    """The column for each role; a column has one role at most."""
    roles: dict[str, Seen] = {}

    def take(role: str, words: str, candidates: list[Seen]) -> None:
        free = [c for c in candidates if c not in roles.values()]
        best = max(free, key=lambda c: _likeness(c.name, words), default=None)
        if best is not None and _likeness(best.name, words) > 0:
            roles[role] = best

    filled = [c for c in columns if c.rows]
    dated = [c for c in filled if c.times > 0.9 or c.kind.startswith(("TIMESTAMP", "DATE"))]
    if not dated:
        raise NothingToGuess(
            "no column holds times such as 2024-05-31 or 2024-05-31T08:15:00Z among "
            f"{', '.join(c.name for c in columns)}; write the mapping by hand: `tenure init` gives an empty one"
        )
    take("occurred_at", TIME, dated)
    roles.setdefault("occurred_at", dated[0])
    take("customer_id", CUSTOMER, [c for c in filled if c not in dated])
    if "customer_id" not in roles:
        raise NothingToGuess(
            f"no column is named like a customer among {', '.join(c.name for c in columns)}; "
            "write the mapping by hand: `tenure init` gives an empty one"
        )
    take("kind", KIND, [c for c in filled if not c.numeric and c.distinct <= FEW and c not in dated])
    take("amount", AMOUNT, [c for c in filled if c.numeric])
    take("channel", "channel", [c for c in filled if not c.numeric and c.distinct <= len(CHANNELS)])
    take("case_id", CASE, [c for c in filled if c.distinct > FEW])
    return roles


def _likeness(name: str, words: str) -> float:
    """How well a column's name fits a role: the earlier word counts more, a whole word more than a part."""
    parts = [p for p in re.split(r"[^a-z:]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()) if p]
    for rank, word in enumerate(words.split()):
        if word in parts or (len(word) > 3 and any(p.startswith(word) for p in parts)) or name.lower() == word:
            return 1 / (1 + rank) + (0.02 if "id" in parts or name.lower().endswith("id") else 0)
    return 0.0


def _select(roles: dict[str, Seen], columns: list[Seen], kinds: list[str]) -> str:
    lines = [f"{identifier(roles[r].name)} as {r}" for r in ("customer_id", "occurred_at")]
    lines.append(f"{identifier(roles['kind'].name)} as kind" if "kind" in roles else f"'{kinds[0]}' as kind")
    lines += [f"{identifier(roles[r].name)} as {r}" for r in ("amount", "channel", "case_id") if r in roles]
    others = [c.name for c in columns if c not in roles.values()]
    rest = "".join(f"\n       -- also in the file: {identifier(name)}" for name in others if "'''" not in name)
    return "select " + ",\n       ".join(lines) + rest + "\nfrom source"


def _frequent(engine: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    name = identifier(column)
    rows = engine.execute(
        f"select {name}::varchar from source where {name} is not null group by 1 order by count(*) desc, 1"
    )
    return [row[0].strip() for row in rows.fetchall()]


def _all_known(engine: duckdb.DuckDBPyConnection, column: str) -> bool:
    return all(value.lower() in CHANNELS for value in _frequent(engine, column))


def _slug(stem: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")[:40]
    return name if name[:1].isalpha() else f"p_{name}"[:40].rstrip("_")
