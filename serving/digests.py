"""Digests as letters: a text and a page for every owner, written into a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.alerts import WITHOUT_OWNER
from tenure.pipelines.store.digests import Digest
from tenure.serving.telling import Told, as_told
from tenure.serving.web.rendering import render

UNOWNED_FILE = "without_owner"
"""The name of the files of nobody's customers; no owner's file has an underscore."""


@dataclass(frozen=True)
class Letter:
    """A digest as it is read."""

    digest: Digest
    subject: str
    text: str
    html: str

    @property
    def name(self) -> str:
        """The name of its files, without an ending."""
        return file_name(self.digest.owner)


def letter_of(connection: Connection, project: Project, digest: Digest) -> Letter:
    """The letter of a digest."""
    told = as_told(connection, project, digest.alerts)
    base = (project.service.public_url or "").rstrip("/")
    more = _more(digest.beyond)
    subject = f"{project.name}: {_customers(len(told))} to look at, {digest.day}"
    html = render("digest.html", project=project, digest=digest, told=told, more=more, subject=subject, page=base)
    return Letter(digest, subject, _text(project, digest, told, more, base), html)


def write_letters(letters: list[Letter], folder: Path) -> list[Path]:
    """Write `OWNER.txt` and `OWNER.html` of every letter, whole or not at all; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for letter in letters:
        for ending, content in (("txt", letter.text), ("html", letter.html)):
            file = folder / f"{letter.name}.{ending}"
            part = file.with_suffix(f".{ending}.part")
            part.write_text(content, encoding="utf-8")
            part.replace(file)
            written.append(file)
    return written


def file_name(owner: str) -> str:
    """The name of an owner's files; one that had to be changed ends in a part of a hash, so that no two are the same.

    >>> file_name("ann@example.com"), file_name(""), file_name("../Ann")
    ('ann@example.com', 'without_owner', '-Ann-eb825571')
    """
    if owner == WITHOUT_OWNER:
        return UNOWNED_FILE
    plain = re.sub(r"[^A-Za-z0-9.@-]", "-", owner)[:100]
    if plain == owner and not owner.startswith("."):
        return owner
    return f"{plain.lstrip('.')}-{sha256(owner.encode()).hexdigest()[:8]}"


def _text(project: Project, digest: Digest, told: list[Told], more: str, base: str) -> str:
    whose = f"customers of {digest.owner}" if digest.owner else "customers without an owner"
    lines = [f"{project.name}, {digest.day}: {whose}", ""]
    for one in told:
        lines += [f"{one.title} ({one.first.customer_id})" if one.name else one.title]
        lines += [f"  {said}" for said in one.what]
        lines += [f"  why: {'; '.join(one.reasons)}"] if one.reasons else []
        lines += [f"  value: {one.value:,.0f} {project.project.currency}"] if one.value is not None else []
        lines += [f"  next: {one.next}"] if one.next else []
        lines += [f"  {one.link}"] if one.link else []
        lines += [""]
    lines += [more, ""] if more else []
    lines += [f"All alerts: {base}/alerts", ""] if base else []
    return "\n".join(lines)


def _customers(count: int) -> str:
    return f"{count:,} customer{'' if count == 1 else 's'}"


def _more(beyond: int) -> str:
    return f"and {beyond:,} more, beyond the limit of a day" if beyond else ""
