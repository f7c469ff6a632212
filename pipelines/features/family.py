"""The families of a project: the built-in ones it names, and its own feature files.

A family is a module. It must define `compute(view, context, fitted)`, which yields columns, and may define

- `COLUMNS`: lake columns it reads beside the usual ones, such as `("case_id",)`;
- `gather(view, context, fitted)`: sums over all units by group (`GroupSums` by name), so that `compute`
  can look at others, a unit's own part taken out; asked once a date, of every bucket;
- `observe(view, context, fitted)` and `learn(observed, context)`: rows to learn from (arrays of one length by
  name; `unit` holds places in `view.units`), and what is learnt from them. Learnt again at every date of
  knowledge, once for each fold of people without that fold;
- `applies(context, fitted)`: whether it has anything to say here at all, asked before anything is read.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tenure.pipelines.cache.source import code_digest, file_digest
from tenure.pipelines.features.column import Column, Context, Fitted, State
from tenure.pipelines.features.sums import GroupSums, Tables
from tenure.pipelines.history.history import View
from tenure.pipelines.settings.features import Features

Compute = Callable[[View, Context, Fitted], Iterable[Column]]
Gather = Callable[[View, Context, Fitted], Mapping[str, GroupSums]]
Observe = Callable[[View, Context, Fitted], Mapping[str, NDArray]]
Learn = Callable[[pd.DataFrame, Context], State | None]
Applies = Callable[[Context, Fitted], bool]

KERNEL = ("tenure.pipelines.features.bucket", "tenure.pipelines.features.family")
"""What reads a bucket and asks the families: every family builds on it."""

BUILT_IN = (
    "activity", "rhythm", "money", "repeat_buying", "service", "satisfaction", "self_service", "voice", "contract",
    "profile", "company", "people",
)  # fmt: skip


class FamilyError(ValueError):
    """A feature family cannot be found, cannot be imported, or returns what it must not."""


@dataclass(frozen=True)
class Family:
    """What a module of features defines; see the head of this file."""

    name: str
    compute: Compute
    columns: tuple[str, ...] = ()
    gather: Gather | None = None
    observe: Observe | None = None
    learn: Learn | None = None
    applies: Applies | None = None
    digest: Callable[[], str] = str
    """Gives `code`, which only a cache asks for."""

    @property
    def code(self) -> str:
        """A digest of the module and of all of ours that it builds on."""
        return self.digest()

    @classmethod
    def of(cls, name: str, module: ModuleType, digest: Callable[[], str] = str) -> Family:
        """The family that a module defines."""
        parts = {part: getattr(module, part, None) for part in ("gather", "observe", "learn", "applies")}
        if (parts["observe"] is None) != (parts["learn"] is None):
            raise FamilyError(f"family {name!r} defines only one of `observe` and `learn`; it needs both or neither")
        return cls(name, module.compute, tuple(getattr(module, "COLUMNS", ())), **parts, digest=digest)


def families(settings: Features, root: Path) -> dict[str, Family]:
    """Every family by name, in the order of the project file, own modules last."""
    found: dict[str, Family] = {}
    for name in settings.families:
        if name not in BUILT_IN:
            close = get_close_matches(name, BUILT_IN, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(BUILT_IN)}"
            raise FamilyError(f"features.families names {name!r}; {hint}")
        module = f"tenure.pipelines.features.{name}"
        found[name] = Family.of(name, importlib.import_module(module), partial(code_digest, module, *KERNEL))
    for path in settings.modules:
        found[Path(path).stem] = _own(root / path, _content(root / path))
    return found


def compute_columns(view: View, context: Context, fitted: Fitted, chosen: Mapping[str, Family]) -> list[Column]:
    """All columns of the chosen families for one view; a name or a length that cannot be is refused."""
    columns: dict[str, Column] = {}
    for name, family in chosen.items():
        for column in family.compute(view, context, fitted):
            if column.name in columns:
                raise FamilyError(f"family {name!r} returns a second column {column.name!r}; give it another name")
            if np.shape(column.values) != (len(view.units),):
                raise FamilyError(
                    f"column {column.name!r} of family {name!r} must have one value a unit "
                    f"({len(view.units)}), found shape {np.shape(column.values)}"
                )
            columns[column.name] = column
    return list(columns.values())


def gather_tables(view: View, context: Context, fitted: Fitted, chosen: Mapping[str, Family]) -> Tables:
    """The context tables of the chosen families over the units of a view."""
    return {name: dict(f.gather(view, context, fitted)) for name, f in chosen.items() if f.gather is not None}


def applying(chosen: Mapping[str, Family], context: Context, fitted: Fitted) -> dict[str, Family]:
    """Those of the chosen families that have anything to say."""
    return {name: f for name, f in chosen.items() if f.applies is None or f.applies(context, fitted)}


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise FamilyError(f"features.modules names {path}, which is not a file; `tenure feature new` writes one")
    return path.read_bytes()


@lru_cache(maxsize=64)
def _own(path: Path, content: bytes) -> Family:
    spec = importlib.util.spec_from_file_location(f"tenure_project_feature_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FamilyError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where a dataclass looks for its own module
    exec(compile(content, str(path), "exec"), module.__dict__)  # of this very content, not of older bytecode
    if not hasattr(module, "compute"):
        raise FamilyError(f"{path} must define compute(view, context, fitted); `tenure feature new` shows one")
    digest = file_digest(content, *KERNEL, beside=path.parent)
    return Family.of(path.stem, module, lambda: digest)
