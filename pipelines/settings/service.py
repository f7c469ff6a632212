"""How the service meets the network."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field

from tenure.pipelines.settings.frozen import Frozen, Names


class Service(Frozen):
    """`[service]`: under which names it is called, and how much it takes from one caller.

    `hosts` are the names (without ports) that browsers and programs use for us, beside those of this
    machine; a request for any other is refused. `public_url` is where people find us behind a proxy,
    with its path; its name is one of the `hosts`. A caller may ask `requests_a_second` times,
    for a moment `burst` times as often.
    """

    hosts: Names = ()
    public_url: str | None = Field(None, pattern=r"^https?://[^/?#]+(/[^?#]*)?$")
    requests_a_second: float = Field(200.0, gt=0)
    burst: float = Field(5.0, ge=1)

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
