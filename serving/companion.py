"""A process that runs beside the service, and is started again when it ends."""

from __future__ import annotations

import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tenure.serving.environment import HOLDER

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STOP_SECONDS = 10.0


class Companion:
    """Keeps one process running until it is closed; who ends at once is waited for longer and longer.

    Only one runs at a time, so all of them hold leases under one name: who is started in the place of
    one that died goes on at once, and need not wait for its leases to end.
    """

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
        holder = f"{socket.gethostname()}-beside-{secrets.token_hex(8)}"
        self._command, self._environment, self._log = list(command), {**environment, HOLDER: holder}, log
        self._closing = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let the process end, and start it no more."""
        self._closing.set()
        with self._lock:
            if self._process is not None:
                self._process.terminate()
        self._thread.join(STOP_SECONDS)
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
                self._process.wait()

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while not self._closing.is_set():
            with self._log.open("ab") as output:
                with self._lock:
                    if self._closing.is_set():
                        return
                    began = time.monotonic()
                    self._process = process = subprocess.Popen(
                        self._command,
                        stdin=subprocess.PIPE,
                        stdout=output,
                        stderr=subprocess.STDOUT,
                        env=self._environment,
                        cwd=self._log.parent,
                    )
                process.wait()
                if process.stdin is not None:
                    process.stdin.close()
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE  # it had been well
            self._closing.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
