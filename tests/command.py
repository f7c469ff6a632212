"""The command line as the tests run it: in this process, or as a program of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import SADeprecationWarning
from typer.main import get_command

from tenure.serving.cli.main import _end, app

PROGRAM = Path(sys.executable).with_name("tenure")
HANGS = 280
"""Seconds after which a program hangs: a busy machine needs many times what an idle one does."""


class Ran(NamedTuple):
    """How a command ended, and what it printed; `said` is stderr on one line."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return " ".join(self.err.split())


def tenure(*words: object) -> Ran:
    """Run a command in this process; an error becomes what `tenure` itself makes of it."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _one_core(), warnings.catch_warnings():
        warnings.simplefilter("ignore", SADeprecationWarning)  # raised by the registry's own use of its database
        try:
            get_command(app).main([str(word) for word in words], prog_name="tenure")
        except SystemExit as end:
            code = int(end.code or 0)
        except Exception as error:  # the interpreter would hand it to the hook that `tenure` sets
            _end(type(error), error, error.__traceback__)
            code = 1
    return Ran(code, out.getvalue(), err.getvalue())


def start(*words: object, cores: int | None = 1) -> subprocess.Popen[str]:
    """Start the program on one core (or on all), in a session of its own so that signals reach it alone."""
    return subprocess.Popen(
        [str(PROGRAM), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=_on_one_core if cores == 1 else None,
    )


def finish(process: subprocess.Popen[str], *, seconds: float = HANGS) -> Ran:
    """Wait for a started program to end."""
    out, err = process.communicate(timeout=seconds)
    return Ran(process.returncode, out, err)


def program(*words: object, cores: int | None = 1, seconds: float = HANGS) -> Ran:
    """Run the installed program."""
    return finish(start(*words, cores=cores), seconds=seconds)


@contextlib.contextmanager
def _one_core() -> Iterator[None]:
    """Small work is done sooner where no further processes are started for it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    _on_one_core()
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})
