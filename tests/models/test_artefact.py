from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tenure.models.artefact import ArtefactExists, load, save
from tenure.models.feature import Feature
from tenure.models.fit import fit_race
from tenure.models.golden import GoldenDiffer, check_golden
from tenure.models.manifest import ArtefactCorrupt, ArtefactMissing
from tenure.models.race import Race
from tenure.models.settings import RaceSettings


@pytest.fixture
def saved(race: Race, tmp_path: Path) -> Path:
    save(race, tmp_path / "artefact", extra={"kinds": ["visit"]}, attachments={"features/own.py": b"x = 1\n"})
    return tmp_path / "artefact"


def test_what_is_loaded_predicts_the_same_bits(saved: Path, race: Race, later: pd.DataFrame) -> None:
    found = load(saved)
    assert found.race.predict(later).equals(race.predict(later))
    assert found.race.features == race.features
    assert found.race.report == race.report


def test_what_travels_beside_the_model_comes_back(saved: Path) -> None:
    found = load(saved)
    assert found.extra == {"kinds": ["visit"]}
    assert found.attachments == {"features/own.py": b"x = 1\n"}


def test_there_is_no_pickle(saved: Path) -> None:
    names = sorted(path.relative_to(saved).as_posix() for path in saved.rglob("*") if path.is_file())
    assert names == [
        "attachments/features/own.py",
        "boosted-0.txt",
        "extra.json",
        "golden.json",
        "manifest.json",
        "model.json",
    ]


def test_the_same_data_and_seed_give_the_same_bytes(
    world: Callable[..., pd.DataFrame], features: tuple[Feature, ...], settings: RaceSettings, tmp_path: Path
) -> None:
    examples = world(recency=0.8, visits=0.6, persons=200)
    digests = [
        save(fit_race(examples, features=features, settings=settings, threads=threads), tmp_path / str(threads))
        for threads in (1, 2)
    ]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("name", ["boosted-0.txt", "model.json", "extra.json", "golden.json", "manifest.json"])
def test_a_changed_byte_is_refused(saved: Path, name: str) -> None:
    content = bytearray((saved / name).read_bytes())
    content[len(content) // 2] ^= 1
    (saved / name).write_bytes(content)
    # A changed digest in the manifest is reported as a file that does not fit it.
    with pytest.raises(ArtefactCorrupt, match=name if name != "manifest.json" else "artefact"):
        load(saved)


@pytest.mark.parametrize("name", ["boosted-0.txt", "model.json", "manifest.json"])
def test_a_truncated_file_is_refused(saved: Path, name: str) -> None:
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ArtefactCorrupt, match=name):
        load(saved)


def test_a_missing_file_is_refused(saved: Path) -> None:
    (saved / "boosted-0.txt").unlink()
    with pytest.raises(ArtefactCorrupt, match=r"boosted-0\.txt is listed in the manifest but missing"):
        load(saved)


def test_a_directory_without_an_artefact_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtefactMissing, match=r"expected a file manifest\.json"):
        load(tmp_path)


def test_an_artefact_is_never_overwritten(saved: Path, race: Race) -> None:
    with pytest.raises(ArtefactExists, match="not empty"):
        save(race, saved)


def test_golden_cases_notice_another_model(saved: Path) -> None:
    found = load(saved)
    assert check_golden(found.race, found.golden) == 12
    found.golden["probabilities"]["risk"][3] += 1e-15
    with pytest.raises(GoldenDiffer, match="1 of 12 golden cases differ"):
        check_golden(found.race, found.golden)


def test_golden_cases_notice_another_interval(saved: Path) -> None:
    found = load(saved)
    found.golden["high"][3] += 1e-15
    with pytest.raises(GoldenDiffer, match="1 of 12 golden cases differ .high"):
        check_golden(found.race, found.golden)
