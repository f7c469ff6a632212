"""One row of an importer's feed of interactions."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import pyarrow as pa

from tenure.pipelines.importers.staging import INSTANT, TEXT


class Interaction(NamedTuple):
    """An interaction as the lake takes it; `external_id` is the tool's id of the customer.

    `sequence` is the place of the row in its case and only keeps rows of one instant in order.
    """

    interaction_id: str
    external_id: str | None
    occurred_at: dt.datetime
    known_at: dt.datetime
    due_at: dt.datetime | None
    retracted: bool
    kind: str
    channel: str | None
    direction: str | None
    case_id: str | None
    agent_id: str | None
    team_id: str | None
    handle_seconds: float | None
    rating: float | None
    text: str | None
    attributes: dict[str, str] | None
    sequence: int
    contract_id: str | None = None
    product_id: str | None = None
    amount: float | None = None
    wait_seconds: float | None = None

    def as_row(self) -> tuple[Any, ...]:
        """The values in the order of the columns, attributes as pairs."""
        return self._replace(attributes=list(self.attributes.items()) if self.attributes else None)  # type: ignore[arg-type]


SCHEMA = pa.schema(
    {
        "interaction_id": TEXT, "external_id": TEXT, "occurred_at": INSTANT, "known_at": INSTANT, "due_at": INSTANT,
        "retracted": pa.bool_(), "kind": TEXT, "channel": TEXT, "direction": TEXT, "case_id": TEXT, "agent_id": TEXT,
        "team_id": TEXT, "handle_seconds": pa.float64(), "rating": pa.float64(), "text": TEXT,
        "attributes": pa.map_(TEXT, TEXT), "sequence": pa.int64(), "contract_id": TEXT, "product_id": TEXT,
        "amount": pa.float64(), "wait_seconds": pa.float64(),
    }
)  # fmt: skip
"""The columns of the feed."""
