"""The process beside the service that replays webhooks, and scores again whoever has new interactions."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine

from tenure.models.reading import fit_nothing
from tenure.pipelines.live.refreshing import Refresher
from tenure.pipelines.live.replaying import Replayer
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.settings.project import Project
from tenure.serving.clock import utc_now
from tenure.serving.loading import load_model
from tenure.serving.scorer import ModelUnavailable
from tenure.serving.working import AWAY_SECONDS, run_beside, work_until

log = logging.getLogger(__name__)

LEASE, LEASE_SECONDS = "refresh", 15.0
IDLE_SECONDS = 0.2


class KeptModels:
    """Models by outcome and version, verified when they are first asked for; only the newest of each is kept."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._held: dict[str, tuple[str, ScoringModel]] = {}

    def __call__(self, outcome: str, version: str) -> ScoringModel:
        """The model of a version; raises `ModelUnavailable`."""
        held = self._held.get(outcome)
        if held is None or held[0] != version:
            held = self._held[outcome] = version, load_model(self._project, outcome, version)
        return held[1]


def refresh_until(
    stop: threading.Event, project: Project, engine: Engine, *, now: Callable[[], dt.datetime] = utc_now
) -> None:
    """Refresh until told to stop. Of several that run, the one with the lease works; the others wait for it to die."""
    refresher, replayer = Refresher(project, engine, KeptModels(project)), Replayer(project, engine)

    def once() -> float:
        try:
            replayed = replayer.once(now())  # first, so that a webhook is in the flag after one pass
            return 0.0 if refresher.once(now()).more or replayed.more else IDLE_SECONDS
        except ModelUnavailable as error:
            log.error("cannot refresh: %s", error)
            return AWAY_SECONDS

    work_until(stop, engine, once, lease=LEASE, seconds=LEASE_SECONDS, now=now)


if __name__ == "__main__":
    fit_nothing()
    run_beside(refresh_until)
