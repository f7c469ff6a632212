"""What the cache remembers is what would be computed, bit for bit; what is damaged or out of date is not trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from till import EARLY, LATE, shop, till

from tenure.pipelines.cache.store import Store
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples

OWN = '''
"""own: counts how often it was asked."""
from pathlib import Path
from tenure.pipelines.features.column import Column

def compute(view, context, fitted):
    with Path(__file__).with_suffix(".asked").open("a") as asked:
        asked.write(f"{view.as_of} {len(view.units)}\\n")
    yield Column("own_purchases", view.kind("purchase").count(), "purchases", "own")
'''


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = shop(tmp_path / "shop", till())
    (made.project.root / "own.py").write_text(OWN)
    features = made.project.features.model_copy(update={"modules": ("own.py",)})
    project = made.project.model_copy(update={"features": features})
    return replace(made, project=project, cache=Store(tmp_path / "cache", 10**9))


def build(study: Study, *, cache: bool = True, everybody: bool = False, processes: int = 1) -> Examples:
    asked = study if cache else replace(study, cache=None)
    return build_examples(asked, {EARLY, LATE}, knowledge={EARLY, LATE}, everybody=everybody, processes=processes)


def asked(study: Study) -> list[str]:
    """What the own family was asked since the last look: date and number of units."""
    file = study.project.root / "own.asked"
    said = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return said


def same(found: Examples, expected: Examples) -> None:
    pd.testing.assert_frame_equal(found.frame, expected.frame, check_exact=True)
    assert [c.feature for c in found.columns] == [c.feature for c in expected.columns]
    assert found.fitted == expected.fitted


@pytest.mark.parametrize("everybody", [False, True])
def test_cold_and_warm_tables_are_those_without_a_cache(study: Study, everybody: bool) -> None:
    plain = build(study, cache=False, everybody=everybody)
    asked(study)
    same(build(study, everybody=everybody), plain)
    assert len(asked(study)) == 2
    same(build(study, everybody=everybody), plain)
    same(build(study, everybody=everybody, processes=2), plain)
    assert asked(study) == []


def test_a_new_family_computes_only_itself(study: Study) -> None:
    features = study.project.features
    before = replace(
        study, project=study.project.model_copy(update={"features": features.model_copy(update={"modules": ()})})
    )
    build(before)
    held = {file: file.stat().st_ino for file in files(study)}
    build(study)
    assert asked(study) == [f"{LATE} 6", f"{EARLY} 6"]
    fresh = [file for file in files(study) if held.get(file) != file.stat().st_ino]
    assert {file.parent.parent.name for file in fresh} == {"own"}


def files(study: Study) -> Iterator[Path]:
    assert study.cache is not None
    return (file for file in sorted(study.cache.folder.rglob("*")) if file.is_file())


def test_a_changed_file_of_features_is_computed_anew(study: Study) -> None:
    build(study)
    asked(study)
    own = study.project.root / "own.py"
    own.write_text(own.read_text().replace(".count()", ".count() * 2"))
    doubled = build(study)
    assert len(asked(study)) == 2
    same(doubled, build(study, cache=False))


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied"])
def test_a_damaged_file_is_noticed_and_computed_anew(study: Study, damage: str) -> None:
    plain = build(study)
    for file in files(study):
        content = file.read_bytes()
        middle = len(content) // 2
        changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        file.write_bytes({"cut": content[:-7], "changed": changed, "emptied": b""}[damage])
    same(build(study), plain)
    asked(study)
    same(build(study), plain)
    assert asked(study) == []


def test_new_rows_compute_only_the_customers_they_touch(study: Study, tmp_path: Path) -> None:
    build(study)
    asked(study)
    rows = till()
    more = rows.loc[rows["customer_id"] == "c3"].tail(1).assign(interaction_id="late", amount=99.0)
    grown = shop(tmp_path / "grown", pd.concat([rows, more], ignore_index=True))
    (grown.project.root / "own.py").write_text(OWN)
    later = replace(
        study, project=study.project.model_copy(update={"root": grown.project.root}), snapshot=grown.snapshot
    )
    found = build(later)
    assert asked(later) == [f"{LATE} 1", f"{EARLY} 1"]
    same(found, build(later, cache=False))


def test_a_sample_is_taken_by_customer_and_completed_later(study: Study) -> None:
    half = build(replace(study, sample=0.5))
    everyone = build(study, cache=False)
    chosen = set(half.frame["unit_id"])
    assert 0 < len(chosen) < 6
    expected = everyone.frame.loc[everyone.frame["unit_id"].isin(chosen)].reset_index(drop=True)
    pd.testing.assert_frame_equal(half.frame, expected, check_exact=True)
    pd.testing.assert_frame_equal(build(replace(study, sample=0.5, cache=None)).frame, expected, check_exact=True)
    asked(study)
    same(build(study), everyone)
    assert asked(study) == [f"{day} {6 - len(chosen)}" for day in (LATE, EARLY)]


def test_the_oldest_files_go_first_and_the_cache_stays_below_its_limit(study: Study) -> None:
    plain = build(study)
    sizes = {file: file.stat().st_size for file in files(study)}
    tight = Store(study.cache.folder, sum(sizes.values()) // 2) if study.cache else None
    assert tight is not None
    assert tight.trim() <= tight.limit
    left = list(files(study))
    assert 0 < len(left) < len(sizes)
    assert min(f.stat().st_mtime_ns for f in left) >= 0
    same(build(replace(study, cache=tight)), plain)


def test_another_day_of_knowledge_keeps_the_columns(study: Study) -> None:
    build(study)
    asked(study)
    other = LATE - dt.timedelta(days=7)
    found = build_examples(study, {EARLY, LATE}, knowledge={EARLY, LATE, other}, processes=1)
    assert asked(study) == []
    expected = build_examples(replace(study, cache=None), {EARLY, LATE}, knowledge={EARLY, LATE, other}, processes=1)
    same(found, expected)
