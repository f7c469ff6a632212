"""Which requests a support tool has signed, and which it has not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import hooks
import pytest

from tenure.serving.signatures import CHATWOOT, WINDOW, ZENDESK, NotGenuine, Scheme, verify

NOW = dt.datetime(2024, 4, 17, 17, 18, 10, tzinfo=dt.UTC)
BODY = b'{"event": "message_created", "content": "za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87"}'
Signed = Callable[..., dict[str, str]]
TOOLS = pytest.mark.parametrize(
    ("scheme", "signed", "secret"),
    [
        (ZENDESK, hooks.zendesk_headers, hooks.ZENDESK_SECRET),
        (CHATWOOT, hooks.chatwoot_headers, hooks.CHATWOOT_SECRET),
    ],
    ids=["zendesk", "chatwoot"],
)


def check(scheme: Scheme, headers: dict[str, str], secret: str, *others: str, body: bytes = BODY) -> None:
    verify(scheme, headers, body, secrets=[one.encode() for one in (secret, *others)], now=NOW)


def test_signatures_are_those_that_openssl_makes() -> None:
    """`printf '2024-04-17T17:18:10Z{"id":"7"}' | openssl dgst -sha256 -hmac s3cret -binary | base64`, and -hex."""
    zendesk, chatwoot = (
        "x0XOM6lTaXnPt9B6SQNIpH+a7CNFY0BCYJcNYSJrl6Y=",
        "sha256=643f9267dc5249d3e01992c5e4c60f7a5f59b0038a5789a5a1af610f4e8355b4",
    )
    assert ZENDESK.sign(b"s3cret", b"2024-04-17T17:18:10Z", b'{"id":"7"}') == zendesk
    assert CHATWOOT.sign(b"s3cret", b"1713374290", b'{"id":7}') == chatwoot


@TOOLS
@pytest.mark.parametrize("seconds", [0, 299, -299])
def test_what_was_signed_within_five_minutes_of_our_clock_is_genuine(
    scheme: Scheme, signed: Signed, secret: str, seconds: int
) -> None:
    check(scheme, signed(BODY, NOW + dt.timedelta(seconds=seconds)), secret)


@TOOLS
@pytest.mark.parametrize("apart", [WINDOW + dt.timedelta(seconds=1), -WINDOW - dt.timedelta(seconds=1)])
def test_what_is_older_or_from_the_future_is_refused(
    scheme: Scheme, signed: Signed, secret: str, apart: dt.timedelta
) -> None:
    with pytest.raises(NotGenuine, match="is 301 seconds from our clock and may be 300"):
        check(scheme, signed(BODY, NOW + apart), secret)


@TOOLS
def test_a_body_or_a_time_that_was_touched_is_refused(scheme: Scheme, signed: Signed, secret: str) -> None:
    headers = signed(BODY, NOW)
    with pytest.raises(NotGenuine, match="does not fit the body"):
        check(scheme, headers, secret, body=BODY + b" ")
    later = signed(BODY, NOW + dt.timedelta(seconds=1))[scheme.timestamp]
    with pytest.raises(NotGenuine, match="does not fit the body"):
        check(scheme, {**headers, scheme.timestamp: later}, secret)


@TOOLS
def test_the_secret_of_before_is_good_while_it_is_named(scheme: Scheme, signed: Signed, secret: str) -> None:
    headers = signed(BODY, NOW, secret="old")
    check(scheme, headers, secret, "old")
    with pytest.raises(NotGenuine, match="is it the secret of this webhook"):
        check(scheme, headers, secret)


@TOOLS
@pytest.mark.parametrize("value", [None, "", "sha256=", "sha256=zz", "\xff", "a" * 64])
def test_without_a_signature_nothing_is_genuine(scheme: Scheme, signed: Signed, secret: str, value: str | None) -> None:
    headers = signed(BODY, NOW)
    del headers[scheme.signature]
    with pytest.raises(NotGenuine):
        check(scheme, headers | ({scheme.signature: value} if value is not None else {}), secret)


@TOOLS
def test_a_header_that_is_missing_is_named(scheme: Scheme, signed: Signed, secret: str) -> None:
    for name in (scheme.signature, scheme.timestamp):
        headers = signed(BODY, NOW)
        del headers[name]
        with pytest.raises(NotGenuine, match=f"expected the header {name}; let the tool sign"):
            check(scheme, headers, secret)


@TOOLS
@pytest.mark.parametrize("stamp", ["soon", "1e999", "9" * 30])
def test_a_signed_time_that_is_none_is_refused(scheme: Scheme, signed: Signed, secret: str, stamp: str) -> None:
    headers = {scheme.timestamp: stamp, scheme.signature: scheme.sign(secret.encode(), stamp.encode(), BODY)}
    with pytest.raises(NotGenuine, match="is no time"):
        check(scheme, headers, secret)
