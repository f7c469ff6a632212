"""Where the project's state lies: the embedded store, or a PostgreSQL database."""

from __future__ import annotations

from pydantic import Field

from tenure.pipelines.settings.frozen import Frozen, Name


class Store(Frozen):
    """`[store]`: left out, the state lies in one SQLite file in the data folder.

    `postgres` is the name of the environment variable that holds the address of a database, as in a
    source. The tables lie in the schema `namespace`, by default `tenure_` and the project's name, so that
    projects may share a database. A process keeps at most `connections` to it, and waits `wait_seconds`
    for one, or for a server that has fallen silent.
    """

    postgres: str | None = None
    namespace: Name | None = None
    connections: int = Field(8, ge=2)
    wait_seconds: int = Field(5, ge=1)
