"""A block: arrays of one length with a few words about them, as bytes whose digest is checked at reading."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

MAGIC = b"tenure1\n"
DIGEST = 16
_CODEC = pa.Codec("zstd", compression_level=1)


class Damaged(ValueError):
    """A file of the cache is not what was written: cut short, or changed since."""


@dataclass(frozen=True)
class Block:
    """Arrays by name, and plain data about them."""

    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)


def pack(block: Block) -> bytes:
    """The block as bytes: magic, digest of all that follows, length of the head, head (JSON), arrays (zstd).

    >>> unpack(pack(Block({"n": np.array([1.5, np.nan])}, {"of": "two"}))).arrays["n"].tolist()
    [1.5, nan]
    """
    shapes, parts = {}, []
    for name, values in block.arrays.items():
        held = np.ascontiguousarray(values)
        shapes[name] = (held.dtype.str, held.shape)
        parts.append(held.tobytes())
    raw = b"".join(parts)
    head = json.dumps({"about": block.about, "arrays": shapes, "size": len(raw)}).encode()
    body = _CODEC.compress(raw, asbytes=True) if raw else b""
    rest = len(head).to_bytes(8, "little") + head + body
    return MAGIC + blake2b(rest, digest_size=DIGEST).digest() + rest


def unpack(content: bytes) -> Block:
    """Read a block back; raises `Damaged` where the bytes are not those that were written."""
    start = len(MAGIC) + DIGEST
    rest = content[start:]
    if content[: len(MAGIC)] != MAGIC or blake2b(rest, digest_size=DIGEST).digest() != content[len(MAGIC) : start]:
        raise Damaged(f"expected {len(content)} bytes of a block with their digest, found others")
    end = 8 + int.from_bytes(rest[:8], "little")
    head = json.loads(rest[8:end])
    raw = _CODEC.decompress(rest[end:], head["size"], asbytes=True) if head["size"] else b""
    arrays, place = {}, 0
    for name, (kind, shape) in head["arrays"].items():
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(raw, dtype=np.dtype(kind), count=count, offset=place).reshape(shape)
        place += arrays[name].nbytes
    return Block(arrays, head["about"])
