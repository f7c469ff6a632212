"""What a person sees while a command works: progress on stderr, results on stdout."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

results = Console(highlight=False)
"""Where results go; may be piped into a file."""

notes = Console(stderr=True, highlight=False)
"""Where progress and remarks go."""

WORDS = {"features": "describing customers", "fit": "fitting the models"}


class Step:
    """One piece of work under way; `progress` is what the work calls to say how far it is."""

    def __init__(self, bar: Progress, title: str) -> None:
        self._bar = bar
        self._task = bar.add_task(title, total=1.0)
        self.summary = title

    def progress(self, what: str, share: float = 0.0) -> None:
        """Show what is going on, and which share of it is done."""
        self._bar.update(self._task, description=WORDS.get(what, what), completed=share)

    def say(self, what: str) -> None:
        """Show what is going on, where nobody knows how long it takes."""
        self._bar.update(self._task, description=what)


@contextmanager
def step(title: str, *, quiet: bool = False) -> Iterator[Step]:
    """Show a moving bar while the block runs, and one line with its duration afterwards."""
    started = time.perf_counter()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), TimeElapsedColumn())
    with Progress(*columns, console=notes, transient=True, disable=quiet or not notes.is_terminal) as bar:
        work = Step(bar, title)
        if not notes.is_terminal and not quiet:
            notes.print(f"… {title}")
        yield work
    if not quiet:
        notes.print(f"[green]✓[/] {work.summary} [dim]{time.perf_counter() - started:.1f} s[/]")


def say_error(message: str) -> None:
    """Print an error's message."""
    notes.print("[bold red]error[/] ", end="")
    notes.print(message, markup=False, soft_wrap=True)
