"""Everybody scored by a model, written as a complete score set that is not published yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import pandas as pd

from tenure.pipelines.decisions.effects import effects_of
from tenure.pipelines.decisions.hold_out import Draw
from tenure.pipelines.decisions.learning_effects import effect_in_use
from tenure.pipelines.decisions.worth import assumed
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.sums import tables_to_json
from tenure.pipelines.monitor.observing import Observing
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.privacy.suppression import Suppression
from tenure.pipelines.registry import Registered
from tenure.pipelines.scoring.displayed import displayed
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.scoring.score import score, scoring_task
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.held_places import keep_held_places
from tenure.pipelines.store.hold_outs import ensure_drawn
from tenure.pipelines.store.objections import settle_objections
from tenure.pipelines.store.past import last_served
from tenure.pipelines.store.score_rows import COLUMNS, ENDS, SHOWN, WORTH
from tenure.pipelines.store.score_sets import write_score_set
from tenure.serving.cli.console import Step, notes
from tenure.serving.cli.opening import Opened, now


@dataclass(frozen=True)
class Scored:
    """Everybody scored as of a day by a model, and what went into it."""

    day: dt.date
    model: ScoringModel
    task: Task
    effect: str | None
    rows: pd.DataFrame

    @classmethod
    def by(
        cls,
        opened: Opened,
        study: Study,
        model: ScoringModel,
        day: dt.date,
        work: Step,
        *,
        seen: Observing | None = None,
    ) -> Scored:
        """Score everybody by a model; `seen` is shown what was described and what came out."""
        effect = effect_in_use(opened.project, study.name) if opened.project.project.engine == "local" else None
        task = scoring_task(study, model, day, progress=work.progress)
        effects = None if effect is None else partial(effects_of, effect[1].model)
        rows = score(study, model, day, task=task, effects=effects, seen=seen, progress=work.progress)
        return cls(day, model, task, None if effect is None else effect[0], rows)

    def write(
        self, opened: Opened, study: Study, registered: Registered, *, new_series: bool = False, quiet: bool = False
    ) -> int:
        """Write the complete score set, which nobody sees before it is published; its number.

        The first set of a new series is compared with nothing that was served before.
        """
        draw = draw_hold_out(opened, self.day, quiet=quiet)
        number = write_score_set(
            opened.store,
            _shown(opened, self.rows, study.name, self.day, registered.label, new_series=new_series),
            outcome=study.name,
            as_of=self.day,
            model_version=registered.label,
            snapshot_id=opened.snapshot.snapshot_id,
            created_at=now(),
            definition=definition(study.name, study.outcome),
            verdict=self.model.verdict,
            stale=self.day > study.watermark,
            context=tables_to_json(self.task.tables.get(self.day, {})),
            assumed=assumed(opened.project, self.effect),
            gone=Suppression.of(opened.project).gone,
        )
        settle_objections(opened.store, number)
        keep_held_places(opened.store, number, draw)
        return number


def draw_hold_out(opened: Opened, day: dt.date, *, quiet: bool = False) -> Draw:
    """The draw in force, made before anybody sees a list of its campaign period; says what is in force."""
    project, moment = opened.project, now()
    frozen = project.project.clock == "data"
    today = day if frozen else moment.astimezone(ZoneInfo(project.timezone)).date()
    drawn = ensure_drawn(opened.store, project, today=today, now=moment)
    if quiet:
        return drawn.draw
    if drawn.new and drawn.draw.share:
        said = f"{drawn.draw.share:.0%} of all people are held out from {drawn.draw.starts} until {drawn.ends}"
        notes.print(f"[dim]{said}[/]")
    elif drawn.draw.share != project.hold_out.share:
        notes.print(
            f"[yellow]hold_out.share = {project.hold_out.share:g} counts from {drawn.ends} on; the people of the "
            f"present period were drawn with {drawn.draw.share:g}[/]"
        )
    return drawn.draw


def _shown(
    opened: Opened, scored: pd.DataFrame, outcome: str, day: dt.date, model: str, *, new_series: bool
) -> pd.DataFrame:
    """The rows with what the desk calls the customers that have facts, and what was served of them before."""
    told = scored["facts"].notna()
    names = displayed(opened.snapshot, scored.loc[told, "customer_id"].unique(), opened.project.desk.profiles)
    facts, customers = scored["facts"].tolist(), scored["customer_id"].tolist()
    segments: list[str | None] = [None] * len(scored)
    rows = told.to_numpy().nonzero()[0].tolist()
    units = scored["unit_id"].tolist()
    with reading(opened.store) as connection:
        before = {} if new_series else last_served(connection, outcome, before=day)
    for row in rows:
        past = before.get(units[row])
        if past is not None:
            facts[row] = {**facts[row], "before": [past.as_of, past.probability, past.model_version != model]}
        profile = names.get(customers[row])
        if profile:
            facts[row] = {**facts[row], "profile": profile}
            segments[row] = profile.get("segment")
    columns = {"facts": pd.Series(facts, dtype=object), "segment": pd.Series(segments, dtype=object)}
    return scored[[*COLUMNS, *ENDS, *WORTH]].assign(**{name: columns[name].to_numpy() for name in SHOWN})
