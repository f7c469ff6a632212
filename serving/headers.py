"""The headers every answer carries: nothing is cached, framed or fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable


def content_policy(*, forms: bool = False, framed_by: Iterable[str] = ()) -> str:
    """What a page may do: send forms to us or none at all, and in whose frames it may be shown.

    >>> content_policy(framed_by=["https://acme.zendesk.com"]).split("; ")[-1]
    'frame-ancestors https://acme.zendesk.com'
    """
    frames = " ".join(framed_by) or "'none'"
    form = "'self'" if forms else "'none'"
    return f"default-src 'self'; base-uri 'none'; object-src 'none'; form-action {form}; frame-ancestors {frames}"


HEADERS = {
    "Content-Security-Policy": content_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all a browser does not say from which page a form was sent
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
