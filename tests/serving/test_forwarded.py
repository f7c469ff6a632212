"""Whose word is taken for where a request comes from."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from tenure.pipelines.settings.service import Service
from tenure.serving.environment import silence
from tenure.serving.forwarded import Forwarded

SAID = {
    "host": "10.0.0.9:3000",
    "x-forwarded-for": "6.6.6.6, 203.0.113.7, 10.0.0.4",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "invented.test, shop.test",
    "x-request-id": "abc",
    "forwarded": "for=6.6.6.6",
    "accept": "*/*",
}


def seen(peer: str, headers: dict[str, str], *, trusted: tuple[str, ...] = ("127.0.0.1", "10.0.0.0/24")) -> Any:
    """The scope that the application behind it sees."""
    found: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        found.append(scope)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "client": (peer, 4711), "scheme": "http", "headers": raw}
    proxies = Service(trusted_proxies=trusted).proxies
    asyncio.run(Forwarded(app, proxies)(scope, None, None))  # type: ignore[arg-type]
    return found[0]


def names(scope: Any) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in scope["headers"]}


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.200", "::ffff:10.0.0.1"])
def test_a_proxy_we_know_is_believed(peer: str) -> None:
    scope = seen(peer, SAID)
    assert (scope["client"], scope["scheme"]) == (("203.0.113.7", 0), "https")
    assert names(scope) == {"host": "shop.test", "x-request-id": "abc", "accept": "*/*"}


@pytest.mark.parametrize("peer", ["127.0.0.2", "10.0.1.1", "203.0.113.7", "::1", "a socket"])
def test_nobody_else_is_believed_and_what_they_say_ends_there(peer: str) -> None:
    scope = seen(peer, SAID)
    assert (scope["client"], scope["scheme"]) == ((peer, 4711), "http")
    assert names(scope) == {"host": "10.0.0.9:3000", "accept": "*/*"}


def test_by_default_nobody_is_believed() -> None:
    assert names(seen("127.0.0.1", SAID, trusted=())) == {"host": "10.0.0.9:3000", "accept": "*/*"}


@pytest.mark.parametrize(
    ("said", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:9999, 10.0.0.4:80", "203.0.113.7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("10.0.0.5, 10.0.0.4", "10.0.0.5"),
        ("203.0.113.7, unknown, 10.0.0.4", "10.0.0.4"),
        ("unknown", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_the_client_is_the_nearest_address_that_is_no_proxy(said: str, client: str) -> None:
    assert seen("127.0.0.1", {"x-forwarded-for": said})["client"][0] == client


@pytest.mark.parametrize("said", ["ftp", "", "javascript"])
def test_a_scheme_that_is_none_changes_nothing(said: str) -> None:
    assert seen("127.0.0.1", {"x-forwarded-proto": said})["scheme"] == "http"


def test_uvicorn_believes_nobody_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    silence()
    config = uvicorn.Config(lambda: None)
    assert "127.0.0.1" not in ProxyHeadersMiddleware(config.app, config.forwarded_allow_ips).trusted_hosts  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("proxy.internal", "is no address and no network"),
        ("10.0.0.1/24", "is no address and no network"),
        ("*", "is no address and no network"),
        ("0.0.0.0/0", "is everybody"),
        ("::/0", "is everybody"),
    ],
)
def test_who_is_no_address_cannot_be_trusted(given: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Service(trusted_proxies=(given,))
