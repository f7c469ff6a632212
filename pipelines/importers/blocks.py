"""The `[[source]]` blocks that bring a feed into a project, and adding them to its file."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from tenure.pipelines.importers.feed import Feed
from tenure.pipelines.settings.load import DEFAULT_NAME, ProjectFileError, parse_project

INTERACTIONS = """\
[[source]]
name = "{name}"                  # written by `tenure import {command}`
files = "{interactions}"
select = \"\"\"
select interaction_id, external_id, occurred_at, known_at, due_at, retracted, kind, channel, direction, case_id,
       agent_id, team_id, handle_seconds, rating, text, attributes, contract_id, product_id, amount, wait_seconds
from source
\"\"\"
"""
PROFILES = """\
[[source]]
name = "{name}_profiles"
into = "profiles"
files = "{profiles}"
select = "select external_id, name, value, occurred_at from source"
"""
IDENTITIES = """\
[[source]]
name = "{name}_identities"
into = "identities"
files = "{identities}"
select = "select source, external_id, customer_id, known_at from source"
"""


def source_blocks(feed: Feed, *, name: str, command: str, root: Path) -> dict[str, str]:
    """The blocks of a feed by the name of their source; paths are relative to `root`. Empty tables get none."""
    paths = {
        part: Path(os.path.relpath(getattr(feed, part), root)).as_posix()
        for part in ("interactions", "profiles", "identities")
    }
    blocks = {name: INTERACTIONS, f"{name}_profiles": PROFILES, f"{name}_identities": IDENTITIES}
    return {source: block.format(name=name, command=command, **paths) for source, block in blocks.items()}


def add_blocks(project: Path, blocks: dict[str, str]) -> list[str]:
    """Append the blocks whose source the project file lacks, and return their names.

    What stands in the file is not changed. `ProjectFileError` when the file cannot be read or
    would be no project file afterwards.
    """
    file = project / DEFAULT_NAME if project.is_dir() else project
    if not file.is_file():
        raise ProjectFileError(f"{file}: no such project file; `tenure init` writes one, or leave --project out")
    text = file.read_text(encoding="utf-8")
    try:
        there = {source.get("name") for source in tomllib.loads(text).get("source", [])}
    except tomllib.TOMLDecodeError as error:
        raise ProjectFileError(f"{file}: is not readable as TOML: {error}") from error
    absent = [name for name in blocks if name not in there]
    if absent:
        whole = text.rstrip("\n") + "\n\n" + "\n".join(blocks[name] for name in absent)
        parse_project(tomllib.loads(whole), root=file.resolve().parent, name=str(file))
        file.write_text(whole, encoding="utf-8")
    return absent
