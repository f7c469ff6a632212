"""Ctrl-C where Python is inside code that can raise nothing, and the wish to stop would be lost."""

from __future__ import annotations

import signal
import sys
import threading

LATER = 0.05
"""Seconds after which a lost Ctrl-C is asked for again: by then the code that can raise nothing has returned."""


def keep_ctrl_c() -> None:
    """Ask again for a Ctrl-C that fell into a finaliser or a callback of a weak reference.

    Python prints such a KeyboardInterrupt with a trace as "Exception ignored" and works on.
    """
    sys.unraisablehook = _unraisable


def _unraisable(found: sys.UnraisableHookArgs) -> None:
    if not issubclass(found.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(found)
        return
    main = threading.main_thread().ident
    again = threading.Timer(LATER, signal.pthread_kill, (main, signal.SIGINT))  # a real one, so that it ends a wait
    again.daemon = True
    again.start()
