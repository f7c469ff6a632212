"""What the sentences are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tenure.pipelines.reasons import kinds, sentences, service_messages, spans, voice
from tenure.pipelines.reasons.saying import Message


@pytest.fixture(scope="session")
def messages() -> set[Message]:
    """Every message of the code."""
    return {message for module in (spans, kinds, sentences, service_messages, voice) for message in _of(vars(module))}


def _of(found: Any) -> Iterator[Message]:
    if isinstance(found, Message):
        yield found
    elif isinstance(found, dict):
        yield from _of(tuple(found.values()))
    elif isinstance(found, tuple):
        for inner in found:
            yield from _of(inner)
