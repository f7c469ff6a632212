"""Versions: a later row with the same key supersedes an earlier one from its `known_at` on."""

from __future__ import annotations

from tenure.pipelines.sources.columns import FOREVER


def numbered_versions(rows: str, *, key: tuple[str, ...], same: tuple[str, ...]) -> str:
    """SQL for `rows` with `superseded_at`, `copies` and `clashes`.

    Rows with a complete `key` and one `known_at` are the same version: when they agree in the
    columns `same` one is kept and `copies` counts them, when they do not `clashes` is above 1
    on all of them. Clashing versions supersede nothing.
    """
    keys = ", ".join(key)
    fingerprint = "md5(concat_ws(chr(31), " + ", ".join(f"coalesce({c}::varchar, chr(30))" for c in same) + "))"
    return f"""(
    with printed as (select *, {fingerprint} as print from {rows}),
    counted as (
        select *, count(*) over (partition by {keys}, known_at, print) as copies,
               row_number() over (partition by {keys}, known_at, print) as copy,
               min(print) over same_version as low, max(print) over same_version as high
        from printed window same_version as (partition by {keys}, known_at)),
    kept as (select * exclude (low, high, print), low <> high as clashes from counted where copy = 1 or low <> high)
    select * exclude (copy),
        case when clashes then {FOREVER}
             else coalesce(lead(known_at) over (partition by {keys}, clashes order by known_at), {FOREVER})
        end as superseded_at
    from kept)"""
