"""The processes of a real service, and a connection to each of them."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import psutil


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Line:
    """A connection that stays open, and so stays with one worker."""

    def __init__(self, port: int) -> None:
        self._client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self._client.connect()

    def ask(self, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """Ask over this connection."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self._client.request(method, path, body, sent)
        found = self._client.getresponse()
        return Answer(found.status, found.headers, found.read())

    @property
    def port(self) -> int:
        """Our end of the connection."""
        return int(self._client.sock.getsockname()[1])

    def close(self) -> None:
        """End it."""
        self._client.close()


def workers_below(process: int) -> list[psutil.Process]:
    """The processes that answer requests, among those that a process started."""
    below = psutil.Process(process).children(recursive=True)
    return [one for one in below if any("_bentoml_impl.worker" in word for word in _words(one))]


@contextlib.contextmanager
def a_line_to_each(process: int, port: int, *, expected: int, seconds: float = 60) -> Iterator[list[Line]]:
    """A connection to each worker of the service that a process runs at a port."""
    lines: dict[int, Line] = {}
    deadline = time.monotonic() + seconds
    try:
        while len(lines) < expected:
            assert time.monotonic() < deadline, f"{len(lines)} of {expected} workers answer"
            together = [line for line in (*lines.values(), *(Line(port) for _ in range(8))) if _answers(line)]
            ends, lines = _ends(process), {}
            for line in together:
                if ends.get(line.port) in (None, *lines):
                    line.close()
                else:
                    lines[ends[line.port]] = line
        yield list(lines.values())
    finally:
        for line in lines.values():
            line.close()


def _answers(line: Line) -> bool:
    """Whether a worker still holds the other end; asking keeps it from closing a silent line after five seconds."""
    with contextlib.suppress(http.client.RemoteDisconnected, ConnectionResetError):
        return line.ask("/healthz").status == 200
    line.close()
    return False


def _ends(process: int) -> Mapping[int, int]:
    """Which worker holds the other end of which of our ports."""
    return {
        end.raddr.port: one.pid
        for one in workers_below(process)
        for end in one.net_connections(kind="tcp")
        if end.raddr
    }


def _words(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return list(process.cmdline())
    return []
