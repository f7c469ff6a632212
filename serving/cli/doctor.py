"""`tenure doctor`: what usually goes wrong, and what to do."""

from __future__ import annotations

import json

import typer

from tenure.serving.cli.console import results
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, now
from tenure.serving.doctor.examining import examine

COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor_command(config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """Look at everything that usually goes wrong, change nothing, and say what to do; exit 1 where anything fails."""
    found = []
    for one in examine(config, now=now()):
        found.append(one)
        if not as_json:
            results.print(f"[{COLOURS[one.state]}]{one.state:<4}[/]  ", end="")
            results.print(f"{one.name}: {one.said}", markup=False, soft_wrap=True)
            if one.remedy is not None:
                results.print(f"      -> {one.remedy}", markup=False, soft_wrap=True)
    failed = any(one.state == "fail" for one in found)
    if as_json:
        results.print_json(json.dumps({"well": not failed, "findings": [one._asdict() for one in found]}))
    if failed:
        raise typer.Exit(1)
