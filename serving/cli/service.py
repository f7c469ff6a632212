"""`tenure serve`: the service on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenure.serving.cli.console import notes, results
from tenure.serving.cli.opening import DEFAULT, Config
from tenure.serving.server import serve
from tenure.serving.settings import HOST, PORT

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(help="The port to listen on; 0 picks a free one.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="How many processes answer requests.")]


def serve_command(config: Config = DEFAULT, host: Host = HOST, port: Port = PORT, workers: Workers = 1) -> None:
    """Serve scores to support tools until Ctrl-C."""
    serve_until_stopped(config / "tenure.toml" if config.is_dir() else config, host, port, workers=workers)


def serve_until_stopped(config: Path, host: str, port: int, *, workers: int = 1) -> None:
    """Start the service, print its address, and wait for it to end."""
    with serve(config, host=host, port=port, workers=workers) as running:
        results.print(f"serving at [bold]{running.address}[/]   (Ctrl-C stops it; log: {running.log})", soft_wrap=True)
        if running.missing is not None:
            notes.print(f"[yellow]not ready: {running.missing}[/]")
        try:
            running.process.wait()
        except KeyboardInterrupt:
            notes.print("stopping")
