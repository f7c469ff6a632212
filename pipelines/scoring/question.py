"""The question a model answers, as it travels in the artefact beside the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.bucket import Recipe
from tenure.pipelines.features.column import Context, Fitted
from tenure.pipelines.features.states import pack, unpack
from tenure.pipelines.settings.features import Features
from tenure.pipelines.settings.outcome import AnyOutcome
from tenure.pipelines.settings.text import Text

_OUTCOME: TypeAdapter[AnyOutcome] = TypeAdapter(AnyOutcome)


@dataclass(frozen=True)
class Question:
    """An outcome, and how the features of its model are computed; nothing in it is a path."""

    name: str
    outcome: AnyOutcome
    zone: str
    context: Context
    fitted: Fitted
    observed_from: int
    gaps: dict[str, tuple[tuple[int, int], ...]]
    currency: str = ""

    @classmethod
    def of(cls, study: Study, fitted: Fitted) -> Question:
        """The question of a study, with what its families had learnt."""
        recipe = study.recipe(fitted)
        return cls(
            study.name,
            study.outcome,
            recipe.zone,
            recipe.context,
            fitted,
            recipe.observed_from,
            dict(recipe.gaps),
            study.project.project.currency,
        )

    def to_json(self) -> dict[str, Any]:
        """The question as plain data, without what the families learnt (see `files`)."""
        return {
            "name": self.name,
            "outcome": self.outcome.model_dump(mode="json"),
            "zone": self.zone,
            "features": self.context.settings.model_dump(mode="json"),
            "horizon_days": self.context.horizon_days,
            "subject": list(self.context.subject),
            "profiles": dict(self.context.profiles),
            "peer_groups": list(self.context.peer_groups),
            "text": self.context.text.model_dump(mode="json"),
            "fitted": sorted(self.fitted.keys),
            "observed_from": self.observed_from,
            "currency": self.currency,
            "gaps": {kind: [list(span) for span in spans] for kind, spans in self.gaps.items()},
        }

    def files(self) -> dict[str, bytes]:
        """What the families learnt, as files that travel beside the question."""
        return pack(self.fitted.learnt)

    @classmethod
    def from_json(cls, held: dict[str, Any], files: Mapping[str, bytes]) -> Question:
        """Read a question back; `files` holds those of `files()`, and may hold others."""
        settings = Features.model_validate(held["features"])
        context = Context(
            settings,
            held["horizon_days"],
            tuple(held["subject"]),
            dict(held["profiles"]),
            tuple(held["peer_groups"]),
            text=Text.model_validate(held["text"]),
        )
        gaps = {kind: tuple((int(a), int(b)) for a, b in spans) for kind, spans in held["gaps"].items()}
        return cls(
            held["name"],
            _OUTCOME.validate_python(held["outcome"]),
            held["zone"],
            context,
            Fitted(frozenset(held["fitted"]), unpack(files)),
            int(held["observed_from"]),
            gaps,
            held["currency"],
        )

    def task(self, as_of: dt.date, *, lake: Path, modules: Path) -> Task:
        """The work of describing everybody as of one date. `modules` is where own features lie."""
        recipe = Recipe(
            folder=lake,
            root=modules,
            zone=self.zone,
            unit=self.outcome.unit,
            settings=self.context.settings,
            context=self.context,
            fitted=self.fitted,
            observed_from=self.observed_from,
            gaps=self.gaps,
        )
        return Task(recipe, self.outcome, (as_of,), everybody=True)
