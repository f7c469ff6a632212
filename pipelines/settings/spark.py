"""The cluster on which a project with `engine = "spark"` does its work."""

from __future__ import annotations

from pydantic import Field

from tenure.pipelines.settings.frozen import Frozen

MEMORY = r"^[1-9][0-9]*[mg]$"


class Spark(Frozen):
    """Where the cluster is, and how much of it a command takes.

    `master` is the address of a standalone cluster, `spark://HOST:PORT` (several standby masters by
    comma), or `local[N]` for N threads here. An executor gets `executor_cores` and `executor_memory`; its
    Python workers, one a core, need about a gigabyte each beside it. `cores` limits all executors
    together; left out, the command takes what is free. `driver_host` is the address by which the
    executors reach this machine, where Spark guesses it wrongly; `python` the interpreter on the
    executors, where it lies elsewhere than here. A command gives up when it has had no executor
    for `wait_seconds`.
    """

    master: str | None = Field(
        None, pattern=r"^(spark://[^\s,:/]+:[0-9]+(,[^\s,:/]+:[0-9]+)*|local\[([1-9][0-9]*|\*)\])$"
    )
    executor_cores: int = Field(1, ge=1)
    executor_memory: str = Field("1g", pattern=MEMORY)
    cores: int | None = Field(None, ge=1)
    driver_memory: str = Field("1g", pattern=MEMORY)
    driver_host: str | None = None
    python: str | None = None
    wait_seconds: int = Field(60, ge=1)

    @property
    def is_local(self) -> bool:
        """Whether the work is done by threads of this machine, without a cluster."""
        return self.master is not None and self.master.startswith("local")

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of every master."""
        if self.master is None or self.is_local:
            return []
        pairs = (place.rsplit(":", 1) for place in self.master.removeprefix("spark://").split(","))
        return [(host, int(port)) for host, port in pairs]
