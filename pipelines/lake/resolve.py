"""From staged rows to usable ones: case customers, versions and identities of one source, and what fell out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from tenure.pipelines.lake.cases import with_case_customers
from tenure.pipelines.lake.identities import in_periods
from tenure.pipelines.lake.quarantine import quarantine, quarantined_by_reason
from tenure.pipelines.lake.versions import numbered_versions
from tenure.pipelines.sources.checks import NO_CUSTOMER, TWICE, UNMATCHED
from tenure.pipelines.sources.columns import FOREVER, INTERACTIONS
from tenure.pipelines.sources.mapping import Mapped
from tenure.pipelines.sources.quoting import literal

PROFILE_KEY = ("customer_id", "external_id", "contract_id", "name", "occurred_at")
PRINTED = (
    *(c for c in INTERACTIONS if c not in ("source", "known_at", "superseded_at")),
    "external_id",
    "retracted",
)
"""Columns in which two copies of one version agree."""


@dataclass(frozen=True)
class Resolved:
    """The rows of one source, ready for the lake, and what of it went to quarantine."""

    rows: str
    """SQL."""
    quarantine: tuple[Path, ...]
    reasons: dict[str, int]
    read: int
    collapsed: int
    unseen: tuple[str, ...] = ()
    """Ids (SQL, `interaction_id`) that occur more than once, were withdrawn, or have no known customer."""


@dataclass(frozen=True)
class Resolving:
    """One staged source on its way into the lake; every step writes files beside the staged one."""

    engine: duckdb.DuckDBPyConnection
    mapped: Mapped
    staged: Path

    @property
    def into(self) -> str:
        """Where the rows go."""
        return self.mapped.source.into

    def write(self, step: str, sql: str) -> str:
        """Run a step once, and return its rows as SQL."""
        file = self.staged.with_name(f"{self.staged.stem}-{step}.parquet")
        self.engine.execute(f"copy (from {sql}) to {literal(file)} (format parquet, compression lz4)")
        return f"read_parquet({literal(file)})"

    def keep(self, step: str, rows: str) -> Path:
        """Put rows (SQL with `reason` and `row`) into quarantine."""
        file = self.staged.with_name(f"{self.staged.stem}-{step}-quarantine.parquet")
        quarantine(self.engine, rows, source=self.mapped.source.name, file=file)
        return file

    def number(self, query: str) -> int:
        """The single number that a query gives."""
        row = self.engine.execute(query).fetchone()
        return int(row[0] or 0) if row else 0


def resolve(engine: duckdb.DuckDBPyConnection, mapped: Mapped, staged: Path, *, merged: bool) -> Resolved:
    """Resolve the staged rows of interactions or profiles; `merged` says whether identities may re-key them."""
    work = Resolving(engine, mapped, staged)
    every = f"read_parquet({literal(staged)})"
    bad = [work.keep("staged", f"(select reason, row from {every} where reason is not null)")]
    rows = f"(select * exclude (reason, row) from {every} where reason is null)"
    if work.into == "interactions" and mapped.has("case_id"):
        rows = _with_case_customers(work, rows, bad)
    unseen: list[str] = []
    rows, collapsed = _with_versions(work, rows, bad, unseen)
    if merged or mapped.has("external_id"):
        rows = _with_identities(work, rows, bad, unseen)
    read = work.number(f"select count(*) from {every}")
    return Resolved(rows, tuple(bad), quarantined_by_reason(engine, bad), read, collapsed, tuple(unseen))


def _with_case_customers(work: Resolving, rows: str, bad: list[Path]) -> str:
    nobody = "customer_id is null and external_id is null"
    if not work.number(f"select count(*) from {rows} where {nobody}"):
        return rows
    found = work.write("cases", with_case_customers(rows))
    bad.append(work.keep("cases", _with_reason(found, nobody, NO_CUSTOMER)))
    return f"(from {found} where not ({nobody}))"


def _with_versions(work: Resolving, rows: str, bad: list[Path], unseen: list[str]) -> tuple[str, int]:
    """Only keys that occur more than once go through the sort; in most sources these are few."""
    if work.into == "interactions" and not work.mapped.has("interaction_id"):
        return f"(select *, {FOREVER} as superseded_at from {rows})", 0
    key, same = _key(work, rows)
    keys = ", ".join(key)
    retracting = work.mapped.has("retracted")
    given = "interaction_id is not null" if work.into == "interactions" else "true"
    withdrawn = "bool_or(retracted)" if retracting else "false"
    work.engine.execute(
        f"create or replace temp table repeated as select {keys} from {rows} "
        f"where {given} group by all having count(*) > 1 or {withdrawn}"
    )
    if not work.number("select count(*) from repeated"):
        return f"(select *, {FOREVER} as superseded_at from {rows})", 0
    if work.into == "interactions":
        unseen.append(f"select interaction_id from {work.write('repeated', '(from repeated)')}")
    match = " and ".join(f"r.{c} is not distinct from o.{c}" for c in key)
    versions = work.write(
        "versions", numbered_versions(f"(from {rows} r semi join repeated o on {match})", key=key, same=same)
    )
    bad.append(work.keep("versions", _with_reason(versions, "clashes", TWICE)))
    collapsed = work.number(f"select sum(copies - 1) from {versions} where not clashes")
    standing = "not clashes and not retracted" if retracting else "not clashes"
    single = f"select *, {FOREVER} as superseded_at from {rows} r anti join repeated o on {match}"
    return (
        f"({single} union all by name select * exclude (clashes, copies) from {versions} where {standing})",
        collapsed,
    )


def _key(work: Resolving, rows: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that make two rows versions of one, and those in which copies agree."""
    if work.into == "profiles":
        return PROFILE_KEY, ("value",)
    held = [row[0] for row in work.engine.execute(f"describe {rows[1:-1]}").fetchall()]
    return ("interaction_id",), tuple(c for c in held if c in PRINTED)


def _with_identities(work: Resolving, rows: str, bad: list[Path], unseen: list[str]) -> str:
    found = work.write("identities", in_periods(rows, literal(work.mapped.source.name)))
    if work.into == "interactions" and work.mapped.has("interaction_id"):
        unseen.append(f"select interaction_id from {found} where customer_id is null and interaction_id is not null")
    bad.append(work.keep("identities", _with_reason(found, "customer_id is null", UNMATCHED)))
    return f"(from {found} where customer_id is not null)"


def _with_reason(rows: str, where: str, reason: str) -> str:
    return f"(select {literal(reason)} as reason, to_json(r)::varchar as row from {rows} as r where {where})"
