"""The shape of the data (columns, quarantine, segments), held against that of the run before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq

from tenure.pipelines.catalogue import did_you_mean
from tenure.pipelines.lake.provenance import Provenance
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.monitor.counting import MOST_VALUES
from tenure.pipelines.monitor.finding import Finding, Level, plain
from tenure.pipelines.settings.project import Project

FEW = 20
"""Customers a segment must have had to be missed."""

LOST = 0.5
"""The part of a segment's customers that must be gone."""


def shape_of(project: Project, snapshot: Snapshot) -> dict[str, Any]:
    """Of each source the columns its files have, with types, and the rows read and quarantined; and the segments.

    `segments` are customers by value, for each profile that is a category of few values.
    """
    made_of = Provenance.read(snapshot.folder)
    sources = {}
    for source in snapshot.sources:
        views = made_of.views.get(source.name, {}) if made_of else {}
        columns = {name: kind for view in views.values() for name, kind in view.types.items()}
        bad = sum(source.quarantined.values())
        attributes = sorted(source.attributes)
        sources[source.name] = {"columns": columns, "attributes": attributes, "read": source.read, "quarantined": bad}
    return {"sources": sources, "segments": _segments(project, snapshot)}


def shape_findings(project: Project, now: dict[str, Any], before: dict[str, Any] | None) -> list[Finding]:
    """What changed in shape since the run before; nothing can be said at the first."""
    if not before:
        return []
    found = []
    for name, held in now["sources"].items():
        earlier = before["sources"].get(name)
        if earlier is not None:
            found += [_schema(name, held, earlier), _quarantine(project, name, held, earlier)]
    gone = [name for name in before["sources"] if name not in now["sources"]]
    found += [
        Finding("schema", name, "watch", None, None, f"{name} is no source of the project file any more")
        for name in gone
    ]
    return [*found, *_lost_segments(now["segments"], before["segments"])]


def _schema(name: str, now: dict[str, Any], before: dict[str, Any]) -> Finding:
    new = [c for c in now["columns"] if c not in before["columns"]]
    gone = [c for c in before["columns"] if c not in now["columns"]]
    other = [
        f"{c} (was {before['columns'][c]}, is {kind})"
        for c, kind in now["columns"].items() if before["columns"].get(c, kind) != kind
    ]  # fmt: skip
    told = {"gone": gone, "new": new, "of another type": other}
    said = "; ".join(f"columns {what}: {', '.join(names)}" for what, names in told.items() if names)
    level: Level = "alarm" if gone else "watch" if new or other else "ok"
    changed = len(gone) + len(new) + len(other)
    cause = None if level == "ok" else "was the export changed?"
    if gone and new:
        hint = did_you_mean(gone[0], new)
        cause = f"was {gone[0]} renamed{hint}" if hint else "was a column renamed?"
    return Finding(
        "schema", name, level, float(changed), 1.0, said or f"{len(now['columns'])} columns as before", cause
    )


def _quarantine(project: Project, name: str, now: dict[str, Any], before: dict[str, Any]) -> Finding:
    """The share of unusable rows among those that came since; of all where everything was read again."""
    read, bad = now["read"] - before["read"], now["quarantined"] - before["quarantined"]
    if read < 0 or bad < 0:
        read, bad = now["read"], now["quarantined"]
    limit = next((s.max_quarantined for s in project.source if s.name == name), 1.0)
    share = bad / read if read else 0.0
    level: Level = "alarm" if share > limit and bad >= 10 else "watch" if share > limit / 2 and bad >= 5 else "ok"
    cause = None if level == "ok" else f"see the reasons in `tenure check`; max_quarantined = {limit:g}"
    said = f"{bad:,} of the {read:,} rows that came since cannot be used ({share:.1%})"
    return Finding("quarantine", name, level, plain(share), limit, said, cause)


def _lost_segments(now: dict[str, Any], before: dict[str, Any]) -> Iterator[Finding]:
    for name, held in before.items():
        lost = {
            value: (count, now.get(name, {}).get(value, 0))
            for value, count in held.items()
            if count >= FEW and now.get(name, {}).get(value, 0) < LOST * count
        }
        if not lost:
            yield Finding("segments", name, "ok", 0.0, LOST, f"the {len(held)} values of {name} are all still there")
            continue
        value, (count, left) = max(lost.items(), key=lambda item: item[1][0])
        more = f"; and {len(lost) - 1} more like it" if len(lost) > 1 else ""
        said = f"{name} {value}: {left:,} customers, {count:,} before{more}"
        cause = "was the segment renamed, or is a part of the profiles missing?"
        yield Finding("segments", name, "alarm", plain(1 - left / count), LOST, said, cause)


def _segments(project: Project, snapshot: Snapshot) -> dict[str, dict[str, int]]:
    wanted = [name for name, profile in project.profile.items() if profile.type == "category"]
    counts: dict[str, dict[str, int]] = {}
    for bucket in range(snapshot.buckets if wanted else 0):
        columns = ["customer_id", "name", "value", "occurred_at", "known_at"]
        rows = pq.read_table(snapshot.profiles(bucket), columns=columns, filters=[("name", "in", wanted)]).to_pandas()
        last = rows.sort_values(["occurred_at", "known_at"], kind="stable").drop_duplicates(
            ["customer_id", "name"], keep="last"
        )
        for (name, value), count in last.groupby(["name", "value"]).size().items():
            held = counts.setdefault(str(name), {})
            held[str(value)] = held.get(str(value), 0) + int(count)
    return {name: held for name, held in sorted(counts.items()) if len(held) <= MOST_VALUES}
