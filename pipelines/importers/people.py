"""Who the people of a tool are: the customer each stands for, and what is known about them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import duckdb

from tenure.pipelines.importers.feed import Feed
from tenure.pipelines.sources.quoting import literal, literals

Key = Literal["external_id", "email", "id"]
"""By what a customer is called: our own id in the tool, an address, or the tool's id. What is missing falls through."""

KEYS: tuple[Key, ...] = ("external_id", "email", "id")


def gather_people(engine: duckdb.DuckDBPyConnection, people: Path) -> None:
    """Create the table `folk`: one row a person, each column as it was last written."""
    engine.execute(f"""create or replace temp table folk as
        with dated as (select *, coalesce(version, timestamptz '1900-01-01') as v from read_parquet({literal(people)}))
        select person_id, arg_max(alias, v) as alias, arg_max(external_id, v) as external_id,
               nullif(lower(trim(arg_max(email, v))), '') as email, arg_max(role, v) as role
        from dated group by person_id""")


def aliases(engine: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Second ids that stand for exactly one person."""
    found = engine.execute("""select alias, min(person_id) from folk where alias is not null
        group by 1 having count(*) = 1""").fetchall()
    return dict(found)


def write_identities(
    engine: duckdb.DuckDBPyConnection, feed: Feed, *, name: str, key: Key, merges: Path, scratch: Path
) -> tuple[int, int]:
    """Write who the people in the feed are, for the sources `name` and `name`_profiles.

    An address that several people share names none of them. Without our own id and an address
    a customer is called by the tool and its id. Returns how many people there are, and how
    many have an id of ours or an address.
    """
    given = {"external_id": "external_id, email", "email": "email", "id": ""}[key]
    called = f"coalesce({given})" if given else "null::varchar"
    before = (
        f"read_parquet({literal(feed.identities)})"
        if feed.identities.is_file()
        else (
            "(select null::varchar as source, null::varchar as external_id, null::varchar as customer_id, "
            "null::timestamptz as known_at where false)"
        )
    )
    merging = f"read_parquet({literal(merges)})"
    engine.execute(f"""create or replace temp table who as
        with shared as (select email from folk where email is not null group by 1 having count(*) > 1),
        named as (
            select person_id, {called} as customer_id
            from (select * replace (case when email not in (from shared) then email end as email) from folk)),
        held as (
            select external_id as person_id, any_value(customer_id) as customer_id from {before}
            where source = {literal(name)} and known_at is null and {given != ""}
              and customer_id <> {literal(name + ":")} || external_id
            group by 1),
        seen as (
            select distinct external_id as person_id from read_parquet({literal(feed.interactions)})
            union select person_id from held
            union select person_id from {merging} union select "into" from {merging})
        select person_id, coalesce(n.customer_id, h.customer_id) as known,
               coalesce(n.customer_id, h.customer_id, {literal(name + ":")} || person_id) as customer_id
        from seen left join named n using (person_id) left join held h using (person_id)""")
    engine.execute(f"""create or replace temp table merged as
        select m.person_id as external_id, w.customer_id, m.at as known_at
        from {merging} m join who w on w.person_id = m."into"
        union select external_id, customer_id, known_at from {before}
        where source = {literal(name)} and known_at is not null""")
    file = scratch / "identities.parquet"
    engine.execute(f"""copy (
        select s.source, i.* from (
            select person_id as external_id, customer_id, null::timestamptz as known_at from who
            union all select * from merged) i
        cross join (select unnest({literals([name, f"{name}_profiles"])}) as source) s
        order by source, external_id, known_at) to {literal(file)} (format parquet, compression zstd)""")
    os.replace(file, feed.identities)
    row = engine.execute("select count(*), count(known) from who").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def write_profiles(engine: duckdb.DuckDBPyConnection, feed: Feed, *, facts: Path, scratch: Path) -> int:
    """Write what is known about the customers in the feed; of what has no date only the newest value is kept."""
    held, given = feed.profiles, f"read_parquet({literal(facts)})"
    before = f"union all by name select *, 0 as fresh from read_parquet({literal(held)})" if held.is_file() else ""
    file = scratch / "profiles.parquet"
    engine.execute(f"""copy (
        with every as (
            select person_id as external_id, name, value, "at" as occurred_at, 1 as fresh from {given}
            {before})
        select external_id, name, any_value(value) as value, occurred_at
        from (select * from every
              where external_id in (select person_id from who)
              qualify fresh = max(fresh) over (partition by external_id, name, occurred_at)
                  and row_number() over (partition by external_id, name, occurred_at, fresh order by value) = 1)
        group by external_id, name, occurred_at
        order by occurred_at, external_id, name) to {literal(file)} (format parquet, compression zstd)""")
    os.replace(file, feed.profiles)
    row = engine.execute(f"select count(*) from read_parquet({literal(feed.profiles)})").fetchone()
    return int(row[0]) if row else 0
