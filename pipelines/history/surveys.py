"""The ratings and surveys of some units: what they said, and where we asked and heard nothing.

A rating outside the scale 0 to 1 is not trusted: it is no rating, though its row is still an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from tenure.pipelines.calendar import DAY
from tenure.pipelines.history.cases import dated_log
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import FIXED_POINT, Ints, Log, Mask
from tenure.pipelines.history.threads import Threads

SILENT_DAYS = 7
"""Who did not answer a survey within so many days is silent."""

BAD = 0.4
"""A rating up to this one is a bad one."""

KINDS = ("survey_sent", "survey_answered")


def surveys_of(view: View) -> Surveys:
    """The surveys of a view's history in its knowledge; worked out once where all of it was known in time."""
    history = view.history
    codes = [history.kinds.index(kind) for kind in KINDS if kind in history.kinds]
    log = view.select("surveys", lambda rows: np.isin(rows.values["kind"], codes) | trusted(rows))
    return log.once("surveys", lambda: Surveys(log, kinds=history.kinds))


def trusted(rows: Log) -> Mask:
    """Which rows have a rating inside the scale."""
    rating = rows.values.get("rating")
    if rating is None:
        return np.zeros(len(rows), dtype=bool)
    found: Mask = (rating >= 0) & (rating <= FIXED_POINT)
    return found


class Surveys:
    """Rows that ask for a rating or give one; each log of facts is made when it is first asked for."""

    def __init__(self, log: Log, *, kinds: Sequence[str]) -> None:
        self.log, self._kinds = log, kinds

    @cached_property
    def rated(self) -> Log:
        """The ratings. Columns: `rating`, `minus` (its negative: the largest is the lowest rating), `bad` (1 or 0)."""
        log = self.log.where("trusted", lambda: trusted(self.log))
        rating = log.values.get("rating", np.empty(0, dtype=np.int64))
        bad = (rating <= round(BAD * FIXED_POINT)) * FIXED_POINT
        return replace(log, values={"rating": rating, "minus": -rating, "bad": bad}, _derived={})

    @cached_property
    def asked(self) -> Log:
        """The surveys, each known `SILENT_DAYS` days later. Column `silent`: 1 where no answer had come by then.

        A survey is answered by the next answer or rating of the same case; one without a case by
        the next one without a case.
        """
        log, until = self.log, SILENT_DAYS * DAY
        threads = Threads.of(log, log.values["case_id"], rank=self._rank)
        sent = threads.column("kind") == self._code("survey_sent")
        answer = threads.next_after(~sent)
        answered = (answer >= 0) & (threads.time[answer] < threads.time + until)
        places = np.flatnonzero(sent)
        unit = log.unit_of_row()[threads.order[places]]
        found = dated_log(log, unit, threads.time[places] + until, {"silent": ~answered[places] * FIXED_POINT})
        return replace(found, gaps=tuple((start, end + until) for start, end in log.gaps), _derived={})

    @property
    def _rank(self) -> Ints:
        """Of one instant the survey comes before the answer."""
        return (self.log.values["kind"] != self._code("survey_sent")).astype(np.int64)

    def _code(self, kind: str) -> int:
        return self._kinds.index(kind) if kind in self._kinds else -2
