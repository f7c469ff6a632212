"""The published score sets as the routes see them: follow the pointer, or refuse with the remedy."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from tenure.models.intervals import unsure
from tenure.pipelines.privacy.suppression import Suppression
from tenure.pipelines.store.connections import StoreAway, following, reading
from tenure.pipelines.store.external_ids import customer_called
from tenure.pipelines.store.reach import Reach, reach_on
from tenure.pipelines.store.score_sets import Score, ScoreSet, published_set, score_set
from tenure.pipelines.store.served import served_risk
from tenure.serving.answers import CustomerRisk, UnitRisk
from tenure.serving.problems import Refusal
from tenure.serving.scorer import Scorers, as_told
from tenure.serving.settings import ServiceSettings
from tenure.serving.words import change_in_words, change_of, in_words

SETS_REMEMBERED = 8


class Board:
    """What is published, read anew for every request, so that a new set needs no restart."""

    def __init__(
        self, settings: ServiceSettings, engine: Engine, scorers: Scorers, now: Callable[[], dt.datetime]
    ) -> None:
        self.settings = settings
        self.engine = engine
        self.scorers = scorers
        self.now = now
        self.suppression = Suppression.of(settings.project)
        self._following: Connection | None = None
        self._idle: deque[Connection] = deque()
        self._limiter: CapacityLimiter | None = None
        self._headers: dict[str, ScoreSet] = {}
        self._remembered: dict[int, dict[str, list[str]]] = {}

    def load_published(self) -> None:
        """Begin to load the models of what is published, before anybody asks."""
        with reading(self.engine) as connection:
            for name in self.settings.project.outcome:
                found = published_set(connection, name)
                if found is not None:
                    self.scorers.want(name, found.model_version)

    def outcome(self, name: str | None) -> str:
        """The outcome that was asked for, or the primary one."""
        project = self.settings.project
        if name is None or name in project.outcome:
            return name or project.primary_outcome
        close = get_close_matches(name, project.outcome, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(project.outcome)}"
        raise Refusal(422, "unknown-outcome", f"outcome {name[:40]!r} is not in the project file; {hint}")

    @contextmanager
    def published(self, outcome: str | None) -> Iterator[tuple[Connection, ScoreSet]]:
        """The published set of an outcome, and a connection that sees just that state."""
        name = self.outcome(outcome)
        with reading(self.engine) as connection:
            found = published_set(connection, name)
            if found is None:
                raise _unpublished(name)
            yield connection, found

    def called(self, source: str, external_id: str) -> str:
        """The customer whom a source calls so; where nobody said, the importers' own name for them."""
        with reading(self.engine) as connection:
            return customer_called(connection, source, external_id) or f"{source}:{external_id}"

    def refuse_erased(self, customers: Sequence[str]) -> None:
        """Raise where anything is to be kept about somebody who was erased, as from a page that was open meanwhile."""
        with reading(self.engine) as connection:
            found = self.suppression.among(connection, customers)
        if found:
            raise Refusal(422, "erased", f"{len(found)} of these customers were erased; nothing is kept about them")

    def remembered(self, score_set_id: int, make: Callable[[], dict[str, list[str]]]) -> dict[str, list[str]]:
        """What is found out of a set once, since a set never changes."""
        if score_set_id not in self._remembered:
            self._remembered = {score_set_id: make(), **dict(list(self._remembered.items())[:SETS_REMEMBERED])}
        return self._remembered[score_set_id]

    def today(self, found: ScoreSet) -> dt.date:
        """The day it is for a project: by the wall clock, or that of its scores where time stands still."""
        project = self.settings.project
        if project.project.clock == "data":
            return found.as_of
        return self.now().astimezone(ZoneInfo(project.timezone)).date()

    def reach(self, connection: Connection, found: ScoreSet) -> Reach:
        """Who may be on a contact list of today."""
        return reach_on(connection, self.settings.project, self.today(found))

    async def risk(self, outcome: str | None, customer_id: str) -> tuple[ScoreSet, list[Score]]:
        """A customer's units in the published set, riskiest first.

        From the embedded store it is read here and now, which takes less time than to hand it to a thread;
        a database may be far away, and nobody else waits for it.
        """
        name = self.outcome(outcome)
        if self.engine.dialect.name == "sqlite":
            if self._following is None:
                self._following = following(self.engine)
            return self._looked_up(self._following, name, customer_id)
        if self._limiter is None:  # half of the connections; the other half is for everything else
            self._limiter = CapacityLimiter(max(1, self.settings.project.store.connections // 2))
        return await to_thread.run_sync(self._asked, name, customer_id, limiter=self._limiter)

    def _asked(self, name: str, customer_id: str) -> tuple[ScoreSet, list[Score]]:
        """Ask a database over a kept connection; one that was cut meanwhile is replaced."""
        try:
            return self._asked_over(self._idle.pop(), name, customer_id)
        except (IndexError, StoreAway):
            return self._asked_over(following(self.engine), name, customer_id)

    def _asked_over(self, connection: Connection, name: str, customer_id: str) -> tuple[ScoreSet, list[Score]]:
        try:
            found = self._looked_up(connection, name, customer_id)
        except (StoreAway, SQLAlchemyError):
            connection.invalidate()
            connection.close()
            raise
        except Refusal:
            self._idle.append(connection)
            raise
        self._idle.append(connection)
        return found

    def _looked_up(self, connection: Connection, name: str, customer_id: str) -> tuple[ScoreSet, list[Score]]:
        number, units = served_risk(connection, name, customer_id)
        if number is None:
            raise _unpublished(name)
        known = self._headers.get(name)
        if known is None or known.score_set_id != number:  # a header never changes once written
            known = self._headers[name] = score_set(connection, number)
        return known, units

    def provenance(self, found: ScoreSet, again: Score | None = None) -> dict[str, Any]:
        """The part of every answer that says of what and from when it is: the set, or a score made since."""
        as_of, scored_at = found.as_of, found.created_at
        if again is not None and again.as_of is not None and again.scored_at is not None:
            as_of, scored_at = dt.date.fromisoformat(again.as_of), again.scored_at
        return {
            "outcome": found.outcome,
            "definition": found.definition,
            "as_of": as_of,
            "scored_at": scored_at.replace(tzinfo=dt.UTC),
            "model_version": found.model_version,
            "stale": found.stale or self.settings.stale(as_of, now=self.now()),
        }

    def changed(self, score: Score | None) -> dict[str, Any] | None:
        """The fields of `Change`, where the score before is known."""
        found = change_of(score)
        if score is None or score.probability is None or found is None:
            return None
        return {**found, "in_words": change_in_words(score.probability, found)}

    def words(
        self,
        outcome: str,
        status: str,
        band: str | None,
        probability: float | None,
        low: float | None = None,
        high: float | None = None,
    ) -> dict[str, Any]:
        """The fields of `Risk` that do not name reasons."""
        asked = self.settings.project.outcome[outcome]
        return {
            "status": status,
            "probability": probability,
            "probability_low": low,
            "probability_high": high,
            "low_confidence": unsure(low, high),
            "band": band,
            "in_words": in_words(asked, status=status, band=band, probability=probability, low=low, high=high),
        }

    def unit(self, outcome: str, score: Score, language: str = "en") -> dict[str, Any]:
        """The fields of `UnitRisk`, its reasons said in a language."""
        ends = score.probability_low, score.probability_high
        words = self.words(outcome, score.status, score.band, score.probability, *ends)
        reasons = [as_told(reason, language) for reason in score.reasons or []]
        return {**words, "reasons": reasons, "unit_id": score.unit_id}

    def customer(self, outcome: str, customer_id: str, units: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """The fields of `CustomerRisk`: those of the first unit, which is the riskiest."""
        first = units[0] if units else {**self.words(outcome, "unknown", None, None), "reasons": []}
        top = {name: first[name] for name in CustomerRisk.model_fields if name in UnitRisk.model_fields}
        return {**top, "customer_id": customer_id, "units": list(units)}


def _unpublished(outcome: str) -> Refusal:
    remedy = "run `tenure train` and `tenure score`"
    return Refusal(503, "not-ready", f"no scores of {outcome!r} are published yet; {remedy}")
