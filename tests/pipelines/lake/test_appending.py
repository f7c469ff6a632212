"""New files added to a lake give the lake that an import of everything gives, row for row."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenure.pipelines.cache.store import Store
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.settings.load import parse_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import open_store

NOW = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
DAYS = (dt.date(2024, 3, 1), dt.date(2024, 5, 1))
CUSTOMERS = [f"c{n}" for n in range(6)]
HEAD = "id,customer,outside,case,contract,at,known,kind,amount,gone"


def project(root: Path, *, ids: bool = True, buckets: int = 1, outside: bool = True) -> Project:
    """A till in many files, profiles in one, identities in one; small buckets where several are wanted."""
    given = "id as interaction_id, gone as retracted, " if ids else ""
    given += "outside as external_id, " if outside else ""
    select = (
        f'select {given} customer as customer_id, "case" as case_id, contract as contract_id, "at" as occurred_at, '
        "known as known_at, kind, amount from source"
    )
    return parse_project(
        {
            "project": {"name": "shop"},
            "source": [
                {"name": "till", "files": "till-*.csv", "timezone": "UTC", "select": select, "max_quarantined": 1},
                {"name": "facts", "into": "profiles", "files": "facts.csv", "timezone": "UTC", "max_quarantined": 1},
                {"name": "who", "into": "identities", "files": "who.csv", "timezone": "UTC", "max_quarantined": 1},
            ],
            "profile": {"city": {"role": "feature"}},
            "outcome": {"lapse": {"type": "inactivity", "kinds": ["purchase"], "horizon_days": 28}},
            "features": {"min_customers": 2},
        },
        root=root,
    )


def write(root: Path, files: dict[str, str]) -> None:
    root.mkdir(exist_ok=True)
    for name, text in files.items():
        if not (root / name).is_file() or (root / name).read_text() != text:
            (root / name).write_text(text)


def load(asked: Project, now: dt.datetime = NOW) -> tuple[Snapshot, list[str]]:
    said: list[str] = []
    snapshot = import_sources(asked, now=now, store=open_store(asked.data), progress=said.append)
    return snapshot, [line.removeprefix("reading everything again: ") for line in said if "everything again" in line]


def contents(snapshot: Snapshot) -> list[pa.Table]:
    """All files of a snapshot that are read again, in order."""
    names = [
        f"{what}-{b:05d}.parquet" for what in ("interactions", "profiles", "people") for b in range(snapshot.buckets)
    ]
    return [pq.read_table(snapshot.folder / name) for name in [*names, "quarantine.parquet"]]


def plain(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, snapshot_id="", folder=Path(), fingerprint="")


def same(found: Snapshot, expected: Snapshot) -> None:
    assert plain(found) == plain(expected)
    for left, right in zip(contents(found), contents(expected), strict=True):
        assert left.equals(right), (left.to_pylist(), right.to_pylist())


def from_scratch(asked: Project, into: Path) -> Snapshot:
    """An import of the same files that has nothing to build on."""
    into.mkdir()
    for file in asked.root.glob("*.csv"):
        shutil.copy2(file, into / file.name)
    return load(asked.model_copy(update={"root": into}))[0]


_ROW = st.tuples(
    st.integers(0, 11), st.integers(0, 5), st.sampled_from(["own", "own", "own", "outside", "none"]), st.integers(0, 2),
    st.integers(0, 2), st.integers(0, 150), st.integers(0, 3), st.sampled_from(["purchase", "purchase", "visit"]),
    st.sampled_from(["", "1.5", "20", "7"]), st.sampled_from([False] * 8 + [True]),
)  # fmt: skip
_FACTS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["Lublin", "Kielce"]), st.integers(0, 150)), max_size=4)
_WHO = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 150), st.booleans()), max_size=3)


def till_file(rows: Iterable[tuple[Any, ...]], *, first: int, mixed: bool) -> str:
    lines = [HEAD]
    for number, (key, who, how, case, contract, day, late, kind, amount, gone) in enumerate(rows):
        at = dt.datetime(2024, 1, 1, 9) + dt.timedelta(days=day)
        known = at + dt.timedelta(days=late)
        own, outside = (CUSTOMERS[who] if how == "own" else ""), (f"x{who}" if how == "outside" else "")
        name = f"i{key}" if mixed else f"n{first + number}"
        lines.append(
            f"{name},{own},{outside},{f'k{case}' if case else ''},{f'{CUSTOMERS[who]}-{contract}' if contract else ''},"
            f"{at.isoformat()},{known.isoformat()},{kind},{amount},{str(gone).lower()}"
        )
    return "\n".join([*lines, ""]) if rows else ""


@st.composite
def worlds(draw: st.DrawFn) -> tuple[bool, bool, list[dict[str, str]]]:
    """Whether rows have ids, whether there are outside ids, and what lies in the folder at several times."""
    ids, mixed, outside = draw(st.booleans()), draw(st.sampled_from([False, False, True])), draw(st.booleans())
    if not mixed and draw(st.booleans()):  # rows to which nothing but an append can happen
        shape = _ROW.map(lambda row: (*row[:2], "own", *row[3:9], False))
    else:
        shape = _ROW
    files: dict[str, str] = {}
    states = []
    for time in range(draw(st.integers(2, 3))):
        rows = draw(st.lists(shape, min_size=1, max_size=8))
        files[f"till-{time}.csv"] = till_file(rows, first=100 * time, mixed=mixed)
        if not time or draw(st.sampled_from([True, False, False])):
            lines = [
                f"{CUSTOMERS[w]},city,{v},{dt.date(2024, 1, 1) + dt.timedelta(days=d)}" for w, v, d in draw(_FACTS)
            ]
            files["facts.csv"] = "\n".join(
                ["customer_id,name,value,occurred_at", "c0,city,Lublin,2024-01-02", *lines, ""]
            )
        if not time or draw(st.sampled_from([True, False, False, False])):
            lines = [
                f"{'' if merge else 'till'},{CUSTOMERS[a] if merge else f'x{a}'},{CUSTOMERS[max(a, b)]},"
                f"{dt.date(2024, 1, 1) + dt.timedelta(days=d)}"
                for a, b, d, merge in draw(_WHO)
            ]
            files["who.csv"] = "\n".join(
                ["source,external_id,customer_id,known_at", "till,x0,c0,2024-01-01", *lines, ""]
            )
        if time and draw(st.sampled_from([True, False, False, False])):
            files["till-0.csv"] += till_file(
                draw(st.lists(shape, min_size=1, max_size=2)), first=900, mixed=mixed
            ).removeprefix(HEAD + "\n")
        states.append(dict(files))
    return ids, outside, states


@pytest.mark.parametrize("rows_a_bucket", [4, 1000])
@settings(max_examples=5)
@given(world=worlds())
def test_a_lake_grown_file_by_file_and_its_features_equal_those_from_scratch(
    world: tuple[bool, bool, list[dict[str, str]]], rows_a_bucket: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    grown_equals_scratch(world, rows_a_bucket, tmp_path_factory)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("rows_a_bucket", [4, 1000])
@settings(max_examples=200)
@given(world=worlds())
def test_very_many_lakes_grown_file_by_file_equal_those_from_scratch(
    world: tuple[bool, bool, list[dict[str, str]]], rows_a_bucket: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    grown_equals_scratch(world, rows_a_bucket, tmp_path_factory)


def grown_equals_scratch(
    world: tuple[bool, bool, list[dict[str, str]]], rows_a_bucket: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ids, outside, states = world
    base = tmp_path_factory.mktemp("grown")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tenure.pipelines.lake.buckets.ROWS_A_BUCKET", rows_a_bucket)
        asked = project(base / "shop", ids=ids, outside=outside)
        for number, files in enumerate(states):
            write(asked.root, files)
            grown, _ = load(asked)
            scratch = from_scratch(asked, base / f"scratch-{number}")
            same(grown, scratch)
            study = Study.of(asked, grown)
            cached = replace(study, cache=Store(base / "cache", 10**9))
            tables = [
                build_examples(one, set(DAYS), knowledge=set(DAYS), everybody=True, processes=1)
                for one in (cached, cached, replace(study, snapshot=scratch))
            ]
            for found in tables[:2]:
                pd.testing.assert_frame_equal(found.frame, tables[2].frame, check_exact=True)
                assert [c.feature for c in found.columns] == [c.feature for c in tables[2].columns]
    shutil.rmtree(base)


def test_a_lake_that_outgrows_its_buckets_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenure.pipelines.lake.buckets.ROWS_A_BUCKET", 2)
    asked = project(tmp_path / "shop", outside=False)
    rows = [(n, n % 6, "own", 0, 0, n, 0, "purchase", "7", False) for n in range(8)]
    others = {
        "facts.csv": "customer_id,name,value,occurred_at\nc0,city,Lublin,2024-01-02\n",
        "who.csv": "source,external_id,customer_id,known_at\ntill,x0,c0,2024-01-01\n",
    }
    write(asked.root, {"till-0.csv": till_file(rows[:2], first=0, mixed=False), **others})
    first, _ = load(asked)
    write(asked.root, {"till-1.csv": till_file(rows[2:], first=2, mixed=False)})
    grown, said = load(asked)
    assert (first.buckets, grown.buckets) == (1, 4)
    assert said == ["8 rows need 4 buckets instead of 1"]
    same(grown, from_scratch(asked, tmp_path / "scratch"))
