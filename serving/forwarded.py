"""What a reverse proxy says of a request: believed of the proxies we know, and of nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tenure.pipelines.settings.service import Network

SAID = frozenset({b"forwarded", b"x-real-ip", b"x-request-id"})
"""Headers by which a proxy speaks, beside all that begin with `x-forwarded-`."""

SCHEMES = frozenset({"http", "https"})


class Forwarded:
    """ASGI middleware that takes client, scheme and host from a trusted proxy.

    The headers themselves end here, so that nothing behind it can believe them by mistake; of a trusted
    proxy `X-Request-Id` goes on.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[Network]) -> None:
        self.app, self.proxies = app, tuple(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read what is believed, take away the rest, then hand the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        peer = scope.get("client")
        trusted = peer is not None and self._trusted(_address(peer[0]))
        headers = Headers(scope=scope)
        kept = [h for h in scope["headers"] if not _said(h[0]) or (trusted and h[0] == b"x-request-id")]
        if trusted:
            scope.update(self._believed(headers))
            if host := _last(headers, "x-forwarded-host"):
                kept = [*(h for h in kept if h[0] != b"host"), (b"host", host.encode("latin-1"))]
        scope["headers"] = kept  # in place: who counts requests reads from this very scope which route it was
        await self.app(scope, receive, send)

    def _believed(self, headers: Headers) -> Scope:
        found: Scope = {}
        scheme = _last(headers, "x-forwarded-proto").lower()
        if scheme in SCHEMES:
            found["scheme"] = scheme
        client = self._client(_listed(headers, "x-forwarded-for"))
        if client is not None:
            found["client"] = (str(client), 0)
        return found

    def _client(self, chain: list[str]) -> IPv4Address | IPv6Address | None:
        """The nearest address that is no proxy of ours; what stands before it may be invented."""
        nearest = None
        for text in reversed(chain):
            address = _address(text)
            if address is None:
                break
            nearest = address
            if not self._trusted(address):
                break
        return nearest

    def _trusted(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self.proxies)


def _said(name: bytes) -> bool:
    return name in SAID or name.startswith(b"x-forwarded-")


def _listed(headers: Headers, name: str) -> list[str]:
    return [part.strip() for value in headers.getlist(name) for part in value.split(",")]


def _last(headers: Headers, name: str) -> str:
    """What the nearest proxy said; what stands before it came from farther away."""
    found = _listed(headers, name)
    return found[-1] if found else ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in a text, a port left out.

    >>> _address("203.0.113.7:4711"), _address("[2001:db8::1]:80"), _address("::ffff:10.0.0.5"), _address("unknown")
    (IPv4Address('203.0.113.7'), IPv6Address('2001:db8::1'), IPv4Address('10.0.0.5'), None)
    """
    if text.startswith("["):
        text = text[1 : text.find("]")]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
