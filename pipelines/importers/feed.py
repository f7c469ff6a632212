"""The feed of a tool: its interactions, profiles and identities in Parquet, and how a newer export enters it.

A row that the feed holds already stays as it is. A row with a known id and a later `known_at` is a later version. A
row that says something else about the same id and `known_at` was changed without a date: the old version stays, and
the new one is known from the end of the export on. Rows of a case the tool has dropped are withdrawn from then on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tenure.pipelines.importers.interaction import SCHEMA
from tenure.pipelines.sources.quoting import literal

CONTENT = ("external_id", "kind", "direction", "text", "rating", "due_at", "handle_seconds", "amount", "retracted")
"""What a row says. Who had the case then and the like is only as complete as the export; it makes no new version."""


@dataclass(frozen=True)
class Feed:
    """The files of a feed."""

    folder: Path

    @property
    def interactions(self) -> Path:
        """What happened."""
        return self.folder / "interactions.parquet"

    @property
    def profiles(self) -> Path:
        """Dated facts about people."""
        return self.folder / "profiles.parquet"

    @property
    def identities(self) -> Path:
        """Which customer a person of the tool is."""
        return self.folder / "identities.parquet"

    @property
    def quarantine(self) -> Path:
        """What the last export held and could not be used."""
        return self.folder / "quarantine.parquet"


@dataclass(frozen=True)
class Entered:
    """What a newer export brought: rows `held` already, `new` ones, `changed` without a date, `withdrawn`."""

    held: int
    new: int
    changed: int
    withdrawn: int
    twice: int


def enter_interactions(
    engine: duckdb.DuckDBPyConnection, feed: Feed, *, incoming: Path, texts: Path, cases: Path, scratch: Path
) -> Entered:
    """Bring the rows of `incoming` into the feed; the file is replaced in one step.

    `texts` hold the long texts for which there are markers in the rows.
    """
    long = f"select marker, any_value(text) as text from read_parquet({literal(texts)}) group by 1"
    engine.execute(f"""create or replace temp view given as
        select r.* replace (case when starts_with(r.text, chr(0)) then t.text else r.text end as text)
        from read_parquet({literal(incoming)}) r left join ({long}) t on t.marker = r.text""")
    _number_versions(engine, feed)
    columns = ", ".join(SCHEMA.names)
    engine.execute(f"""create or replace temp table gone as
        select case_id, max(deleted_at) as at from read_parquet({literal(cases)})
        where deleted_at is not null group by 1""")
    engine.execute("""create or replace temp view standing as
        select * exclude (content) from prior
        union all by name select * exclude (content, verdict, redated) replace (coalesce(redated, known_at) as known_at)
        from judged where verdict in ('new', 'changed')""")
    engine.execute(f"""create or replace temp view whole as
        select {columns} from standing
        union all by name select {columns} from (
            select s.* replace (true as retracted, greatest(g.at, s.known_at + interval 1 microsecond) as known_at)
            from standing s join gone g using (case_id)
            qualify row_number() over (partition by interaction_id order by s.known_at desc) = 1
                and not s.retracted)""")
    file = scratch / "interactions.parquet"
    engine.execute(f"""copy (select {columns} from whole order by occurred_at, case_id, sequence, known_at)
        to {literal(file)} (format parquet, compression zstd)""")
    counts = dict(engine.execute("select verdict, count(*) from judged group by 1").fetchall())
    total = _count(engine, f"read_parquet({literal(file)})")
    withdrawn = total - _count(engine, "standing")
    os.replace(file, feed.interactions)
    return Entered(
        counts.get("held", 0), counts.get("new", 0), counts.get("changed", 0), withdrawn, counts.get("twice", 0)
    )


def _number_versions(engine: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Judge every incoming row: new, held already, changed without a date, or the same event under two cases."""
    content = f"md5(to_json(struct_pack({', '.join(f'{c} := {c}' for c in CONTENT)}))::varchar)"
    before = f"read_parquet({literal(feed.interactions)})" if feed.interactions.is_file() else None
    engine.execute(f"""create or replace temp table prior as
        select *, {content} as content from {before or "(from given where false)"}""")
    engine.execute(f"""create or replace temp table judged as
        with numbered as (
            select *, {content} as content,
                row_number() over (partition by interaction_id, known_at order by length(case_id), case_id) as copy,
                row_number() over (partition by interaction_id order by known_at) as version,
                max(known_at) over () as end_
            from given where external_id is not null),
        met as (
            select n.*, p.content as before, p.interaction_id is not null as met
            from numbered n left join prior p on p.interaction_id = n.interaction_id and p.known_at = n.known_at),
        later as (select interaction_id, content, max(known_at) as at from prior group by all)
        select m.* exclude (copy, version, end_, before, met),
            case when copy > 1 then 'twice'
                 when not met then 'new'
                 when before = m.content or l.at > m.known_at then 'held'
                 else 'changed' end as verdict,
            case when verdict = 'changed' then greatest(end_, m.known_at) + to_microseconds(version) end as redated
        from met m left join later l on l.interaction_id = m.interaction_id and l.content = m.content""")


def _count(engine: duckdb.DuckDBPyConnection, rows: str) -> int:
    found = engine.execute(f"select count(*) from {rows}").fetchone()
    return int(found[0]) if found else 0
