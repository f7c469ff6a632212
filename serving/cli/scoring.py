"""`tenure score`: a complete score set, published, and written to a file."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from tenure.pipelines.alerts.raising import raise_alerts
from tenure.pipelines.decisions.worth import EXCLUDED
from tenure.pipelines.examples.study import Study
from tenure.pipelines.monitor.observing import Observing, keep_observed
from tenure.pipelines.scoring.score import require_scorable, require_writable, write_scores
from tenure.pipelines.store.past import remember_scores
from tenure.pipelines.store.score_sets import publish
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, OutcomeName, now, open_project, parse_day
from tenure.serving.cli.sets import Scored
from tenure.serving.cli.shadow import score_in_shadow

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
    shadow = None if back_test else score_in_shadow(opened, study, quiet=as_json)
    counts = {str(k): int(v) for k, v in scored["status"].value_counts().items()}
    if as_json:
        about = {"as_of": day.isoformat(), "outcome": study.name, "counts": counts}
        results.print_json(json.dumps(about | _barred(scored) | {"shadow": shadow}))
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
    with step(f"scoring as of {day}", quiet=quiet) as work:
        seen = Observing(model)
        scored = Scored.by(opened, study, model, day, work, seen=seen)
        if out is not None:
            write_scores(scored.rows, out, stale=day > study.watermark)
        if publishing:
            number = scored.write(opened, study, registered, quiet=quiet)
            publish(opened.store, study.name, number)
            remember_scores(opened.store, number)
            keep_observed(
                opened.store,
                seen,
                scored.rows,
                outcome=study.name,
                as_of=day,
                model_version=registered.label,
                now=now(),
                limits=opened.project.monitor,
            )
            work.say("looking for who to tell of")
            raise_alerts(opened.project, opened.store, study.name, now=now())
        count = int(scored.rows["probability"].notna().sum())
        work.summary = f"scored {count:,} of {len(scored.rows):,} as of {day}"
    return scored.rows


def _barred(scored: pd.DataFrame) -> dict[str, dict[str, int]]:
    """How many units are excluded, and how many may not be contacted, by cause."""
    excluded = scored["status"] == EXCLUDED
    return {
        name: {str(cause): int(count) for cause, count in scored.loc[chosen, "barred"].value_counts().items()}
        for name, chosen in (("excluded", excluded), ("not_contacted", ~excluded))
    }
