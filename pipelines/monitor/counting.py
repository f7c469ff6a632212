"""Counting what came in, by source, kind and local day of becoming known: all that the checks of inputs look at."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import duckdb
import pandas as pd

from tenure.pipelines.calendar import calendar_of, day_number
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.settings.project import Project
from tenure.pipelines.sources.columns import MEASURES
from tenure.pipelines.sources.engine import open_engine
from tenure.pipelines.sources.quoting import literal, literals

COLUMNS = ["source", "kind", "day", "figure", "value", "n"]
CATEGORIES = ("channel", "direction")
FILLED = (
    "contract_id", "due_at", "channel", "direction", "case_id", "agent_id", "team_id", "product_id", *MEASURES, "text",
)  # fmt: skip
"""Columns of which it is counted how often they are empty."""

CONTENT = (
    "customer_id", "kind", "occurred_at", "channel", "direction", "case_id", "agent_id", "product_id", *MEASURES,
    "text",
)  # fmt: skip
"""Columns in which two rows agree that tell the same under two ids."""

CODES = 10_000
"""An attribute of whole numbers that are all as large or larger is a code, and its size says nothing."""

MOST_VALUES = 60
"""An attribute or profile with more values is no category: only whether it is there is counted."""


def count_inputs(project: Project, snapshot: Snapshot, *, as_of: dt.date, days: int) -> pd.DataFrame:
    """Rows known by the midnight of `as_of` and at most so many days before it, counted: `COLUMNS`, `n` rows each.

    `day` is the local day on which a row became known, as days since 1970-01-01; what is known at a midnight belongs
    to the day before it. A later version of a row is a row. Figures: `rows`; `hour` of occurring (rows with a time of
    day); `repeat`, rows that tell what another id told before; `stranger`, rows of customers first seen that day;
    `missing` by column; `number:COLUMN` by `bucket`; `delay`, hours from occurring to becoming known, plus one, by
    bucket; and categories, `value` null where there is none.
    """
    midnight = calendar_of(project.timezone).midnight
    first = as_of - dt.timedelta(days=days)
    files = [snapshot.interactions(bucket) for bucket in range(snapshot.buckets)]
    with (
        tempfile.TemporaryDirectory(prefix="tenure-monitor-") as scratch,
        open_engine(Path(scratch), folders=[snapshot.folder]) as engine,
    ):
        _base(engine, files, zone=project.timezone, first=midnight(first), last=midnight(as_of))
        _attributes(engine)
        _segments(engine, project, snapshot)
        parts = [_rows(), _hours(), _missing(), _delays(), *map(_number, MEASURES)]
        parts += [*map(_category, CATEGORIES), _forms(), _own_attributes(), "from segments"]
        frame = engine.execute(" union all ".join(parts)).df()
    return frame.astype({"day": "int64", "n": "int64"}).sort_values(COLUMNS[:5], ignore_index=True)


def first_day(as_of: dt.date, days: int) -> int:
    """The day with which counting begins, as days since 1970-01-01."""
    return day_number(as_of) - days


def bucket(number: str) -> str:
    """SQL for the place of a number on a scale of quarters of a doubling: 1 is 200, 2 is 204, -1 is -200, 0 is 0."""
    return f"(case when {number} = 0 then 0 else sign({number}) * (round(4 * log2(abs({number}))) + 200) end)::int"


def _base(engine: duckdb.DuckDBPyConnection, files: list[Path], *, zone: str, first: int, last: int) -> None:
    local = f"timezone({literal(zone)}, occurred_at)"
    content = ", ".join(CONTENT)
    engine.execute(f"""create temp table base as
    with usable as (from read_parquet({literals(files)}) where epoch_ms(known_at) <= {last}),
    seen as (select customer_id, min(known_at) as first_known from usable group by 1),
    recent as (select *, hash({content}, attributes) as content from usable where epoch_ms(known_at) > {first})
    select source, kind, {_day("known_at", zone)} as day, hour({local}) as hour,
        {local}::time <> time '00:00:00' as timed,
        greatest(epoch(known_at) - epoch(occurred_at), 0) / 3600 + 1 as delay,
        first_value(interaction_id) over (partition by source, content order by known_at, interaction_id)
            <> interaction_id as repeat,
        {_day("first_known", zone)} = {_day("known_at", zone)} as stranger,
        customer_id, attributes, {", ".join(FILLED)},
        regexp_replace(regexp_replace(customer_id, '[0-9]', '0', 'g'), '[[:alpha:]]', 'a', 'g') as form
    from recent join seen using (customer_id)""")


def _day(instant: str, zone: str) -> str:
    return f"(timezone({literal(zone)}, {instant} - interval 1 microsecond)::date - date '1970-01-01')"


def _rows() -> str:
    counts = {"rows": "count(*)", "repeat": "count(*) filter (repeat)", "stranger": "count(*) filter (stranger)"}
    return " union all ".join(
        f"select source, kind, day, '{name}' as figure, '' as value, {count} as n from base group by all"
        for name, count in counts.items()
    )


def _hours() -> str:
    return "select source, kind, day, 'hour', hour::varchar, count(*) from base where timed group by all"


def _delays() -> str:
    return f"select source, kind, day, 'delay', {bucket('delay')}::varchar, count(*) from base group by all"


def _missing() -> str:
    return " union all ".join(
        f"select source, kind, day, 'missing', '{name}', count(*) filter ({name} is null) from base group by all"
        for name in FILLED
    )


def _number(name: str) -> str:
    return (
        f"select source, kind, day, 'number:{name}', {bucket(name)}::varchar, count(*) from base "
        f"where isfinite({name}) group by all"
    )


def _category(name: str) -> str:
    return f"select source, kind, day, 'category:{name}', {name}, count(*) from base group by all"


def _forms() -> str:
    """How the ids of customers are written, digits as 0 and letters as a, where there are few ways."""
    few = f"(select source from base group by 1 having count(distinct form) <= {MOST_VALUES})"
    return f"""select source, kind, day, 'category:form of customer_id', form, count(*)
        from base where source in {few} group by all"""


def _attributes(engine: duckdb.DuckDBPyConnection) -> None:
    """The entries of attributes, numbers by bucket: a key is a number, a category, or too varied to be counted."""
    engine.execute(f"""create temp table entries as
    with entry as (
        select source, kind, day, unnest(map_entries(attributes)) as e from base where attributes is not null),
    plain as (
        select source, kind, day, e.key as key, e.value as value, try_cast(e.value as double) as number from entry),
    counted as (select source, kind, day, key, value, number, count(*) as n from plain group by all),
    about as (
        select source, key,
            coalesce(sum(n) filter (isfinite(number)), 0) >= 0.95 * sum(n) filter (value is not null)
                and not coalesce(min(number) >= {CODES} and bool_and(number = round(number)), false) as numeric,
            count(distinct value) as values_
        from counted group by all)
    select source, kind, day, key, numeric, values_,
        case when numeric and values_ > 2 then {bucket("number")}::varchar
             when values_ <= {MOST_VALUES} then value end as value, sum(n)::bigint as n
    from counted join about using (source, key) where not numeric or value is null or isfinite(number) group by all""")


def _own_attributes() -> str:
    """Attributes as figures; of those that are there, how many rows lack them is what the rows leave."""
    there = f"""select source, kind, day, key, sum(n) filter (value is not null or values_ > {MOST_VALUES}) as n
        from entries group by all"""
    lacking = f"""select r.source, r.kind, r.day, 'missing', 'attribute ' || k.key,
        (r.n - coalesce(t.n, 0))::bigint
        from (select source, kind, day, count(*) as n from base group by all) r
        join (select distinct source, kind, key from entries) k using (source, kind)
        left join ({there}) t using (source, kind, day, key)"""
    return f"""select source, kind, day,
        case when numeric and values_ > 2 then 'number:' else 'category:' end || 'attribute ' || key, value, n
        from entries where (numeric and values_ > 2 and value is not null) or values_ <= {MOST_VALUES}
        union all {lacking}"""


def _segments(engine: duckdb.DuckDBPyConnection, project: Project, snapshot: Snapshot) -> None:
    """Rows by what their customers' profiles say now, for categories with few values."""
    names = [name for name, profile in project.profile.items() if profile.type == "category"]
    files = [snapshot.profiles(bucket) for bucket in range(snapshot.buckets)]
    wanted = f"name in ({', '.join(map(literal, names)) or 'null'})"
    engine.execute(f"""create temp table segments as
    with held as (
        select customer_id, name, arg_max(value, (occurred_at, known_at)) as value
        from read_parquet({literals(files)}) where {wanted} and contract_id is null group by all),
    few as (select name from held group by 1 having count(distinct value) between 2 and {MOST_VALUES})
    select source, kind, day, 'segment:' || name as figure, value, count(*) as n
    from base join held using (customer_id) where name in (from few) group by all""")
