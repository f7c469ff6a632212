"""The challenger in shadow: scored beside the champion, published nowhere, and compared with what is served."""

from __future__ import annotations

from typing import Any

from tenure.models.manifest import ArtefactCorrupt, ArtefactMissing
from tenure.models.preflight import PreflightFailed, preflight
from tenure.models.serial import SchemaUnknown
from tenure.pipelines.examples.study import Study
from tenure.pipelines.promotion.changing import served_now
from tenure.pipelines.registry import CHALLENGER, NoChampion, Registered, Registry, model_name
from tenure.pipelines.scoring.golden import COMMAND
from tenure.pipelines.scoring.model import open_model
from tenure.pipelines.store.comparisons import Comparison, compare_sets, keep_comparison
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.score_sets import ScoreSet, set_of
from tenure.serving.cli.console import notes, step
from tenure.serving.cli.opening import Opened, now
from tenure.serving.cli.sets import Scored

BROKEN = (ArtefactMissing, ArtefactCorrupt, SchemaUnknown, PreflightFailed)
"""What is wrong with a model that cannot be opened: a challenger that is broken keeps nobody's scores waiting."""


def score_in_shadow(opened: Opened, study: Study, *, quiet: bool = False) -> dict[str, Any] | None:
    """Score the challenger as of the date that is served, on the same data, and compare; None where that cannot be.

    It cannot where there is no challenger, where it answers another question or has learned from later labels, and
    where the data have changed since what is served was scored. Its set is kept as long as the one that is served.
    """
    challenger, served = challenger_of(opened, study), served_now(opened.store, study.name)
    if challenger is None or served is None or served.model_version == challenger.label:
        return None
    with reading(opened.store) as connection:
        day, snapshot = served.as_of, served.snapshot_id
        found = set_of(connection, study.name, challenger.label, as_of=day, snapshot_id=snapshot)
    if found is None and not _score(opened, study, challenger, served, quiet=quiet):
        return None
    return compared(opened, study, served, challenger)


def compared(opened: Opened, study: Study, served: ScoreSet, other: Registered) -> dict[str, Any] | None:
    """How the scores of another model differ from those that are served; kept, and None where it has none."""
    with reading(opened.store) as connection:
        found = set_of(connection, study.name, other.label, as_of=served.as_of)
        if found is None:
            return None
        figures = compare_sets(connection, served, found, room=study.project.economics.capacity)
    made = Comparison(now(), study.name, served.as_of.isoformat(), served.model_version, other.label, figures)
    keep_comparison(opened.store, made)
    return {"as_of": made.as_of, "served": made.champion, "other": made.challenger, **figures}


def challenger_of(opened: Opened, study: Study) -> Registered | None:
    """The version that waits; None where none does."""
    try:
        return Registry(opened.project.data).with_alias(model_name(opened.project.name, study.name), CHALLENGER)
    except NoChampion:
        return None


def _score(opened: Opened, study: Study, challenger: Registered, served: ScoreSet, *, quiet: bool) -> bool:
    """Write the challenger's set; whether that could be done."""
    if served.snapshot_id != opened.snapshot.snapshot_id:
        return False
    try:
        preflight(challenger.directory, command=COMMAND)
        model = open_model(challenger.directory)
    except BROKEN as error:
        notes.print(f"[yellow]{challenger.label} is not scored in shadow:[/] {error}")
        return False
    if model.question.outcome != study.outcome or served.as_of < model.learned_until:
        return False
    with step(f"scoring {challenger.label} in shadow", quiet=quiet) as work:
        scored = Scored.by(opened, study, model, served.as_of, work)
        scored.write(opened, study, challenger, quiet=True)
        work.summary = f"scored {challenger.label} in shadow as of {served.as_of}"
    return True
