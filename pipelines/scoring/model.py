"""A model ready to score: the artefact's race, its question, and its reasons."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from tenure.models.artefact import ATTACHMENTS, Artefact, load
from tenure.models.serial import SchemaUnknown
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.work import describe_history
from tenure.pipelines.features.sums import Tables
from tenure.pipelines.history.history import History
from tenure.pipelines.outcomes.status import SCORED
from tenure.pipelines.reasons.reasons import reasons
from tenure.pipelines.scoring.facts import facts_of, waiting
from tenure.pipelines.scoring.question import Question

PROBABILITY = ("probability", "probability_low", "probability_high")
"""The columns of what is said of a unit: the probability, and from where to where it may be."""


@dataclass(frozen=True)
class ScoringModel:
    """An artefact opened for scoring; `modules` is the folder where own feature modules lie."""

    modules: Path
    artefact: Artefact
    question: Question

    @property
    def features(self) -> list[str]:
        """The names of the model's features, in order."""
        return [f.name for f in self.artefact.race.features]

    @property
    def learned_until(self) -> dt.date:
        """The date by which the last label it learned from had come to pass."""
        return dt.date.fromisoformat(self.artefact.extra["learned_until"])

    @property
    def verdict(self) -> str:
        """What the back-test said of it."""
        return str(self.artefact.extra["verdict"])

    def task(self, as_of: dt.date, *, lake: Path) -> Task:
        """The work of describing everybody in a snapshot as of a date."""
        return self.question.task(as_of, lake=lake, modules=self.modules)

    def describe(self, history: History, as_of: dt.date, *, tables: Tables | None = None) -> pd.DataFrame:
        """Features and status of every unit of a history.

        `tables` are the context tables of the date; without them nothing is known of others.
        """
        task = replace(self.task(as_of, lake=Path()), tables={as_of: tables or {}})
        return describe_history(task, history).frame

    def score(self, described: pd.DataFrame, *, explain: int | None = None) -> pd.DataFrame:
        """Add `probability`, both ends of its interval, `reasons` and `facts` to the rows that are eligible.

        With `explain` only that many of the highest probabilities get reasons; they and who waits for
        something get facts.
        """
        scored = (described["status"] == SCORED).to_numpy()
        matrix = described.loc[scored].reindex(columns=self.features)
        race = self.artefact.race
        probability = race.predict(matrix)["risk"].to_numpy() if len(matrix) else np.empty(0)
        low, high = race.interval(matrix, probability) if len(matrix) else (probability, probability)
        shown = np.argsort(-probability, kind="stable")[:explain]
        texts: list[list[dict[str, Any]] | None] = [None] * len(matrix)
        for place, found in zip(shown, reasons(race, matrix.iloc[shown], currency=self.question.currency), strict=True):
            texts[int(place)] = found
        result = described[["unit_id", "customer_id", "status"]].copy()
        for name, values in zip(PROBABILITY, (probability, low, high), strict=True):
            result[name] = np.nan
            result.loc[scored, name] = values
        result["reasons"] = None
        result.loc[scored, "reasons"] = pd.Series(texts, index=result.index[scored], dtype=object)
        told = waiting(described) & scored
        told[np.flatnonzero(scored)[shown]] = True
        result["facts"] = None
        facts = facts_of(described.loc[told])
        result.loc[told, "facts"] = pd.Series(facts, index=result.index[told], dtype=object)
        return result


def open_model(directory: Path) -> ScoringModel:
    """Open an artefact whose digests are checked first; see `tenure.models.artefact.load`."""
    artefact = load(directory)
    try:
        question = Question.from_json(artefact.extra["question"], artefact.attachments)
    except (KeyError, ValidationError) as error:
        raise SchemaUnknown(
            f"{directory} was written by another version of Tenure: its question does not fit "
            f"({str(error).splitlines()[0]}); run `tenure train` again"
        ) from error
    return ScoringModel(directory / ATTACHMENTS, artefact, question)
