"""Six origins of OULAD, 10.7 million rows of clicks, with every family that has something to say there.

`python tests/benchmarks/oulad_origins.py`. The project file of the figures (`tests/projects/oulad.toml`) is
imported with all checks (its cost is given too); then an example table is made of all registrations
running at six weekly origins: what families learn and gather beforehand, features and labels of
everyone, a file for each bucket. The families are those that apply without being asked for; with
`people`, too, they are all that Tenure has. The cache is off; the cost is CPU of one process.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

import example_table
from measured import answer, cost_of, rounded

from tenure.pipelines.features.family import BUILT_IN

SETTINGS = Path(__file__).parents[1] / "projects" / "oulad.toml"
SHARED = Path(__file__).parents[2].parent / "shared"
ORIGINS = [dt.date(2014, 10, 8) + dt.timedelta(7 * week) for week in range(6)]
LIMIT = 60.0


def main() -> dict[str, Any]:
    """Import once, then describe with the default families and with all."""
    with tempfile.TemporaryDirectory(prefix="tenure-") as name:
        root, script = Path(name), Path(__file__)
        text = SETTINGS.read_text().replace("../../../shared", str(SHARED))
        (root / "tenure.toml").write_text(text.replace("[project]\n", "[project]\ncache_gigabytes = 0\n"))
        imported = cost_of(script, "import", root=root)
        default = cost_of(script, "describe", root=root, cutoffs=ORIGINS, out=root / "default")
        (root / "tenure.toml").open("a").write(f"\n[features]\nfamilies = {json.dumps(BUILT_IN)}\n")
        every = cost_of(script, "describe", root=root, cutoffs=ORIGINS, out=root / "every")
    return {"import_with_all_checks": imported, "default_families": default, "all_families": every, "limit": LIMIT}


WORKS = {"import": example_table.load, "describe": example_table.describe}

if __name__ == "__main__" and not answer(WORKS):
    print(json.dumps(rounded(main()), indent=2))
