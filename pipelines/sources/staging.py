"""One source, read once: its `select` streamed into a Parquet file of typed rows, each with what is wrong with it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from tenure.pipelines.sources.checks import identity_problem, interaction_problem, profile_problem
from tenure.pipelines.sources.columns import ALWAYS, IDS, MEASURES
from tenure.pipelines.sources.files import SourceFileError
from tenure.pipelines.sources.mapping import Mapped, MappingError
from tenure.pipelines.sources.quoting import identifier, instant, literal
from tenure.pipelines.sources.times import Time, time_column

WORDS = ("name", "kind", "channel", "direction")


def stage(engine: duckdb.DuckDBPyConnection, mapped: Mapped, *, file: Path, now: dt.datetime, zone: str) -> None:
    """Write the rows of a source, typed, with `content`, `reason` and `row`, to `file`.

    Only the columns that the `select` yields are written; the lake fills in the others.
    `content` is a hash of the row as given, `reason` is null for a usable row, `row` holds an
    unusable one as JSON. `zone` is the project's time zone.
    """
    build = {"interactions": _interactions, "profiles": _profiles, "identities": _identities}[mapped.source.into]
    sql = build(mapped, now, zone)
    try:
        engine.execute(f"copy ({sql}) to {literal(file)} (format parquet, compression lz4)")
    except duckdb.Error as error:
        raise _explained(mapped, error) from error


def _explained(mapped: Mapped, error: duckdb.Error) -> MappingError | SourceFileError:
    said = " ".join(str(error).split())[:400]
    broken = "CSV Error" in said and not isinstance(error, duckdb.ConversionException)
    if broken or isinstance(error, duckdb.IOException):
        hint = "; save it as UTF-8" if "unicode" in said.lower() else ""
        return SourceFileError(f"source {mapped.source.name!r}: a file cannot be read to its end{hint}: {said}")
    return MappingError(
        f"source {mapped.source.name!r}: its `select` fails on a value: {said}; "
        "use try_cast(...) so that such a row is quarantined and counted instead"
    )


def _interactions(mapped: Mapped, now: dt.datetime, zone: str) -> str:
    times = {c: _time(mapped, c, zone) for c in ("occurred_at", "known_at", "due_at")}
    occurred, known, due = times["occurred_at"], times["known_at"], times["due_at"]
    assert occurred is not None  # `map_source` has checked it
    typed = {**_plain(mapped), **_customer(mapped)}
    typed |= {
        "occurred_at": occurred.start,
        "known_at": f"coalesce({known.known}, {occurred.known})" if known else occurred.known,
        "bare_known": known.bare if known else "true",
        "content": _content(mapped),
    }
    typed |= {"due_at": due.start} if due else {}
    typed |= {"retracted": _flag("retracted")} if mapped.has("retracted") else {}
    typed |= {"attributes": _attributes(mapped)} if mapped.extras or mapped.has("attributes") else {}
    texts = {f"{m}_text": f"nullif(trim({m}), '')" for m in MEASURES if mapped.types.get(m) == "VARCHAR"}
    problems = _problems(times)
    reason = interaction_problem(
        now=instant(now),
        time_problems=list(problems),
        known_given=known is not None,
        measures={m: mapped.types[m] == "VARCHAR" for m in MEASURES if mapped.has(m)},
        given=frozenset(typed),
    )
    return _assembled(mapped, typed | texts | problems, reason, drop=["bare_known", *texts, *problems])


def _profiles(mapped: Mapped, now: dt.datetime, zone: str) -> str:
    occurred, known = _time(mapped, "occurred_at", zone), _time(mapped, "known_at", zone)
    undated = ALWAYS if mapped.source.timeless else day_of(now, zone)
    happened = f"coalesce({occurred.start}, {undated})" if occurred else undated
    seen = f"coalesce({occurred.known}, {undated})" if occurred else undated
    dated = f"{identifier('occurred_at')} is not null" if occurred else "false"
    typed = {"contract_id": "null::varchar"} | {**_plain(mapped), **_customer(mapped)}
    typed |= {
        "value": _as_id("value", mapped.types["value"]),
        "occurred_at": happened,
        "known_at": f"coalesce({known.known}, {seen})" if known else seen,
        "timeless": "false" if not mapped.source.timeless else f"not ({dated})",
        "content": _content(mapped),
    }
    problems = _problems({"occurred_at": occurred, "known_at": known})
    reason = profile_problem(now=instant(now), time_problems=list(problems))
    return _assembled(mapped, typed | problems, reason, drop=list(problems))


def _identities(mapped: Mapped, now: dt.datetime, zone: str) -> str:
    known = _time(mapped, "known_at", zone)
    typed = {"source": "trim(source)" if mapped.has("source") else "null::varchar"} | _plain(mapped)
    typed |= {"known_at": f"coalesce({known.known}, {ALWAYS})" if known else ALWAYS, "content": _content(mapped)}
    problems = _problems({"known_at": known})
    reason = identity_problem(time_problems=list(problems))
    return _assembled(mapped, typed | problems, reason, drop=list(problems))


def _assembled(mapped: Mapped, typed: dict[str, str], reason: str, *, drop: list[str]) -> str:
    whole = ", ".join(f"{identifier(c)} := given.{identifier(c)}::varchar" for c in mapped.types)
    columns = ", ".join(f"{sql} as {name}" for name, sql in typed.items())
    without = f" exclude ({', '.join(['given', *drop])})"
    return (
        f"with mapped as (\n{mapped.sql}\n), "
        f"typed as (select {columns}, mapped as given from mapped), "
        f"judged as (select *, {reason} as reason from typed) "
        f"select *{without}, case when reason is not null then to_json(struct_pack({whole}))::varchar end as row "
        "from judged"
    )


def _plain(mapped: Mapped) -> dict[str, str]:
    ids = {c: _as_id(c, mapped.types[c]) for c in IDS if mapped.has(c)}
    words = {c: f"nullif(trim({c}::varchar), '')" for c in WORDS if mapped.has(c)}
    words |= {c: f"lower({words[c]})" for c in ("channel", "direction") if c in words}
    numbers = {c: f"try_cast({c} as double)" for c in MEASURES if mapped.has(c)}
    return ids | words | numbers | ({"text": "text::varchar"} if mapped.has("text") else {})


def _as_id(column: str, kind: str) -> str:
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = trunc({column}) and abs({column}) < 9e15"
        return f"case when {whole} then {column}::bigint::varchar else {column}::varchar end"
    return f"nullif(trim({column}::varchar), '')"


def _customer(mapped: Mapped) -> dict[str, str]:
    """A row speaks of a customer by our id or, without one, by an outside id."""
    ours = _as_id("customer_id", mapped.types["customer_id"]) if mapped.has("customer_id") else "null::varchar"
    outside = _as_id("external_id", mapped.types["external_id"]) if mapped.has("external_id") else "null::varchar"
    return {"customer_id": ours, "external_id": f"case when ({ours}) is null then {outside} end"}


def _flag(column: str) -> str:
    return f"coalesce(try_cast({column} as boolean), false)"


def _time(mapped: Mapped, column: str, zone: str) -> Time | None:
    return time_column(mapped.source, column, mapped.types[column], project_zone=zone) if mapped.has(column) else None


def _problems(times: dict[str, Time | None]) -> dict[str, str]:
    return {f"{c}_problem": t.problem for c, t in times.items() if t and t.problem != "null"}


def _attributes(mapped: Mapped) -> str:
    extras = ", ".join(f"{{'k': {literal(c)}, 'v': {identifier(c)}::varchar}}" for c in mapped.extras)
    given = _given_attributes(mapped)
    if not extras:
        return given
    found = f"list_filter([{extras}], lambda e: e.v is not null)"
    filled = f"case when len({found}) > 0 then map_from_entries({found}) end"
    return filled if given.startswith("null") else f"map_concat(coalesce({given}, map {{}}), {filled})"


def _given_attributes(mapped: Mapped) -> str:
    kind = mapped.types.get("attributes", "")
    if kind.startswith(("MAP", "STRUCT", "JSON", "VARCHAR")):
        as_text = "attributes" if kind.startswith(("MAP", "VARCHAR", "JSON")) else "to_json(attributes)"
        return f"try_cast({as_text} as map(varchar, varchar))"
    return "null::map(varchar, varchar)"


def _content(mapped: Mapped) -> str:
    """A hash of what happened: every column as given, in the order of their names, without when it became known."""
    parts = ", ".join(f"coalesce({identifier(c)}::varchar, chr(30))" for c in sorted(mapped.types) if c != "known_at")
    return f"substr(md5(concat_ws(chr(31), {parts})), 1, 20)"


def day_of(now: dt.datetime, zone: str) -> str:
    """SQL for the instant at which the local day of `now` began."""
    return f"timezone({literal(zone)}, date_trunc('day', timezone({literal(zone)}, {instant(now)})))"
