"""Ctrl-C stops a command wherever it falls."""

from __future__ import annotations

import subprocess
import sys

LOST = """
import signal, time, weakref
from tenure.serving.cli.stopping import keep_ctrl_c

class Thing: ...

keep_ctrl_c()
thing = Thing()
kept = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
del thing  # the callback runs here, and what it raises is dropped
print("worked on", flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("stopped")
"""

OTHER = """
import weakref
from tenure.serving.cli.stopping import keep_ctrl_c

class Thing: ...

keep_ctrl_c()
thing = Thing()
kept = weakref.ref(thing, lambda _: 1 / 0)
del thing
"""


def test_a_ctrl_c_that_falls_into_a_callback_is_not_lost():
    ran = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, timeout=50, check=True)
    assert ran.stdout.split("\n")[:2] == ["worked on", "stopped"]
    assert ran.stderr == ""


def test_any_other_error_in_a_callback_is_told():
    ran = subprocess.run([sys.executable, "-c", OTHER], capture_output=True, text=True, timeout=50, check=True)
    assert "ZeroDivisionError" in ran.stderr
