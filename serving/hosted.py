"""The application as a worker runs it: over its project's store, counted, and with its models wanted at once."""

from __future__ import annotations

import gc
from functools import partial
from typing import Any

from starlette.types import ASGIApp

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store
from tenure.serving.app import create_app
from tenure.serving.auditing import Auditor
from tenure.serving.clock import utc_now
from tenure.serving.loading import load_scorer
from tenure.serving.metrics import Exposition, Measured, audit_gauge
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

COLLECT_AFTER = (20_000, 50, 100)
"""Allocations until the garbage collector looks at what is young, and how often until it looks at what is older."""


def settle() -> None:
    """Keep the garbage collector from walking what was loaded, which costs a request 150 ms now and then.

    And from walking all requests of the last seconds again and again: BentoML holds them until its timeout, they end
    without its help, and thousands of them cost every request of that moment 100 ms.
    """
    gc.set_threshold(*COLLECT_AFTER)
    gc.collect()
    gc.freeze()


def hosted(project: Project, client: Any) -> tuple[ASGIApp, Auditor]:
    """The application of a project, and its auditor, to be closed in the end. `client` makes Prometheus metrics."""
    engine = project_store(project)
    app = create_app(
        ServiceSettings(project=project),
        engine=engine,
        scorers=Scorers(partial(load_scorer, project), loaded=settle),
        metrics=Exposition(client, project, engine, utc_now),
    )
    app.state.board.load_published()
    auditor: Auditor = app.state.auditor
    auditor.tell = audit_gauge(client)
    return Measured(app, client), auditor
