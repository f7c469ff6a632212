"""`[text]`: how messages are read."""

from __future__ import annotations

from pydantic import Field

from tenure.pipelines.settings.frozen import Frozen, Names


class Text(Frozen):
    """How messages are read, and from how many labels a signal is learnt.

    `languages` are ISO 639-1 codes, told for reports only. Signals are made from the first `cut`
    characters of a cleaned message. With `embeddings` (the extra of that name) a signal without
    labels is read by anchor phrases. A signal is learnt where `least_labels` messages have it and as
    many have not. A message counts as one before leaving when notice or cancellation follow within
    `leave_days`, and as one of effort when its case is reopened or `effort_messages` more follow in it.
    """

    languages: Names = ("en", "pl", "bg", "hi", "de", "es", "pt")
    cut: int = Field(1_000, ge=50, le=10_000)
    embeddings: bool = False
    least_labels: int = Field(30, ge=2)
    leave_days: int = Field(60, ge=1)
    effort_messages: int = Field(3, ge=1)
