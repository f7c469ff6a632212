"""What the service asks of a model: a protocol over plain objects, and their life in the service."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from tenure.pipelines.reasons.saying import reason_text
from tenure.serving.histories import History

Status = Literal[
    "scored", "leaving", "left", "lapsed", "new", "excluded", "objected", "not_eligible", "hold_out", "unknown"
]


class Reason(BaseModel):
    """Why the risk is what it is; `sayable` reasons may be said to the customer."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    theme: str
    text: str
    sayable: bool
    log_odds: float = Field(description="share of the risk in log-odds; above 0 raises it")


def as_told(reason: Mapping[str, Any], language: str = "en") -> dict[str, Any]:
    """The fields of `Reason` from a reason as it is kept, which holds also what it takes to say it in any language.

    >>> as_told({"theme": "silence", "text": "no visit for 19 days", "said": [], "sayable": True, "log_odds": 1.2})
    {'theme': 'silence', 'text': 'no visit for 19 days', 'sayable': True, 'log_odds': 1.2}
    """
    told = {name: value for name, value in reason.items() if name != "said"}
    return told if language == "en" else told | {"text": reason_text(reason, language)}


class UnitScore(BaseModel):
    """What a scorer says of one unit; only `scored` units have a probability."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    unit_id: str
    customer_id: str
    status: Status
    probability: float | None = Field(None, ge=0, le=1)
    probability_low: float | None = Field(None, ge=0, le=1)
    probability_high: float | None = Field(None, ge=0, le=1)
    reasons: tuple[Reason, ...] = ()


class Scorer(Protocol):
    """A verified model of one outcome."""

    def score(self, *, as_of: dt.date, customers: Sequence[History], context: Mapping[str, Any]) -> list[UnitScore]:
        """Score histories as of a local midnight; one result a unit. Called from several threads.

        `context` is what is known of others as of that date, as the score set keeps it.
        """
        ...


class ModelUnavailable(RuntimeError):
    """There is no model to score with, or it failed its verification; the message says what to do."""


class CannotScore(ValueError):
    """The histories of a request cannot be scored; the message says which and why."""


VERIFYING = "is being verified"
"""What is said of a model that was found and is being tried."""

LoadScorer = Callable[[str, str], Scorer]
"""Loads and verifies the model of (outcome, model version) or raises `ModelUnavailable`."""


AGAIN_SECONDS = 10.0
"""How long a version that could not be loaded is left alone; it may have been brought back meanwhile."""


class Scorers:
    """The verified models in use, loaded in the background when a score set names another version."""

    def __init__(
        self, load: LoadScorer, *, loaded: Callable[[], None] = lambda: None, again_seconds: float = AGAIN_SECONDS
    ) -> None:
        self._load = load
        self._loaded = loaded
        self._again_seconds = again_seconds
        self._failed_at: dict[str, float] = {}
        self._lock = threading.Lock()
        self._versions: dict[str, str] = {}
        self._scorers: dict[str, tuple[str, Scorer]] = {}
        self._reasons: dict[str, str] = {}

    def want(self, outcome: str, version: str) -> threading.Thread | None:
        """See to it that this version gets loaded; the one before serves until then."""
        with self._lock:
            failed = self._failed_at.get(outcome, float("inf"))
            if self._versions.get(outcome) == version and time.monotonic() - failed < self._again_seconds:
                return None
            another = self._versions.get(outcome) != version
            self._versions[outcome] = version
            self._failed_at.pop(outcome, None)
            if another and outcome not in self._scorers:
                self._reasons[outcome] = f"model {version} of {outcome!r} {VERIFYING}; ask again in a moment"
        thread = threading.Thread(target=self._bring, args=(outcome, version), daemon=True)
        thread.start()
        return thread

    def of(self, outcome: str) -> Scorer:
        """The verified model of an outcome, or `ModelUnavailable`."""
        return self.in_use(outcome)[1]

    def in_use(self, outcome: str) -> tuple[str, Scorer]:
        """The same with its version, which is that of before until the one that is wanted was loaded."""
        with self._lock:
            if outcome in self._scorers:
                return self._scorers[outcome]
            raise ModelUnavailable(self._reasons.get(outcome, f"no model of {outcome!r} yet; run `tenure train`"))

    def _bring(self, outcome: str, version: str) -> None:
        scorer: Scorer | None = None
        reason = f"model {version} of {outcome!r} could not be loaded; the service's log names the error"
        try:
            scorer = self._load(outcome, version)
        except ModelUnavailable as error:
            reason = str(error)
        finally:
            self._settle(outcome, version, scorer, reason)
        self._loaded()

    def _settle(self, outcome: str, version: str, scorer: Scorer | None, reason: str) -> None:
        with self._lock:
            if self._versions.get(outcome) != version:
                return  # a newer version was asked for in the meantime
            if scorer is None:
                self._scorers.pop(outcome, None)
                self._reasons[outcome] = reason
                self._failed_at[outcome] = time.monotonic()
            else:
                self._scorers[outcome] = version, scorer
