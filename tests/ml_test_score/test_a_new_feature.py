"""A new feature is a file: written, tried for what it may not do, and set against what is there, by three commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import tenure


@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")
def test_a_feature_goes_from_a_file_to_a_paired_difference(trained: Path) -> None:
    made = tenure("feature", "new", "loyalty", "--folder", trained / "features")
    assert made.code == 0, made.err
    checked = tenure("feature", "test", trained / "features" / "loyalty.py")
    assert checked.code == 0 and "holds every property" in checked.out
    ran = tenure("feature", "try", "loyalty", trained, "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["family"] == "loyalty" and len(found["features"]) >= 1
    difference = found["differences"]["risk"]["roc_auc"]
    assert difference["low"] <= difference["mean"] <= difference["high"]
