"""The receipt of an erasure: what went where, and what still holds the person and is not ours to change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from tenure.pipelines.privacy.person import Person
from tenure.pipelines.privacy.roster import trained_with, without_roster
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.erasures import backups_before
from tenure.pipelines.store.sqlite import file_in

SCHEMA = 1


def receipt_of(
    project: Project,
    store: Engine,
    person: Person,
    removed: Mapping[str, Any],
    *,
    of: str,
    who: str,
    reason: str,
    now: dt.datetime,
) -> dict[str, Any]:
    """The receipt as plain data; it names nobody: `of` is the keyed hash that the audit log has.

    `models` were trained with the person, of `models_unknown` nobody kept whom they were trained with, `backups` were
    made before and hold the person until they are deleted, and `sources` are yours and name them still. `left` is an
    embedded store from before the project moved into another database, `tools` have the person's band in a field.
    """
    with reading(store) as connection:
        backups = backups_before(connection, now)
    told = removed["sources"]
    sources = [
        {"source": source.name, "from": source.table or [path for paths in source.files.values() for path in paths]}
        for source in project.source
        if source.name in told and (source.files or source.postgres)
    ]
    return {
        "schema": SCHEMA,
        "project": project.name,
        "of": of,
        "at": now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "by": who,
        "reason": str(reason),
        "names": {"customers": len(person.customers), "outside": len(person.called)},
        "removed": {name: removed[name] for name in ("store", "lake", "files")},
        "models": trained_with(project.data, person.customers),
        "models_unknown": without_roster(project.data, [f"{project.name}-{name}" for name in project.outcome]),
        "backups": backups,
        "sources": sources,
        "left": [file_in(project.data).name] if project.store.postgres and file_in(project.data).exists() else [],
        "tools": sorted(project.write_back.tools) if removed["store"].get("write_backs") else [],
    }


def in_words(receipt: Mapping[str, Any]) -> list[str]:
    """What a receipt says, a sentence each."""
    lake = receipt["removed"]["lake"].values()
    newest = max((sum(found.values()) for found in lake), default=0)
    store, files = (sum(receipt["removed"][name].values()) for name in ("store", "files"))
    said = [f"removed {store:,} rows of the store, {newest:,} of the lake and {files:,} places in other files"]
    if receipt["models"]:
        said.append(f"trained with the person: {', '.join(receipt['models'])}; the next training is without")
    if receipt["models_unknown"]:
        said.append(f"nobody knows whom these were trained with: {', '.join(receipt['models_unknown'])}")
    for one in receipt["backups"]:
        said.append(
            f"the backup {one['file']} of {one['made_at']} holds the person; delete it, or restore erases again"
        )
    for one in receipt["sources"]:
        said.append(f"source {one['source']} names the person still: remove them there")
    if receipt["left"]:
        said.append(f"{receipt['left'][0]} lies in the data folder, is not in use and may name the person: delete it")
    if receipt["tools"]:
        said.append(f"the band written into {', '.join(receipt['tools'])} stays there: clear the field")
    return said
