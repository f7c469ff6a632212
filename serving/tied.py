"""Run `bentoml serve` in this process, and end when the process that started it ends.

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


if __name__ == "__main__":
    silence()
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    runpy.run_module("bentoml", run_name="__main__", alter_sys=True)
