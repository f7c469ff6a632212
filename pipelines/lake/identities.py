"""Identities: for which customer an outside id stands, from when until when."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from tenure.pipelines.sources.columns import ALWAYS, FOREVER
from tenure.pipelines.sources.quoting import literal, literals

LONGEST_CHAIN = 16

IDENTITIES = "identities.parquet"
"""The file of a snapshot that says for whom outside ids stand today."""


class IdentitiesRunInACircle(ValueError):
    """Customers were merged into each other, round and round, so that nobody is left."""


def build_periods(engine: duckdb.DuckDBPyConnection, files: Iterable[Path], *, live: Iterable[str] = ()) -> bool:
    """Create the table `periods` (source, key, customer_id, since, until) and say whether it holds anything.

    A null source stands for every source. The customer in a period is the last of a chain of
    merges as of then: 1 merged into 2 and 2 into 3 gives 3, from when both were known. Of a source in `live` a
    delivered row may name a person as `SOURCE:ID` as long as nobody knew the customer; that name is resolved too.
    """
    found = list(files)
    rows = f"(select * from read_parquet({literals(found)}) where reason is null)" if found else _nothing()
    name = "source || ':' || external_id"
    engine.execute(f"""create or replace table periods as
        with given as (from {rows}),
        named as (
            select source, external_id, known_at, customer_id from given
            union all
            select source, {name}, known_at, customer_id from given
            where list_contains({literals(live)}::varchar[], source) and customer_id <> {name})
        select source, external_id as key, customer_id, known_at as since,
               lead(known_at, 1, {FOREVER}) over (partition by source, external_id order by known_at) as until
        from (select source, external_id, known_at, max(customer_id) as customer_id from named group by all)""")
    engine.execute("create or replace table kept as select distinct key from periods where key = customer_id")
    for _ in range(LONGEST_CHAIN):
        if not _follow_merges(engine):
            _refuse_circles(engine, "source is null and key = customer_id and key not in (from kept)")
            return engine.execute("select count(*) from periods").fetchone() != (0,)
    _refuse_circles(engine, "source is null")
    return True


def write_identities(engine: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Keep for whom each outside id stands today, from the table `periods`; every source has an empty name here."""
    engine.execute(f"""copy (
        select coalesce(source, '') as source, key as external_id, any_value(customer_id) as customer_id
        from periods where until = {FOREVER} and key <> customer_id group by all order by all)
        to {literal(folder / IDENTITIES)} (format parquet, compression zstd)""")


def in_periods(rows: str, source: str) -> str:
    """SQL for `rows` of `source` with one version for each period of its customer's identity.

    A customer who was never merged keeps the row as it is; an external id nobody knows gives
    a row without customer. `period` is the start of the period.
    """
    return f"""(
    with mine as (
        select key, customer_id as mapped, since, until from periods where source = {source}
        union all
        select key, customer_id, since, until from periods p where source is null
         and not exists (select 1 from periods q where q.source = {source} and q.key = p.key)),
    firsts as (select key, min(since) as since from mine group by key),
    spans as (
        from mine union all
        select key, null as mapped, {ALWAYS} as since, since as until from firsts where since > {ALWAYS}),
    joined as (
        select r.*, s.mapped, s.since, s.until
        from {rows} r left join spans s on s.key = coalesce(r.external_id, r.customer_id))
    select * exclude (mapped, since, until) replace (
        coalesce(mapped, case when external_id is null then customer_id end) as customer_id,
        greatest(known_at, coalesce(since, known_at)) as known_at,
        least(superseded_at, coalesce(until, superseded_at)) as superseded_at),
        coalesce(since, {ALWAYS}) as period
    from joined
    where since is null
       or (greatest(known_at, since) < least(superseded_at, until) and (mapped is not null or external_id is null)))"""


def _follow_merges(engine: duckdb.DuckDBPyConnection) -> bool:
    """Replace, where a period's customer was merged into another, the part of it from then on."""
    merges = "periods m on m.source is null and m.key = p.customer_id and m.customer_id <> p.customer_id"
    overlap = "m.since < p.until and m.until > p.since"
    if engine.execute(f"select count(*) from periods p join {merges} and {overlap}").fetchone() == (0,):
        return False
    engine.execute(f"""create or replace table periods as
        select p.source, p.key, m.customer_id, greatest(p.since, m.since) as since, least(p.until, m.until) as until
        from periods p join {merges} and {overlap}
        union all
        select p.source, p.key, p.customer_id, p.since, least(p.until, coalesce(f.first, p.until))
        from periods p left join (
            select key, min(since) as first from periods where source is null and key <> customer_id group by key
        ) f on f.key = p.customer_id
        where coalesce(f.first, p.until) > p.since""")
    return True


def _refuse_circles(engine: duckdb.DuckDBPyConnection, where: str) -> None:
    found = engine.execute(f"select distinct key from periods where {where} order by key limit 3").fetchall()
    if found:
        raise IdentitiesRunInACircle(
            f"customers are merged in a circle or more than {LONGEST_CHAIN} deep, "
            f"near {', '.join(r[0] for r in found)}; an identity row must lead towards the surviving customer"
        )


def _nothing() -> str:
    return (
        "(select null::varchar as source, null::varchar as external_id, null::varchar as customer_id, "
        "null::timestamptz as known_at where false)"
    )
