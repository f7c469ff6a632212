"""`tenure score`: a complete score set, published, and written to a file."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import pandas as pd
import typer

from tenure.pipelines.alerts.raising import raise_alerts
from tenure.pipelines.decisions.effects import effects_of
from tenure.pipelines.decisions.hold_out import Draw
from tenure.pipelines.decisions.learning_effects import effect_in_use
from tenure.pipelines.decisions.worth import EXCLUDED, assumed
from tenure.pipelines.examples.study import Study
from tenure.pipelines.features.sums import tables_to_json
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.privacy.suppression import Suppression
from tenure.pipelines.scoring.displayed import displayed
from tenure.pipelines.scoring.score import require_scorable, require_writable, score, scoring_task, write_scores
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.held_places import keep_held_places
from tenure.pipelines.store.hold_outs import ensure_drawn
from tenure.pipelines.store.objections import settle_objections
from tenure.pipelines.store.past import last_served, remember_scores
from tenure.pipelines.store.score_sets import COLUMNS, SHOWN, WORTH, publish, write_score_set
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, OutcomeName, now, open_project, parse_day

AsOf = Annotated[str | None, typer.Option("--as-of", help="As of the midnight that begins this date; left out: today.")]


def score_command(
    config: Config = DEFAULT,
    as_of: AsOf = None,
    out: Annotated[Path | None, typer.Option("--out", help="Also write a .parquet or .csv file.")] = None,
    outcome: OutcomeName = None,
    back_test: Annotated[
        bool, typer.Option("--back-test", help="Score a date the model has learned from; never published.")
    ] = False,
    allow_stale: Annotated[
        bool, typer.Option("--allow-stale", help="Score past the watermark and mark every row stale.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Score every customer as of a date with the champion, and publish the set."""
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome)
    day = parse_day(as_of) or opened.today(study)
    scored = score_and_publish(
        opened, study, day, out=out, publishing=not back_test, allow_stale=allow_stale, quiet=as_json
    )
    counts = {str(k): int(v) for k, v in scored["status"].value_counts().items()}
    if as_json:
        about = {"as_of": day.isoformat(), "outcome": study.name, "counts": counts}
        results.print_json(json.dumps(about | _barred(scored)))
    else:
        notes.print("  ".join(f"{status} {count:,}" for status, count in counts.items()))
        for said, causes in _barred(scored).items():
            if causes:
                told = ", ".join(f"{cause} {count:,}" for cause, count in causes.items())
                notes.print(f"{said.replace('_', ' ')}: {told}", markup=False)


def score_and_publish(
    opened: Opened,
    study: Study,
    day: dt.date,
    *,
    out: Path | None = None,
    publishing: bool = True,
    allow_stale: bool = False,
    quiet: bool = False,
    tried: str | None = None,
) -> pd.DataFrame:
    """Score a date with the champion; write the file, and publish the set unless it is a back-test.

    `tried` is a model version that this very command has tried in a child process already.
    """
    if out is not None:
        require_writable(out)
    registered, model = opened.champion(study, tried=tried)
    require_scorable(study, model, day, back_test=not publishing, allow_stale=allow_stale)
    stale = day > study.watermark
    effect = effect_in_use(opened.project, study.name) if opened.project.project.engine == "local" else None
    with step(f"scoring as of {day}", quiet=quiet) as work:
        task = scoring_task(study, model, day, progress=work.progress)
        effects = None if effect is None else partial(effects_of, effect[1].model)
        scored = score(study, model, day, task=task, effects=effects, progress=work.progress)
        if out is not None:
            write_scores(scored, out, stale=stale)
        if publishing:
            draw = draw_hold_out(opened, day, quiet=quiet)
            number = write_score_set(
                opened.store,
                _shown(opened, scored, study.name, day, registered.label),
                outcome=study.name,
                as_of=day,
                model_version=registered.label,
                snapshot_id=opened.snapshot.snapshot_id,
                created_at=now(),
                definition=definition(study.name, study.outcome),
                verdict=model.verdict,
                stale=stale,
                context=tables_to_json(task.tables.get(day, {})),
                assumed=assumed(opened.project, None if effect is None else effect[0]),
                gone=Suppression.of(opened.project).gone,
            )
            settle_objections(opened.store, number)
            keep_held_places(opened.store, number, draw)
            publish(opened.store, study.name, number)
            remember_scores(opened.store, number)
            work.say("looking for who to tell of")
            raise_alerts(opened.project, opened.store, study.name, now=now())
        work.summary = f"scored {int(scored['probability'].notna().sum()):,} of {len(scored):,} as of {day}"
    return scored


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


def _shown(opened: Opened, scored: pd.DataFrame, outcome: str, day: dt.date, model: str) -> pd.DataFrame:
    """The rows with what the desk calls the customers that have facts, and what was served of them before."""
    told = scored["facts"].notna()
    names = displayed(opened.snapshot, scored.loc[told, "customer_id"].unique(), opened.project.desk.profiles)
    facts, customers = scored["facts"].tolist(), scored["customer_id"].tolist()
    segments: list[str | None] = [None] * len(scored)
    rows = told.to_numpy().nonzero()[0].tolist()
    units = scored["unit_id"].tolist()
    with reading(opened.store) as connection:
        before = last_served(connection, outcome, before=day)
    for row in rows:
        past = before.get(units[row])
        if past is not None:
            facts[row] = {**facts[row], "before": [past.as_of, past.probability, past.model_version != model]}
        profile = names.get(customers[row])
        if profile:
            facts[row] = {**facts[row], "profile": profile}
            segments[row] = profile.get("segment")
    columns = {"facts": pd.Series(facts, dtype=object), "segment": pd.Series(segments, dtype=object)}
    return scored[[*COLUMNS, *WORTH]].assign(**{name: columns[name].to_numpy() for name in SHOWN})


def _barred(scored: pd.DataFrame) -> dict[str, dict[str, int]]:
    """How many units are excluded, and how many may not be contacted, by cause."""
    excluded = scored["status"] == EXCLUDED
    return {
        name: {str(cause): int(count) for cause, count in scored.loc[chosen, "barred"].value_counts().items()}
        for name, chosen in (("excluded", excluded), ("not_contacted", ~excluded))
    }
