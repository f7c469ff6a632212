"""A sample for a laptop: some customers under other names, without what was said, as a project of its own."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.access.audit import Pseudonyms
from tenure.pipelines.lake.people import read_people
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.scoring.live import FOREVER
from tenure.pipelines.settings.outcome import Cancellation
from tenure.pipelines.settings.project import Project

HASHED = ("interaction_id", "customer_id", "contract_id", "case_id", "agent_id", "team_id")
"""Columns whose values become hashes with a secret of the project, each kind by itself."""

PLAIN = (
    "occurred_at", "known_at", "due_at", "kind", "channel", "direction", "product_id", "amount", "wait_seconds",
    "handle_seconds", "rating",
)  # fmt: skip
"""Columns that stay as they are; texts and attributes do not, but for the reasons that an outcome names."""

ROLES = ("feature", "peer_group", "value", "permission")
"""Roles of the profiles that come along; names and whatever is shown, and protected ones, do not."""

DROPPED = frozenset(
    {"source", "store", "service", "login", "hooks", "write_back", "alerts", "target", "spark", "retrain", "gap"}
)
"""Sections of the project file that are about where a project runs and not about its question."""

OF_THE_PLACE = ("data", "engine", "clock")
"""Keys of `[project]` that are so too: a sample lies beside its file, is worked out here, and ends when it was made."""

CANNOT_BE_EMPTY = "a sample needs at least one customer"


class SampleRefused(ValueError):
    """The sample cannot be written; the message says why."""


class Sampled(NamedTuple):
    """How much is in a sample."""

    customers: int
    interactions: int
    profiles: int


def write_sample(
    project: Project,
    project_file: Path,
    snapshot: Snapshot,
    folder: Path,
    *,
    customers: int,
    objectors: frozenset[str] = frozenset(),
) -> Sampled:
    """Write a project with so many customers, chosen by the hash of their id, into a new or empty folder.

    History is as it is known today: versions that were replaced since are left out. Whoever has the project's secret
    can say who is meant by a name, nobody else. Of the `objectors` to profiling nobody is in a sample. Raises
    `SampleRefused` where something is in the folder already.
    """
    if customers < 1:
        raise SampleRefused(f"--customers {customers}: {CANNOT_BE_EMPTY}")
    if folder.exists() and any(folder.iterdir()):
        raise SampleRefused(f"--out {folder}: is not empty; name a new folder, so that nothing in it is written over")
    names = Pseudonyms(project.data)
    chosen = _chosen(snapshot, names, customers, objectors)
    rows, facts = _tables(snapshot, chosen)
    folder.mkdir(parents=True, exist_ok=True)
    sections = [*_interactions(project, snapshot, rows, names, folder), *_gaps(project, snapshot)]
    sections += _profiles(project, snapshot, facts, names, folder)
    for module in project.features.modules:
        (folder / module).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project.root / module, folder / module)
    text = kept_sections(project_file.read_text(encoding="utf-8"))
    (folder / "tenure.toml").write_text(f"{text}\n{''.join(sections)}", encoding="utf-8")
    return Sampled(len(chosen), rows.num_rows, _brought(project, facts).num_rows)


def kept_sections(text: str) -> str:
    """A project file without the sections in `DROPPED` and the keys `OF_THE_PLACE`; it lives on its last midnight.

    >>> print(kept_sections('[project]\\nname = "shop"\\n[[source]]\\nfiles = "x.csv"\\n[bands]\\nhigh = 0.3'))
    [project]
    clock = "data"
    name = "shop"
    [bands]
    high = 0.3
    """
    kept, dropping, quote, section = [], False, "", ""
    for line in text.splitlines():
        head = re.match(r"\s*\[{1,2}\s*([A-Za-z_]+)", line)
        if head and not quote:
            section = head[1]
            dropping = section in DROPPED
        for mark in re.findall("\"\"\"|'''", line):
            quote = "" if quote == mark else quote or mark
        if not dropping and not (section == "project" and re.match(rf"\s*({'|'.join(OF_THE_PLACE)})\s*=", line)):
            kept.append(line)
            if head and section == "project" and not quote:
                kept.append('clock = "data"')
    return "\n".join(kept)


def _chosen(snapshot: Snapshot, names: Pseudonyms, customers: int, objectors: frozenset[str]) -> set[str]:
    people = (str(name) for bucket in range(snapshot.buckets) for name in read_people(snapshot.folder, bucket).ids)
    everybody = [name for name in people if name not in objectors]
    return set(sorted(everybody, key=lambda name: names.of(f"sample {name}"))[:customers])


def _tables(snapshot: Snapshot, chosen: set[str]) -> tuple[pa.Table, pa.Table]:
    """The rows and the profiles of the chosen that hold today."""
    wanted = pa.array(sorted(chosen), pa.string())
    found: tuple[list[pa.Table], list[pa.Table]] = ([], [])
    for bucket in range(snapshot.buckets):
        for tables, file in zip(found, (snapshot.interactions(bucket), snapshot.profiles(bucket)), strict=True):
            if file.is_file():
                table = pq.read_table(file)
                mine = pc.is_in(table["customer_id"].cast(pa.string()), value_set=wanted)
                tables.append(table.filter(pc.and_(mine, pc.greater_equal(table["superseded_at"], FOREVER))))
    rows, facts = (pa.concat_tables(tables, promote_options="permissive") for tables in found)
    return rows, facts


def _interactions(
    project: Project, snapshot: Snapshot, rows: pa.Table, names: Pseudonyms, folder: Path
) -> Iterator[str]:
    """Write a file a source of interactions, and give the sections that name them."""
    reasons = _reasons(project)
    hidden = {name: _hashed(rows[name], name, names) for name in HASHED}
    columns = hidden | {name: rows[name] for name in PLAIN}
    if reasons:
        columns["reason"] = _reason(rows, reasons)
    table = pa.table(columns)
    for source in snapshot.sources:
        if source.into == "interactions":
            mine = pc.equal(rows["source"].cast(pa.string()), source.name)
            pq.write_table(table.filter(mine), folder / f"{source.name}.parquet")
            yield _section(source.name, "interactions", f"complete_until = {source.complete_until}\n")


def _gaps(project: Project, snapshot: Snapshot) -> Iterator[str]:
    """The gaps of the sources that came along."""
    brought = {source.name for source in snapshot.sources if source.into == "interactions"}
    for gap in project.gap:
        if gap.source in brought:
            yield f'[[gap]]\nsource = "{gap.source}"\nfrom = {gap.start}\nuntil = {gap.end}\n'


def _profiles(project: Project, snapshot: Snapshot, facts: pa.Table, names: Pseudonyms, folder: Path) -> Iterator[str]:
    facts, taken = _brought(project, facts), {source.name for source in snapshot.sources}
    plain = ("name", "value", "occurred_at", "known_at")
    for wanted, timeless in (("profiles", False), ("timeless_profiles", True)):
        file = f"{wanted}_of_sample" if wanted in taken else wanted
        rows = facts.filter(pc.equal(facts["timeless"], timeless))
        if rows.num_rows:
            owners = {name: _hashed(rows[name], name, names) for name in ("customer_id", "contract_id")}
            dates = plain[:2] if timeless else plain
            pq.write_table(pa.table(owners | {name: rows[name] for name in dates}), folder / f"{file}.parquet")
            yield _section(file, "profiles", "timeless = true\n" if timeless else "")


def _brought(project: Project, facts: pa.Table) -> pa.Table:
    """The profiles that come along."""
    wanted = [name for name, profile in project.profile.items() if profile.role in ROLES]
    return facts.filter(pc.is_in(facts["name"].cast(pa.string()), value_set=pa.array(wanted, pa.string())))


def _section(name: str, into: str, rest: str) -> str:
    file = json.dumps(f"{name}.parquet")
    return f'[[source]]\nname = "{name}"\ninto = "{into}"\nfiles = {file}\n{rest}'


def _hashed(values: pa.ChunkedArray, kind: str, names: Pseudonyms) -> pa.Array:
    """A hash for every value, the same for equal ones of a kind; missing stays missing."""
    encoded = values.combine_chunks().cast(pa.string()).dictionary_encode()
    hashes = [names.of(f"sample {kind} {value}")[:20] for value in encoded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(hashes, pa.string())).cast(pa.string())


def _reasons(project: Project) -> set[str]:
    """The reasons of cancellations that outcomes tell apart."""
    found = [outcome for outcome in project.outcome.values() if isinstance(outcome, Cancellation)]
    return {reason for outcome in found for reason in (*outcome.payment_reasons, *outcome.exclude_reasons)}


def _reason(rows: pa.Table, reasons: set[str]) -> pa.Array:
    told = (dict(pairs or []).get("reason") for pairs in rows["attributes"].to_pylist())
    return pa.array([reason if reason in reasons else None for reason in told], pa.string())
