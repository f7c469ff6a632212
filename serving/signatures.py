"""How support tools sign their webhooks, checked on the raw bytes and in constant time."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

WINDOW = dt.timedelta(minutes=5)
"""How far the time of a signature may be from our clock, on either side."""


class NotGenuine(Exception):
    """A request is not signed, not by a secret of ours, or not now."""


@dataclass(frozen=True)
class Scheme:
    """How one tool signs: its headers, the signature of a time and a body, and how it writes the time."""

    signature: str
    timestamp: str
    sign: Callable[[bytes, bytes, bytes], str]
    moment: Callable[[str], dt.datetime]


def verify(
    scheme: Scheme, headers: Mapping[str, str], body: bytes, *, secrets: Sequence[bytes], now: dt.datetime
) -> None:
    """Raise `NotGenuine` unless one of `secrets` signed `body` within `WINDOW` of `now`."""
    given, stamp = headers.get(scheme.signature), headers.get(scheme.timestamp)
    if not given or not stamp:
        absent = scheme.signature if not given else scheme.timestamp
        raise NotGenuine(f"expected the header {absent}; let the tool sign its webhooks")
    time = stamp.encode("latin-1", "replace")
    fitting = [_same(scheme.sign(secret, time, body), given) for secret in secrets]  # all of them: no early end
    if not any(fitting):
        raise NotGenuine(
            f"{scheme.signature} does not fit the body and {scheme.timestamp}; is it the secret of this webhook?"
        )
    try:
        apart = abs(scheme.moment(stamp) - now)
    except (ValueError, OverflowError):
        raise NotGenuine(f"{scheme.timestamp} is no time") from None
    if apart > WINDOW:
        raise NotGenuine(
            f"{scheme.timestamp} is {apart.total_seconds():,.0f} seconds from our clock and may be "
            f"{WINDOW.total_seconds():.0f}; is a clock wrong, or was this sent before?"
        )


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("latin-1", "replace"))


def _zendesk(secret: bytes, time: bytes, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret, time + body, hashlib.sha256).digest()).decode()


def _chatwoot(secret: bytes, time: bytes, body: bytes) -> str:
    return f"sha256={hmac.new(secret, time + b'.' + body, hashlib.sha256).hexdigest()}"


def _iso(stamp: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(stamp)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _unix(stamp: str) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(stamp), dt.UTC)


ZENDESK = Scheme("X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp", _zendesk, _iso)
CHATWOOT = Scheme("X-Chatwoot-Signature", "X-Chatwoot-Timestamp", _chatwoot, _unix)
