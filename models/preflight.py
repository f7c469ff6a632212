"""Try an artefact in a child process first: a broken model may crash or hang whoever loads it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tenure.models.artefact import load
from tenure.models.golden import GoldenDiffer, check_golden
from tenure.models.manifest import MANIFEST, ArtefactCorrupt, ArtefactMissing
from tenure.models.reading import fit_nothing
from tenure.models.serial import SchemaUnknown

TIMEOUT = 60.0
"""Seconds the child may take, its imports included."""

Tried = tuple[tuple[str, ...], bytes, tuple[tuple[str, int], ...]]
"""What an artefact is known by: the command that tries it, its manifest, and the sizes of its files."""


_PASSED: dict[Tried, str] = {}
"""What children of this process said of artefacts that passed."""


class PreflightFailed(RuntimeError):
    """The child could not load the artefact, crashed, hung, or got other probabilities."""


def preflight(directory: Path, *, command: Sequence[str] | None = None, timeout: float = TIMEOUT) -> str:
    """Load the artefact and check its golden cases in a child process; give what the child said.

    `command` replaces the check; the directory is added as its last argument. The child says yes by
    ending with 0. Raises `PreflightFailed`; this process never opens the model. What passed is not tried again by
    this process as long as its manifest and the sizes of its files are the same: loading compares every byte with the
    manifest before anything is opened.
    """
    tried = _tried(directory, command)
    if tried is not None and tried in _PASSED:
        return _PASSED[tried]
    said = _asked(directory, command, timeout)
    if tried is not None:
        _PASSED[tried] = said
    return said


def _tried(directory: Path, command: Sequence[str] | None) -> Tried | None:
    """What is tried, by command, manifest and sizes; None where there is no manifest, so that it is tried each time."""
    try:
        sizes = tuple((path.name, path.stat().st_size) for path in sorted(directory.iterdir()))
        return tuple(command or ()), (directory / MANIFEST).read_bytes(), sizes
    except OSError:
        return None


def _asked(directory: Path, command: Sequence[str] | None, timeout: float) -> str:
    call = [*(command or (sys.executable, "-m", "tenure.models.preflight")), str(directory)]
    try:
        child = subprocess.run(call, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise PreflightFailed(
            f"the model in {directory} was not ready within {timeout:g} seconds and was stopped; "
            f"do not serve it, and train again"
        ) from None
    if child.returncode < 0:
        raise PreflightFailed(
            f"the model in {directory} ended the process that loaded it (signal {-child.returncode}); "
            f"do not serve it, restore it from the registry or train again"
        )
    if child.returncode > 0:
        said = _said(child.stderr).splitlines() or ["nothing"]
        raise PreflightFailed(f"the model in {directory} was refused: {said[-1]}")
    return _said(child.stdout)


def _said(output: bytes) -> str:
    """A library that reads a broken file may print pieces of its memory, which is no UTF-8."""
    return output.decode(errors="replace").strip()


def answer(arguments: Sequence[str], check: Callable[[Path], int]) -> int:
    """What the child does: 0 when the check gives its number of cases, 1 with the reason on stderr."""
    if len(arguments) != 1:
        print("expected one argument, the artefact directory", file=sys.stderr)
        return 2
    try:
        count = check(Path(arguments[0]))
    except (ArtefactMissing, ArtefactCorrupt, SchemaUnknown, GoldenDiffer) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(f"{count} golden cases agree bit for bit")
    return 0


def check_rows(directory: Path) -> int:
    """Load the artefact and predict its golden rows; give their number or raise `GoldenDiffer`."""
    artefact = load(directory)
    return check_golden(artefact.race, artefact.golden)


if __name__ == "__main__":
    fit_nothing()
    sys.exit(answer(sys.argv[1:], check_rows))
