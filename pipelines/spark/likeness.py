"""Whether an executor is like the machine that gave the work: the same code and the same libraries."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import tenure.models
import tenure.pipelines

LIBRARIES = ("duckdb", "lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy")
MARK = "mark"


class ExecutorDiffers(RuntimeError):
    """An executor has other code or other libraries, so its figures might be others too."""


class FolderNotShared(RuntimeError):
    """An executor does not see the folder in which the project keeps its data."""


@lru_cache(maxsize=1)
def likeness() -> Mapping[str, str]:
    """What must be the same on all machines for their figures to be the same, by name."""
    return {
        "processor": platform.machine(),
        "python": platform.python_version(),
        "tenure": _code(),
        **{name: version(name) for name in LIBRARIES},
    }


def require_like(expected: Mapping[str, str], *, folder: Path) -> None:
    """Raise unless this process is like the one that gave the work and sees its `folder`."""
    found = likeness()
    other = [
        f"{name} {found.get(name)} and not {value}" for name, value in expected.items() if found.get(name) != value
    ]
    if other:
        raise ExecutorDiffers(
            f"the executor on {platform.node()} has {', '.join(other)}; install the same versions there, "
            "or name with `python` in [spark] the interpreter that has them"
        )
    if not (folder / MARK).is_file():
        raise FolderNotShared(
            f"the executor on {platform.node()} does not see {folder}; the project and its data must lie in a folder "
            "that every machine of the cluster has under the same path"
        )


def _code() -> str:
    digest = sha256()
    for package in (tenure.models, tenure.pipelines):
        root = Path(next(iter(package.__path__)))
        for file in sorted(root.rglob("*.py")):
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]
