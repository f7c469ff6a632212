"""What is held on a person is told as a whole, and what is held on nobody is said to be so."""

from __future__ import annotations

import json
from pathlib import Path

from command import tenure


def test_everything_is_told_and_it_is_on_record(trained: Path, tmp_path: Path) -> None:
    ran = tenure("export", "c011", trained, "--out", tmp_path / "held.json")
    assert ran.code == 0, ran.err
    held = json.loads((tmp_path / "held.json").read_text())
    sold = [line for line in (trained / "sales.csv").read_text().splitlines() if line.startswith("c011,")]
    assert len(held["interactions"]) == len(sold) and {row["kind"] for row in held["interactions"]} == {"purchase"}
    assert [(row["name"], row["value"]) for row in held["profiles"]] == [("region", "r2")]
    assert [(row["outcome"], row["customer_id"]) for row in held["scores"]] == [("lapse", "c011")]
    assert held["models"] == ["shop-lapse/1"]
    assert (tmp_path / "held.json").stat().st_mode & 0o077 == 0
    again = json.loads(tenure("export", "c011", trained).out)
    assert [entry["what"] for entry in again["audit"]] == ["held"]


def test_nothing_is_held_on_nobody(trained: Path) -> None:
    for command in ("export", "object", "erase"):
        ran = tenure(command, "c9999", trained, *(["--yes"] if command == "erase" else []))
        assert (ran.code, "nothing is held on customer 'c9999'; check the id" in ran.said) == (1, True)
    assert not (trained / "erasures.ndjson").exists()
