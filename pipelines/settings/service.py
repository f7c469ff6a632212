"""How the service meets the network."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from tenure.pipelines.settings.frozen import Frozen, Names

Network = IPv4Network | IPv6Network
LogForm = Literal["text", "json"]


class Service(Frozen):
    """`[service]`: under which names it is called, and how much it takes from one caller.

    `hosts` are the names (without ports) that browsers and programs use for us, beside those of this
    machine; a request for any other is refused. `public_url` is where people find us behind a proxy,
    with its path; its name is one of the `hosts`. `trusted_proxies` are the addresses or networks whose
    `X-Forwarded-For`, `-Proto` and `-Host` are believed; nobody else's are looked at. A caller may ask
    `requests_a_second` times, for a moment `burst` times as often. `ready_for_hours` is how long scores may be
    overdue before the service calls itself not ready; they are due at every midnight of the project. `log`
    is the form of the log: lines of text, or a JSON object a line.
    """

    hosts: Names = ()
    public_url: str | None = Field(None, pattern=r"^https?://[^/?#]+(/[^?#]*)?$")
    trusted_proxies: Names = ()
    requests_a_second: float = Field(200.0, gt=0)
    burst: float = Field(5.0, ge=1)
    ready_for_hours: float = Field(48.0, gt=0)
    log: LogForm = "text"

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for text in given:
            try:
                network = ip_network(text)
            except ValueError:
                raise ValueError(
                    f"{text!r} is no address and no network; expected such as '10.0.0.5' or '10.0.0.0/24'"
                ) from None
            if network.prefixlen == 0:
                raise ValueError(f"{text!r} is everybody, and anybody could say where from; name the proxy's address")
        return given

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks of `trusted_proxies`.

        >>> Service(trusted_proxies=["127.0.0.1", "10.0.0.0/24"]).proxies
        (IPv4Network('127.0.0.1/32'), IPv4Network('10.0.0.0/24'))
        """
        return tuple(ip_network(text) for text in self.trusted_proxies)

    @property
    def names(self) -> tuple[str, ...]:
        """All names by which we are called, that of `public_url` among them."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return (*self.hosts, *([public] if public else []))

    @property
    def base(self) -> str:
        """The path under which people find us, without a slash at its end.

        >>> Service(public_url="https://acme.example/tenure/").base, Service().base
        ('/tenure', '')
        """
        return urlsplit(self.public_url).path.rstrip("/") if self.public_url else ""

    @property
    def secure(self) -> bool:
        """Whether people reach us encrypted."""
        return self.public_url is not None and self.public_url.startswith("https:")
