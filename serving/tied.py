"""A process that ends when the one that started it ends; run as a module, it is `bentoml serve`.

Standard input is the tie: it closes when the starter ends, be it by `kill -9`.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading

from tenure.serving.environment import silence


def _end_with_the_starter() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def tie() -> None:
    """End this process, as if by SIGTERM, when its starter ends."""
    threading.Thread(target=_end_with_the_starter, daemon=True).start()


if __name__ == "__main__":
    silence()
    tie()
    runpy.run_module("bentoml", run_name="__main__", alter_sys=True)
