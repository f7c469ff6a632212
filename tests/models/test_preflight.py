from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tenure.models.artefact import save
from tenure.models.manifest import MANIFEST, write_manifest
from tenure.models.preflight import PreflightFailed, preflight
from tenure.models.race import Race


@pytest.fixture
def saved(race: Race, tmp_path: Path) -> Path:
    save(race, tmp_path / "artefact")
    return tmp_path / "artefact"


def test_a_sound_artefact_passes(saved: Path) -> None:
    assert preflight(saved) == "12 golden cases agree bit for bit"


def test_what_passed_is_not_tried_again_until_a_file_changes(saved: Path, tmp_path: Path) -> None:
    count = tmp_path / "count"
    once = [sys.executable, "-c", f"open({str(count)!r}, 'a').write('x')"]
    for _ in range(2):
        preflight(saved, command=once)
    assert count.read_text() == "x"
    booster = saved / "boosted-0.txt"
    booster.write_bytes(booster.read_bytes()[:2_000])
    with pytest.raises(PreflightFailed, match="is not what was saved"):
        preflight(saved)
    preflight(saved, command=once)
    assert count.read_text() == "xx"


def test_a_corrupt_artefact_is_refused_with_the_reason(saved: Path) -> None:
    (saved / "extra.json").write_text("{}")
    with pytest.raises(PreflightFailed, match=r"was refused: .*extra\.json is not what was saved"):
        preflight(saved)


def test_a_truncated_booster_behind_a_good_manifest_does_not_end_this_process(saved: Path) -> None:
    booster = saved / "boosted-0.txt"
    booster.write_bytes(booster.read_bytes()[:2_000])
    (saved / MANIFEST).unlink()
    write_manifest(saved)
    with pytest.raises(PreflightFailed, match=r"was refused|ended the process"):
        preflight(saved)


def test_a_crash_is_named(tmp_path: Path) -> None:
    with pytest.raises(PreflightFailed, match=r"ended the process that loaded it \(signal 6\)"):
        preflight(tmp_path, command=[sys.executable, "-c", "import os; os.abort()"])


def test_a_hang_is_named(tmp_path: Path) -> None:
    with pytest.raises(PreflightFailed, match=r"not ready within 0\.5 seconds"):
        preflight(tmp_path, command=[sys.executable, "-c", "import time; time.sleep(30)"], timeout=0.5)


def test_another_command_gets_the_directory_last(tmp_path: Path) -> None:
    said = preflight(tmp_path, command=[sys.executable, "-c", "import sys; print(sys.argv[-1])"])
    assert said == str(tmp_path)
