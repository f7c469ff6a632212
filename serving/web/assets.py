"""The style sheets and scripts of the pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

STATIC = Path(__file__).with_name("static")
TYPES = {".css": "text/css", ".js": "text/javascript"}

assets = APIRouter(include_in_schema=False)


@cache
def content(name: str) -> bytes:
    """A file of ours, read once."""
    return (STATIC / name).read_bytes()


@assets.get("/style.css")
async def stylesheet() -> Response:
    """The style of all pages."""
    return Response(content("style.css"), media_type=TYPES[".css"])


@assets.get("/panel.css")
async def panel_stylesheet() -> Response:
    """The style of the panel."""
    return Response(content("panel.css"), media_type=TYPES[".css"])


@assets.get("/panel.js")
async def panel_script() -> Response:
    """What the panel does in the browser."""
    return Response(content("panel.js"), media_type=TYPES[".js"])


@assets.get("/icon.png")
async def icon() -> Response:
    """The sign of our pages."""
    return Response(content("../zendesk_app/assets/logo-small.png"), media_type="image/png")
