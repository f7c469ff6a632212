"""From staged rows to usable ones on a cluster: every shard holds all versions of its rows, and is resolved alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from tenure.pipelines.lake.building import Staged
from tenure.pipelines.lake.cases import with_case_customers
from tenure.pipelines.lake.identities import build_periods
from tenure.pipelines.lake.resolve import Resolved, resolve
from tenure.pipelines.lake.snapshot import SourceSummary
from tenure.pipelines.lake.summary import added, sum_up
from tenure.pipelines.sources.mapping import Mapped
from tenure.pipelines.sources.quoting import literal, literals
from tenure.pipelines.spark.exchange import Deal, Shard, shards
from tenure.pipelines.spark.job import Cluster
from tenure.pipelines.spark.staging import StagedPart
from tenure.pipelines.spark.workspace import workspace

KEYS = {"interactions": "coalesce(interaction_id, content)", "profiles": "coalesce(customer_id, external_id)"}
"""By what rows are dealt so that all versions of one meet."""


@dataclass(frozen=True)
class Periods:
    """The periods of identities in a file that all executors read; `any` says whether it holds one."""

    file: Path
    any: bool


@dataclass(frozen=True)
class Usable:
    """The usable rows of a source in Parquet files, what fell out, and the summary of both."""

    source: str
    into: str
    files: tuple[Path, ...]
    resolved: Resolved
    summary: SourceSummary


def write_periods(
    engine: duckdb.DuckDBPyConnection, identities: Sequence[Staged], folder: Path, *, live: Sequence[str] = ()
) -> Periods:
    """Build the periods of all identities here: they are few beside the rows that speak of them."""
    found = build_periods(engine, [one.file for one in identities], live=live)
    file = folder / "periods.parquet"
    engine.execute(f"copy periods to {literal(file)} (format parquet)")
    return Periods(file, found)


def resolve_on_cluster(
    cluster: Cluster, parts: Mapping[str, Sequence[StagedPart]], periods: Periods, *, zone: str
) -> dict[str, Usable]:
    """Resolve the staged parts of all sources of interactions and profiles; each source's usable rows by its name."""
    mapped = {name: found[0].staged.mapped for name, found in parts.items()}
    files = {name: [part.staged.file for part in found] for name, found in parts.items()}
    files |= _filled(cluster, {n: files[n] for n, found in parts.items() if any(p.provenance.caseless for p in found)})
    found = shards(cluster, {name: Deal(files[name], _key(mapped[name])) for name in files})
    asked = [(mapped[name], shard) for name, held in found.items() for shard in held]
    done = dict(cluster.each(partial(resolve_shard, cluster.folder, zone, periods), asked))
    usable: dict[str, Usable] = {}
    for place in sorted(done):
        one = done[place]
        usable[one.source] = _together(usable[one.source], one) if one.source in usable else one
    return usable


def _key(mapped: Mapped) -> str | None:
    return (
        None if mapped.source.into == "interactions" and not mapped.has("interaction_id") else KEYS[mapped.source.into]
    )


def _filled(cluster: Cluster, files: Mapping[str, list[Path]]) -> dict[str, list[Path]]:
    """The files of sources in which rows take their customer from others of their case, dealt by case and filled."""
    found = shards(cluster, {name: Deal(held, "coalesce(case_id, content)") for name, held in files.items()})
    asked = [(name, shard) for name, held in found.items() for shard in held]
    done = dict(cluster.each(partial(fill_cases, cluster.folder), [shard for _, shard in asked]))
    return {name: [done[place] for place, one in enumerate(asked) if one[0] == name] for name in files}


def fill_cases(shared: Path, shard: Shard) -> Path:
    """Give rows of a case their customer; done once more with the versions, it changes nothing."""
    with workspace(shared) as work:
        rows, target = f"read_parquet({literal(shard.take(work))})", work.out / "cases.parquet"
        filled = with_case_customers(f"(from {rows} where reason is null)")
        work.engine.execute(
            f"copy (from {filled} union all by name from {rows} where reason is not null) "
            f"to {literal(target)} (format parquet, compression lz4)"
        )
        return target


def resolve_shard(shared: Path, zone: str, periods: Periods, asked: tuple[Mapped, Shard]) -> Usable:
    """Resolve one shard on an executor."""
    mapped, shard = asked
    with workspace(shared) as work:
        engine, target = work.engine, work.out / "usable.parquet"
        engine.execute(f"create view periods as from read_parquet({literal(periods.file)})")
        found = resolve(engine, mapped, shard.take(work), merged=periods.any)
        name = mapped.source.name
        engine.execute(
            f"copy (select *, {literal(name)} as source from {found.rows}) "
            f"to {literal(target)} (format parquet, compression lz4)"
        )
        return Usable(name, mapped.source.into, (target,), found, sum_up(engine, mapped, found, zone=zone))


def rows_of(usable: Sequence[Usable], into: str) -> list[Path]:
    """The files with the usable rows of all sources of one kind."""
    return [file for one in usable if one.into == into for file in one.files]


def _together(one: Usable, other: Usable) -> Usable:
    summary = added(one.summary, other.summary)
    resolved = Resolved(
        rows=f"read_parquet({literals([*one.files, *other.files])})",
        quarantine=one.resolved.quarantine + other.resolved.quarantine,
        reasons=summary.quarantined,
        read=summary.read,
        collapsed=summary.collapsed,
        unseen=one.resolved.unseen + other.resolved.unseen,
    )
    return Usable(one.source, one.into, one.files + other.files, resolved, summary)
