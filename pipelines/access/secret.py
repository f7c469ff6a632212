"""Secrets of a project: random bytes in its folder of keys, made when first asked for."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

BYTES = 32


def keys_folder(data: Path) -> Path:
    """Where the secrets of a project lie."""
    return data / "keys"


def keep_private(data: Path) -> None:
    """Let nobody but their owner read the secrets of a project."""
    folder = keys_folder(data)
    folder.chmod(0o700)
    for file in folder.iterdir():
        file.chmod(0o600)


def readable_by_others(data: Path) -> list[Path]:
    """The secrets, and their folder, that somebody else may read; none where there are no secrets yet."""
    folder = keys_folder(data)
    if not folder.is_dir():
        return []
    return [place for place in (folder, *sorted(folder.iterdir())) if place.stat().st_mode & 0o077]


def kept_secret(data: Path, name: str) -> bytes:
    """The secret `keys/NAME.key` in a project's data folder, which only its owner may read."""
    file = keys_folder(data) / f"{name}.key"
    data.mkdir(parents=True, exist_ok=True)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    if not file.exists():
        aside = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(BYTES))
        try:
            os.link(aside, file)  # fails where another process was faster
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return file.read_bytes()
