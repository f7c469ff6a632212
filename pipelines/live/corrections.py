"""From what was told of a case to what is so: new rows as they are, changed ones as versions, vanished ones withdrawn.

A replay of all records of a case tells everything anew. What it tells as before is not delivered again. A row that
says something else now was changed by a record that came late: the old version stays for the time before, and the new
one is known from the arrival of the record on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from tenure.pipelines.live.delivery import Row, digest_of

WITHDRAWN = ""
"""The digest of a version that takes an interaction back."""
KEPT = ("interaction_id", "customer_id", "occurred_at", "kind", "case_id")
"""Of the last version of an interaction, what is needed to withdraw it."""
MOMENT = dt.timedelta(microseconds=1)

Told = Mapping[str, Any]
"""By interaction: its last `row`, and the digest of each of its `versions` by `known_at`."""


def corrections(
    told: Told, rows: Sequence[Row], *, at: dt.datetime, whole: bool = True
) -> tuple[list[Row], dict[str, Any]]:
    """The rows to deliver so that what stands is what a replay gave, and what will be told then.

    `rows` all have `known_at`. `at` is when the newest record arrived. Where not all records of the
    case are there, what the replay does not give is left as it is.
    """
    found: list[Row] = []
    now: dict[str, Any] = dict(told)
    replayed = sorted(rows, key=lambda row: (row["interaction_id"], _known(row)))
    for name, versions in groupby(replayed, key=lambda row: row["interaction_id"]):
        mine = list(versions)
        fresh, held = _of_one(told.get(name, {}).get("versions", {}), mine, at)
        found += fresh
        now[name] = {"row": _kept(mine[-1]), "versions": held}
    for name in sorted(told.keys() - {row["interaction_id"] for row in rows}) if whole else ():
        versions, row = told[name]["versions"], told[name]["row"]
        last = max(versions, key=dt.datetime.fromisoformat)
        if versions[last] != WITHDRAWN:
            known = _after(last, at)
            found.append({**row, "known_at": known, "retracted": True})
            now[name] = {"row": row, "versions": {**versions, known: WITHDRAWN}}
    return found, now


def _of_one(before: Mapping[str, str], rows: list[Row], at: dt.datetime) -> tuple[list[Row], dict[str, str]]:
    """The versions of one interaction that are new, and the digests of all of them."""
    held, found = dict(before), []
    for row in rows:
        if row["known_at"] not in held:
            held[row["known_at"]] = _says(row)
            found.append(row)
    last = max(held, key=dt.datetime.fromisoformat)
    if held[last] != _says(rows[-1]):
        row = {**rows[-1], "known_at": _after(last, at)}
        held[row["known_at"]] = _says(row)
        found.append(row)
    return found, held


def _says(row: Row) -> str:
    if row.get("retracted"):
        return WITHDRAWN
    return digest_of({name: value for name, value in row.items() if name != "known_at"})


def _kept(row: Row) -> Row:
    return {name: row[name] for name in KEPT if row.get(name) is not None}


def _known(row: Row) -> dt.datetime:
    return dt.datetime.fromisoformat(row["known_at"])


def _after(last: str, at: dt.datetime) -> str:
    return max(at, dt.datetime.fromisoformat(last) + MOMENT).isoformat()
