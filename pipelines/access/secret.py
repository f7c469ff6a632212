"""Secrets of a project: random bytes in its folder of keys, made when first asked for."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

BYTES = 32


def kept_secret(data: Path, name: str) -> bytes:
    """The secret `keys/NAME.key` in a project's data folder, which only its owner may read."""
    file = data / "keys" / f"{name}.key"
    file.parent.mkdir(parents=True, exist_ok=True)
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
