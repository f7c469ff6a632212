"""Clients that are slow, or send far too much, are refused and keep nobody else from being heard."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from senders import Sender, acknowledged, kept, under_load, wait_for
from small import LIVE
from workers import workers_below

pytestmark = [pytest.mark.timeout(180), pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")]

SLOW, PATIENCE = 60, 3.0
"""Slow clients at once, and the seconds that a body may take."""

ROWS = 1_000_000
MOST_GROWTH = 64_000_000
"""Bytes by which a worker may grow while a body of a hundred times the limit is sent to it."""

HEAD = "POST /v1/interactions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project to which interactions are delivered, not trained yet."""
    (tmp_path / "tenure.toml").write_text(LIVE)
    return tmp_path


def answer_of(client: socket.socket) -> bytes:
    """The status line and what follows, as far as it comes."""
    try:
        return client.recv(4096)
    except OSError:
        return b""


def test_clients_that_never_finish_are_refused_while_others_deliver(shop: Path) -> None:
    def dawdle(_process: subprocess.Popen[str], senders: list[Sender]) -> None:
        host, _, port = senders[0].place.partition(":")
        with ExitStack() as open_ones:
            clients = [open_ones.enter_context(socket.create_connection((host, int(port)), 20)) for _ in range(SLOW)]
            began, before = time.monotonic(), sum(len(s.acknowledged) for s in senders)
            for client in clients:
                client.sendall(f'{HEAD}Content-Length: 900\r\n\r\n{{"interactions": ['.encode())
            answers = [answer_of(client) for client in clients]
            took = time.monotonic() - began
        assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers), answers
        assert PATIENCE - 0.5 < took < 2 * PATIENCE + 5
        assert sum(len(s.acknowledged) for s in senders) > before + 40

    senders = under_load(shop, dawdle)
    assert acknowledged(senders) <= kept(shop)


def chunks() -> Iterator[bytes]:
    """A million rows as the chunks of one body."""
    opened = '{"interactions": ['
    for start in range(0, ROWS, 1000):
        rows = (
            {"interaction_id": f"m{n}", "customer_id": "bob", "kind": "purchase", "occurred_at": "2024-06-01T10:00:00Z"}
            for n in range(start, start + 1000)
        )
        part = (opened + ",".join(map(json.dumps, rows))).encode()
        opened = ","
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"2\r\n]}\r\n0\r\n\r\n"


def test_a_million_rows_at_once_are_refused_and_nothing_else_is_lost(shop: Path) -> None:
    def upload(process: subprocess.Popen[str], senders: list[Sender]) -> None:
        host, _, port = senders[0].place.partition(":")
        (worker,) = workers_below(process.pid)
        for length in ("Content-Length: 130000000", "Transfer-Encoding: chunked"):
            held, before = resident(worker), sum(len(s.acknowledged) for s in senders)
            with socket.create_connection((host, int(port)), 60) as client:
                client.sendall(f"{HEAD}{length}\r\n\r\n".encode())
                if "chunked" in length:
                    sent_until_refused(client)
                answer = answer_of(client)
            assert answer.startswith(b"HTTP/1.1 413 "), answer
            assert resident(worker) - held < MOST_GROWTH
            wait_for(lambda before=before: sum(len(s.acknowledged) for s in senders) > before + 40)

    senders = under_load(shop, upload)
    found = kept(shop)
    assert acknowledged(senders) <= found
    assert not [name for name in found if name.startswith("m")]


def sent_until_refused(client: socket.socket) -> None:
    """Send on, as a program does that only looks at the answer when it has sent everything."""
    for chunk in chunks():
        try:
            client.sendall(chunk)
        except OSError:
            return


def resident(worker: psutil.Process) -> int:
    return int(worker.memory_info().rss)
