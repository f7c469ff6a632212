"""How the service meets the network."""

from __future__ import annotations

from pydantic import Field

from tenure.pipelines.settings.frozen import Frozen, Names


class Service(Frozen):
    """`[service]`: under which names it is called, and how much it takes from one caller.

    `hosts` are the names (without ports) that browsers and programs use for us, beside those of this
    machine; a request for any other is refused. A caller may ask `requests_a_second` times,
    for a moment `burst` times as often.
    """

    hosts: Names = ()
    requests_a_second: float = Field(200.0, gt=0)
    burst: float = Field(5.0, ge=1)
