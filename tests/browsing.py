"""A service in a thread, and a support tool's page that frames it, for tests that open them in a browser."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import anyio
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send


class Slowed:
    """An application that takes some seconds longer to answer, as long as one wants."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.path, self.seconds = app, "/", 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == self.path:
            await anyio.sleep(self.seconds)
        await self.app(scope, receive, send)


@contextlib.contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """An application that listens on a free port, and its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextlib.contextmanager
def framing() -> Iterator[tuple[str, Callable[[str], None]]]:
    """Another site, which shows what it is told to show; its address and how to tell it."""
    shown = [b""]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = shown[0] if self.path == "/" else b""
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def show(html: str) -> None:
        shown[0] = html.encode()

    yield f"http://127.0.0.1:{server.server_port}", show
    server.shutdown()
    server.server_close()
