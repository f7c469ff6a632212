"""The README, taken apart: its code blocks, the files it holds, its tables and its links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (.*?)(?=^\$ |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block and the language it names."""

    language: str
    text: str


def blocks(*languages: str) -> list[Block]:
    """All blocks of some languages, in order."""
    return [Block(*found) for found in _BLOCK.findall(TEXT) if found[0] in languages]


def files() -> dict[str, str]:
    """The files the README shows, by name: a block after a line that is only the name and a colon."""
    return dict(_FILE.findall(TEXT))


def section(name: str) -> str:
    """The text between the comments that mark a section."""
    start, end = f"<!-- {name}: start", f"<!-- {name}: end"
    assert TEXT.count(start) == TEXT.count(end) == 1, name
    return TEXT.split(start)[1].split("-->", 1)[1].split(end)[0].strip()


def names(text: str) -> list[str]:
    """Everything in a text that is marked as code."""
    return re.findall(r"`([^`]+)`", text)


def table(name: str) -> list[list[str]]:
    """The rows of the table in a section, without its head."""
    lines = [line for line in section(name).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def typed(*, first: str) -> list[str]:
    """The commands shown after a prompt that begin with a word; a command may have several lines."""
    found = [command.strip() for block in blocks("console") for command in _COMMAND.findall(block.text)]
    return [command for command in found if command.split()[0] == first]


def answer(name: str) -> str:
    """The JSON in a section."""
    (found,) = _BLOCK.findall(section(name) + "\n")
    assert found[0] == "json"
    return str(found[1])
