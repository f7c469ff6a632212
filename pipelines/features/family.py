"""The families of a project: the built-in ones it names, and its own feature files."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import numpy as np

from tenure.pipelines.features.column import Column, Context, Fitted
from tenure.pipelines.history.history import View
from tenure.pipelines.settings.features import Features

Compute = Callable[[View, Context, Fitted], Iterable[Column]]

BUILT_IN = ("activity", "rhythm", "money", "contract", "profile")


class FamilyError(ValueError):
    """A feature family cannot be found, cannot be imported, or returns what it must not."""


def families(settings: Features, root: Path) -> dict[str, Compute]:
    """The `compute` of every family by name, in the order of the project file, own modules last."""
    found: dict[str, Compute] = {}
    for name in settings.families:
        if name not in BUILT_IN:
            close = get_close_matches(name, BUILT_IN, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(BUILT_IN)}"
            raise FamilyError(f"features.families names {name!r}; {hint}")
        found[name] = importlib.import_module(f"tenure.pipelines.features.{name}").compute
    for module in settings.modules:
        found[Path(module).stem] = _own(root / module)
    return found


def compute_columns(view: View, context: Context, fitted: Fitted, chosen: dict[str, Compute]) -> list[Column]:
    """All columns of the chosen families for one view; a name or a length that cannot be is refused."""
    columns: dict[str, Column] = {}
    for family, compute in chosen.items():
        for column in compute(view, context, fitted):
            if column.name in columns:
                raise FamilyError(f"family {family!r} returns a second column {column.name!r}; give it another name")
            if np.shape(column.values) != (len(view.units),):
                raise FamilyError(
                    f"column {column.name!r} of family {family!r} must have one value a unit "
                    f"({len(view.units)}), found shape {np.shape(column.values)}"
                )
            columns[column.name] = column
    return list(columns.values())


@lru_cache(maxsize=64)
def _own(path: Path) -> Compute:
    if not path.is_file():
        raise FamilyError(f"features.modules names {path}, which is not a file; `tenure feature new` writes one")
    spec = importlib.util.spec_from_file_location(f"tenure_project_feature_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FamilyError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    compute = getattr(module, "compute", None)
    if compute is None:
        raise FamilyError(f"{path} must define compute(view, context, fitted); `tenure feature new` shows one")
    return compute
