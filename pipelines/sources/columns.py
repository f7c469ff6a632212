"""The columns every source becomes, with their DuckDB types, in the order of the lake."""

from __future__ import annotations

INTERACTIONS: dict[str, str] = {
    "interaction_id": "VARCHAR",
    "customer_id": "VARCHAR",
    "contract_id": "VARCHAR",
    "source": "VARCHAR",
    "occurred_at": "TIMESTAMPTZ",
    "known_at": "TIMESTAMPTZ",
    "superseded_at": "TIMESTAMPTZ",
    "due_at": "TIMESTAMPTZ",
    "kind": "VARCHAR",
    "channel": "VARCHAR",
    "direction": "VARCHAR",
    "case_id": "VARCHAR",
    "agent_id": "VARCHAR",
    "team_id": "VARCHAR",
    "product_id": "VARCHAR",
    "amount": "DOUBLE",
    "wait_seconds": "DOUBLE",
    "handle_seconds": "DOUBLE",
    "rating": "DOUBLE",
    "text": "VARCHAR",
    "attributes": "MAP(VARCHAR, VARCHAR)",
}
"""The interactions of a snapshot."""

PROFILES: dict[str, str] = {
    "customer_id": "VARCHAR",
    "contract_id": "VARCHAR",
    "name": "VARCHAR",
    "value": "VARCHAR",
    "occurred_at": "TIMESTAMPTZ",
    "known_at": "TIMESTAMPTZ",
    "superseded_at": "TIMESTAMPTZ",
    "timeless": "BOOLEAN",
}
"""The profiles of a snapshot, long: one row for a customer, a name and a date."""

IDENTITIES: dict[str, str] = {
    "source": "VARCHAR",
    "external_id": "VARCHAR",
    "customer_id": "VARCHAR",
    "known_at": "TIMESTAMPTZ",
}
"""Which customer an outside id stands for, from when on."""

IDS = ("interaction_id", "customer_id", "external_id", "contract_id", "case_id", "agent_id", "team_id", "product_id")
"""Columns whose values are trimmed; a whole number stored as a float loses its `.0`."""

MEASURES = ("amount", "wait_seconds", "handle_seconds", "rating")
"""Columns of numbers."""

FOREVER = "timestamptz '9999-12-31 00:00:00+00'"
"""`superseded_at` of what is still valid, in SQL."""

ALWAYS = "timestamptz '1900-01-01 00:00:00+00'"
"""The date of what was always known: timeless profiles and undated identities, in SQL."""
