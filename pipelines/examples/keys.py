"""Keys of the cache: everything that a value hangs on, beside the rows of its customer."""

from __future__ import annotations

import datetime as dt
import json
from hashlib import blake2b
from typing import Any

from tenure.pipelines.cache.source import code_digest
from tenure.pipelines.examples.pieces import Piece
from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.column import Context, Fitted
from tenure.pipelines.features.states import pack
from tenure.pipelines.features.sums import tables_to_json
from tenure.pipelines.text.signals import READING

FRAMES = "tenure.pipelines.examples.frames"
OUTCOMES = ("tenure.pipelines.outcomes.status", "tenure.pipelines.outcomes.label", FRAMES)


def digest(*parts: Any) -> str:
    """The digest of plain data.

    >>> digest("a", 1) == digest("a", 1), digest("a", 1) == digest("a", 2)
    (True, False)
    """
    return blake2b(json.dumps(parts, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


def units_key(task: Task) -> str:
    """Which units the customers of a bucket have."""
    return digest(code_digest("tenure.pipelines.features.bucket"), task.recipe.unit)


def status_key(task: Task, as_of: dt.date) -> str:
    """What the statuses of a date hang on."""
    return digest("status", code_digest(*OUTCOMES), _reading(task), _outcome(task), as_of)


def label_key(task: Task, as_of: dt.date, known_by: dt.date | None) -> str:
    """What the labels of a date, in the knowledge of another or of today, hang on."""
    return digest("label", code_digest(*OUTCOMES), _reading(task), _outcome(task), as_of, known_by)


def piece_key(task: Task, piece: Piece) -> str:
    """What the columns of a family as of a date hang on."""
    states = {name: blake2b(held).hexdigest() for name, held in pack(piece.fitted.learnt).items()}
    tables = tables_to_json(piece.context.tables)
    told = (_context(piece.context), sorted(piece.fitted.keys), states, tables)
    return digest("columns", piece.name, piece.family.code, _reading(task), piece.as_of, *told)


def others_key(task: Task, what: str, code: str, day: dt.date, fitted: Fitted) -> str:
    """What a family gathers or observes in a bucket as of a date."""
    return digest(what, code, _reading(task), _context(task.recipe.context), day, sorted(fitted.keys))


def _reading(task: Task) -> list[Any]:
    """How a bucket is read."""
    recipe = task.recipe
    return [recipe.zone, recipe.unit, recipe.observed_from, {k: list(v) for k, v in recipe.gaps.items()}]


def _context(context: Context) -> list[Any]:
    settings = context.settings.model_dump(mode="json", exclude={"families", "modules"})
    text = [READING, context.text.model_dump(mode="json")]
    return [settings, context.horizon_days, context.subject, dict(context.profiles), context.peer_groups, text]


def _outcome(task: Task) -> dict[str, Any]:
    return task.outcome.model_dump(mode="json")
