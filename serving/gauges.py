"""How things stand in the store at this moment, as Prometheus gauges: the same whichever worker is asked."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tenure.pipelines.live.backlog import waiting_events
from tenure.pipelines.monitor.finding import LEVELS
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.monitor_runs import MonitorRun, newest_runs
from tenure.pipelines.store.score_sets import ScoreSet, published_set


class Standing:
    """A collector that asks the store; where it does not answer, that is all it says."""

    def __init__(self, project: Project, engine: Engine, now: Callable[[], dt.datetime]) -> None:
        self._project, self._engine, self._now = project, engine, now

    def collect(self) -> Iterator[Any]:
        """The gauges as of now."""
        about = {"version": version("tenure"), "python": platform.python_version(), "store": self._engine.dialect.name}
        yield _gauge("build_info", "The release that runs, and on what", [(about, 1.0)])
        try:
            served, waiting, watched = self._asked()
        except SQLAlchemyError:
            yield _gauge("store_answers", "Whether the store answers", [({}, 0.0)])
            return
        yield _gauge("store_answers", "Whether the store answers", [({}, 1.0)])
        ages = [({"outcome": name}, self._seconds_since(found)) for name, found in served.items()]
        yield _gauge("score_set_age_seconds", "Seconds since the served score set was made", ages)
        days = [({"outcome": name}, self._midnight(found)) for name, found in served.items()]
        yield _gauge("score_set_as_of_seconds", "The midnight that the served scores are as of, in Unix time", days)
        left = [({"outcome": name}, float(number)) for name, number in waiting.items()]
        yield _gauge("events_waiting", "Delivered interactions whose customers are not scored again yet", left)
        yield from _monitored(watched)

    def _asked(self) -> tuple[dict[str, ScoreSet], dict[str, int], MonitorRun | None]:
        with reading(self._engine) as connection:
            found = {name: published_set(connection, name) for name in self._project.outcome}
            served = {name: one for name, one in found.items() if one is not None}
            live = [source.name for source in self._project.source if source.live]
            waiting = {name: waiting_events(connection, one, live).number for name, one in served.items()}
            return served, waiting, next(iter(newest_runs(connection, limit=1)), None)

    def _seconds_since(self, found: ScoreSet) -> float:
        return (self._now() - found.created_at.replace(tzinfo=dt.UTC)).total_seconds()

    def _midnight(self, found: ScoreSet) -> float:
        return dt.datetime.combine(found.as_of, dt.time(), ZoneInfo(self._project.timezone)).timestamp()


def _monitored(run: MonitorRun | None) -> Iterator[Any]:
    """What the monitor found last; nothing before its first run."""
    if run is None:
        return
    found = [({"check": one["check"], "of": one["subject"]}, one) for one in run.findings]
    at = run.at.replace(tzinfo=dt.UTC).timestamp()
    yield _gauge("monitor_run_seconds", "When the monitor last ran, in Unix time", [({}, at)])
    levels: tuple[str, ...] = LEVELS
    counts = [({"level": name}, float(sum(one["level"] == name for one in run.findings))) for name in levels]
    yield _gauge("monitor_findings", "Findings of the monitor by level", counts)
    standing = [(labels, float(LEVELS.index(one["level"]))) for labels, one in found]
    yield _gauge("monitor_level", "0 ok, 1 to be watched, 2 alarming", standing)
    values = [(labels, one["value"]) for labels, one in found if one["value"] is not None]
    yield _gauge("monitor_value", "What was held against the limit", values)


def _gauge(name: str, said: str, values: list[tuple[dict[str, str], float]]) -> Any:
    from prometheus_client.core import GaugeMetricFamily  # which looks at its environment when it is imported

    found = GaugeMetricFamily(f"tenure_{name}", said, labels=list(values[0][0]) if values else ())
    for labels, value in values:
        found.add_metric(list(labels.values()), value)
    return found
