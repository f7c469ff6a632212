"""A process that fits nothing does without scikit-learn, and leaves it to others as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tenure.models.artefact import save
from tenure.models.race import Race

PROGRAM = """
import sys
from pathlib import Path
from tenure.models.artefact import load
from tenure.models.golden import check_golden
from tenure.models.reading import fit_nothing
fit_nothing()
artefact = load(Path(sys.argv[1]))
assert check_golden(artefact.race, artefact.golden) == 12
assert "lightgbm" in sys.modules and "sklearn" not in sys.modules
import sklearn.base
"""


def test_a_model_is_read_without_scikit_learn_which_can_still_be_imported(race: Race, tmp_path: Path) -> None:
    save(race, tmp_path / "artefact")
    subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path / "artefact")], check=True, timeout=120)
