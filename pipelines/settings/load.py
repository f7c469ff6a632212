"""Reading a project file, with errors that name the key, the value found and the remedy."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tenure.pipelines.settings.project import Project

DEFAULT_NAME = "tenure.toml"
"""The project file of a folder; files of other names keep their data in folders of their own."""


class ProjectFileError(ValueError):
    """The project file is missing, is not TOML, or holds a value that cannot be meant."""


def load_project(path: Path | str) -> Project:
    """Read `path` (a project file, or the folder of a `tenure.toml`) into a `Project`.

    Raises `ProjectFileError` with one line for each mistake.
    """
    file = Path(path)
    if file.is_dir():
        file = file / DEFAULT_NAME
    if not file.is_file():
        raise ProjectFileError(f"{file}: no such project file; `tenure init` writes one")
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectFileError(f"{file}: is not readable as TOML: {error}") from error
    if file.name != DEFAULT_NAME and isinstance(content.get("project"), dict):
        content["project"].setdefault("data", f".tenure/{file.stem}")  # neighbours keep apart
    return parse_project(content, root=file.resolve().parent, name=str(file))


def parse_project(content: dict[str, Any], *, root: Path, name: str = "tenure.toml") -> Project:
    """Check the content of a project file; `name` is used in errors."""
    try:
        return Project.model_validate({**content, "root": root})
    except ValidationError as error:
        lines = [_explain(e, content) for e in error.errors()]
        raise ProjectFileError(f"{name}:\n" + "\n".join(f"  {line}" for line in lines)) from error


def _explain(error: Any, content: dict[str, Any]) -> str:
    path = [p for p in error["loc"] if not str(p).startswith("function-")]
    key = _key(path, content)
    found = error["input"]
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        close = get_close_matches(str(path[-1]), _fields_near(path), n=1)
        hint = f"; did you mean {close[0]!r}?" if close else "; remove it"
        return f"{key}: is not a known key{hint}"
    if error["type"] == "missing":
        return f"{key}: is missing; add it"
    if error["type"].startswith("union_tag"):
        return f"{key}.type = {_short(found.get('type') if isinstance(found, dict) else found)}: {message}"
    if isinstance(found, dict | BaseModel):
        return f"{key}: {message}" if key else message
    return f"{key} = {_short(found)}: {message}"


def _key(path: list[Any], content: dict[str, Any]) -> str:
    words: list[str] = []
    here: Any = content
    for part in path:
        if isinstance(part, int):
            entry = here[part] if isinstance(here, list) and part < len(here) else None
            label = entry.get("name") if isinstance(entry, dict) else None
            words[-1] += f"[{label or part + 1}]"
            here = entry
        elif isinstance(here, dict) and part not in here and here.get("type") == part:
            continue  # pydantic names the branch of the union, the file does not
        else:
            words.append(str(part))
            here = here.get(part) if isinstance(here, dict) else None
    return ".".join(words)


def _fields_near(path: list[Any]) -> list[str]:
    """Every key any section knows: a typing mistake is close to one of them."""
    names: set[str] = set()
    todo: list[type[BaseModel]] = [Project]
    while todo:
        model = todo.pop()
        for name, field in model.model_fields.items():
            names.add(field.alias or name)
            todo += [t for t in _models_in(field.annotation) if t not in todo]
    return sorted(names - {"root"})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for part in getattr(annotation, "__args__", ()) for m in _models_in(part)]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
