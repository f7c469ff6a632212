"""A mail server for tests: speaks enough SMTP for smtplib, keeps what it took, and refuses whom it is told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine; `taken` are the letters, with the address each came for."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.taken: list[tuple[str, EmailMessage]] = []
        self.refused: dict[str, int] = {}
        self.busy_after: int | None = None
        self.log_ins: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 tests")
        to = ""
        while line := self.rfile.readline().decode().strip():
            word = line.split(maxsplit=1)[0].upper()
            if word == "EHLO":
                self.say("250-tests\r\n250 AUTH PLAIN")
            elif word == "AUTH":
                self.server.log_ins.append(line.split()[-1])
                self.say("235 welcome")
            elif (
                word == "MAIL"
                and self.server.busy_after is not None
                and len(self.server.taken) >= self.server.busy_after
            ):
                self.say("421 busy")
                return
            elif word == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                code = self.server.refused.get(to)
                self.say(f"{code} no such {to}" if code else "250 fine")
            elif word == "DATA":
                self.say("354 go on")
                self.server.taken.append((to, self.letter()))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def letter(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        found = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server that is there while the block runs."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
