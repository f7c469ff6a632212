"""A process that ends when the one that started it ends; run as a module, it is `bentoml serve`.

Standard input is the tie: it closes when the starter ends, be it by `kill -9`.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

from tenure.serving.environment import silence, tell_parent, told_parent

LOOK_SECONDS = 0.5
LAST_SECONDS = 10.0
"""What is under way may take so long when the parent is gone."""


def _end_with_the_starter() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def tie() -> None:
    """End this process, as if by SIGTERM, when its starter ends."""
    threading.Thread(target=_end_with_the_starter, daemon=True).start()


def follow() -> None:
    """End this process when its parent is gone, as a worker has to whose BentoML was killed: it holds the port.

    A parent that was gone before this is called counts too.
    """
    threading.Thread(target=_end_with_the_parent, args=(told_parent(),), daemon=True).start()


def _end_with_the_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    silence()
    tell_parent()
    tie()
    runpy.run_module("bentoml", run_name="__main__", alter_sys=True)
