"""The child process in which an effect model is tried before it is used: `python -m tenure.models.uplift.preflight`."""

from __future__ import annotations

import sys
from pathlib import Path

from tenure.models.preflight import answer
from tenure.models.uplift.artefact import load_effect

COMMAND = (sys.executable, "-m", "tenure.models.uplift.preflight")


def check(directory: Path) -> int:
    """Load the artefact, which predicts its golden rows; give their number."""
    return len(load_effect(directory).golden["rows"])


if __name__ == "__main__":
    sys.exit(answer(sys.argv[1:], check))
