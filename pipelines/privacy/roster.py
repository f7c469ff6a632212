"""Whom a model was trained with: a keyed hash for every customer of its examples, kept when it is trained."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.access.secret import kept_secret
from tenure.pipelines.registry import Registry, registry_file

BYTES = 8
"""Of a hash. Two of a million customers have the same one with a chance of 1 in 37 million."""

KEY = "pseudonyms"


def rosters_folder(data: Path) -> Path:
    """Where the rosters of a project's models lie."""
    return data / "rosters"


def keep_roster(data: Path, model: str, version: str, customers: Iterable[str]) -> int:
    """Keep who was in the examples of a model version, on disk when this returns; how many they are."""
    found = _hashes(data, customers)
    file = rosters_folder(data) / model / version
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with fresh.open("wb") as out:
        out.write(found.tobytes())
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    return len(found)


def trained_with(data: Path, customers: Sequence[str]) -> list[str]:
    """The model versions, such as `shop-lapse/3`, whose examples had any of some customers."""
    asked = _hashes(data, customers)
    found = []
    for file in sorted(rosters_folder(data).glob("*/*")):
        if file.name.startswith("."):
            continue
        held = np.frombuffer(file.read_bytes(), dtype="<u8")
        if np.isin(asked, held).any():
            found.append(f"{file.parent.name}/{file.name}")
    return found


def without_roster(data: Path, models: Iterable[str]) -> list[str]:
    """The versions of registered models of which nobody kept whom they were trained with."""
    if not registry_file(data).is_file():
        return []
    registry = Registry(data)
    labels = [f"{model}/{version}" for model in models for version in registry.versions(model)]
    return [label for label in labels if not (rosters_folder(data) / label).is_file()]


def _hashes(data: Path, customers: Iterable[str]) -> NDArray[np.uint64]:
    """The hashes of some customers, each once, in order."""
    key = kept_secret(data, KEY)
    found = {hmac.digest(key, f"roster {name}".encode(errors="surrogatepass"), "sha256")[:BYTES] for name in customers}
    return np.sort(np.frombuffer(b"".join(found), dtype="<u8"))
