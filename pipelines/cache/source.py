"""A digest of code: a module and everything of ours that it builds on, as it lies on disk."""

from __future__ import annotations

import ast
import platform
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

OURS = "tenure"
OTHERS = ("numpy", "pandas", "pyarrow", "duckdb")
"""Packages whose version is part of every digest, for a new one may round otherwise."""


@lru_cache(maxsize=256)
def code_digest(*modules: str) -> str:
    """The digest of modules of ours by name, of all of ours they import, and of the versions beneath."""
    return _digest(_closure(modules))


def file_digest(content: bytes, *modules: str, beside: Path | None = None) -> str:
    """The digest of a file's content, of the modules of ours that it and `modules` import, and of files `beside` it.

    Other packages that the file imports, and data that it reads, are not seen.
    """
    names, near = _imported(content), {}
    todo = [name.split(".")[0] for name in names]
    while beside is not None and todo:
        file = beside / f"{todo.pop()}.py"
        if file.is_file() and file.name not in near:
            near[file.name] = file.read_bytes()
            found = _imported(near[file.name])
            names |= found
            todo += [name.split(".")[0] for name in found]
    ours = [name for name in sorted(names) if name.split(".")[0] == OURS]
    return _digest({"": content} | near | _closure((*modules, *ours)))


def _digest(sources: dict[str, bytes]) -> str:
    found = blake2b(digest_size=16)
    for name in sorted(sources):
        found.update(f"{name}:{len(sources[name])}\n".encode() + sources[name])
    found.update(_beneath().encode())
    return found.hexdigest()


@lru_cache(maxsize=256)
def _closed(modules: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    sources: dict[str, bytes] = {}
    todo = list(modules)
    while todo:
        name = todo.pop()
        file = _file(name)
        if name in sources or file is None:
            continue
        sources[name], ours = _read(file)
        todo += ours
    return tuple(sorted(sources.items()))


@lru_cache(maxsize=1024)
def _read(file: Path) -> tuple[bytes, tuple[str, ...]]:
    """What a module of ours holds, and which names of ours it imports; many closures meet the same modules."""
    content = file.read_bytes()
    return content, tuple(sorted(n for n in _imported(content) if n.split(".")[0] == OURS))


def _closure(modules: tuple[str, ...]) -> dict[str, bytes]:
    return dict(_closed(modules))


@lru_cache(maxsize=1024)
def _file(name: str) -> Path | None:
    """The file of a module; None for a package and for a name inside a module."""
    try:
        spec = find_spec(name)
    except (ModuleNotFoundError, AttributeError):
        return None
    return Path(spec.origin) if spec is not None and spec.origin is not None else None


def _imported(content: bytes) -> set[str]:
    return set(_names(ast.parse(content)))


_HOLD_STATEMENTS = (ast.stmt, ast.excepthandler, ast.match_case)


def _names(tree: ast.Module) -> Iterator[str]:
    """Every module that is imported anywhere, and every name from it, since that may be a module too."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, _HOLD_STATEMENTS)]


@lru_cache(maxsize=1)
def _beneath() -> str:
    return "|".join([platform.machine(), platform.python_version(), *(f"{name} {version(name)}" for name in OTHERS)])
