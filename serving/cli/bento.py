"""`tenure bento`: the service as a bento."""

from __future__ import annotations

import json

from tenure.pipelines.settings.load import load_project
from tenure.serving.bento import build_bento
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config


def bento_command(config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """Build a bento of the service: its code and pinned requirements; the project is named when it is served."""
    project = load_project(config)
    with step("building a bento", quiet=as_json) as work:
        tag = build_bento(project)
        work.summary = f"built {tag}"
    if as_json:
        results.print_json(json.dumps({"tag": tag}))
    else:
        results.print(tag)
        notes.print(f"serve it with: TENURE_PROJECT=/path/to/tenure.toml bentoml serve {tag}", soft_wrap=True)
