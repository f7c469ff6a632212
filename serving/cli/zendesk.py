"""`tenure zendesk package`: the app to be installed there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenure.pipelines.settings.load import load_project
from tenure.serving.cli.console import notes
from tenure.serving.cli.opening import DEFAULT, Config
from tenure.serving.web.zendesk_package import package

zendesk = typer.Typer(help="The panel inside Zendesk.", no_args_is_help=True)


@zendesk.callback()
def _group() -> None:
    """Keep the name of a single command."""


@zendesk.command("package")
def package_command(
    config: Config = DEFAULT,
    out: Annotated[Path, typer.Option("--out", help="The ZIP to write.")] = Path("tenure-zendesk.zip"),
    email: Annotated[str, typer.Option("--email", help="Whom Zendesk names as the author.")] = "tenure@example.com",
    version: Annotated[str, typer.Option("--app-version", help="The version Zendesk shows.")] = "1.0.0",
) -> None:
    """Write the app that a Zendesk administrator uploads as a private app."""
    project = load_project(config)
    content = package(project, version=version, email=email)
    out.write_bytes(content)
    notes.print(
        f"wrote {out}; upload it in Zendesk (Admin Center, Apps, Zendesk Support apps, Upload private app), then "
        "download its public key and name the file as public_key in [panel.zendesk]",
        markup=False,
    )
