"""A real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENT = "AbortSignal.timeout = (timeout => ms => timeout(50 * ms))(AbortSignal.timeout.bind(AbortSignal));"
"""A busy machine answers later than an agent would wait for."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, no longer than a file of tests: while it runs, nothing else may run an event loop here."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not here; install the package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open a page of a width in a browser without memory; what it asks of anybody but this machine fails the test."""
    contexts: list[Any] = []
    elsewhere: list[str] = []

    def open_page(width: int = 1000, height: int = 800, *, patient: bool = True, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        if patient:
            context.add_init_script(PATIENT)
        page = context.new_page()
        page.on("request", lambda asked: elsewhere.append(asked.url) if "//127.0.0.1" not in asked.url else None)
        page.on("pageerror", lambda error: elsewhere.append(f"error: {error}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert elsewhere == []
