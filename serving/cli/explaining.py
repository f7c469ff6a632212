"""`tenure explain`: one customer's score, walked from the interactions to the words on the panel."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tenure.models.intervals import unsure
from tenure.models.steps import Steps
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.reasons.saying import reason_text
from tenure.pipelines.scoring.score import require_known
from tenure.pipelines.scoring.walk import Known, Walk, known_of, walks
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.score_sets import published_set, risk_of
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, OutcomeName, open_project, parse_day
from tenure.serving.cli.scoring import AsOf

NEWEST = 8
"""Interactions that are printed; `--json` has all of them."""

SMALL = 0.005
"""Log-odds below which a theme is not named when themes are added up."""

Top = Annotated[int, typer.Option("--top", min=1, help="How many features to print, those that add most first.")]
Customer = Annotated[str, typer.Argument(help="The customer's id.")]
Language = Annotated[str, typer.Option("--language", help="The language of the reasons: en, pl, bg or hi.")]


def explain_command(
    customer: Customer,
    config: Config = DEFAULT,
    as_of: AsOf = None,
    outcome: OutcomeName = None,
    top: Top = 12,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Walk from a customer's interactions through features, models and calibration to the score and its reasons."""
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome)
    day = parse_day(as_of) or opened.today(study)
    require_known(study, day, allow_stale=True)
    registered, model = opened.champion(study)
    known = known_of(study, customer, day)
    if day < model.learned_until and not as_json:
        notes.print(f"[yellow]{registered.label} learned from labels until {model.learned_until}: it has seen this[/]")
    with step(f"explaining {customer}", quiet=as_json):
        found = walks(study, model, customer, day)
    served = [_served(opened, study.name, registered.label, one) for one in found]
    head = {
        "customer_id": customer,
        "as_of": day.isoformat(),
        "model_version": registered.label,
        "definition": definition(study.name, study.outcome),
    }
    if as_json:
        units = [_unit(one, language) | {"served": told} for one, told in zip(found, served, strict=True)]
        results.print_json(json.dumps(head | {"known": _known(known), "units": units}))
        return
    results.print(Text(f"{customer} as of {day} · {registered.label} · {head['definition']}", style="bold"))
    results.print(_known_table(known))
    for one, told in zip(found, served, strict=True):
        results.print(_walk_table(one, top=top, language=language, served=told))


def _served(opened: Opened, outcome: str, label: str, walk: Walk) -> str:
    """What the served score says of the same unit, in words."""
    with reading(opened.store) as connection:
        served = published_set(connection, outcome)
        rows = risk_of(connection, served.score_set_id, walk.customer_id) if served else []
    row = next((one for one in rows if one.unit_id == walk.unit_id), None)
    if served is None or row is None:
        return "no score of this customer is served"
    if served.as_of != walk.as_of or served.model_version != label:
        return f"what is served is as of {served.as_of}, of {served.model_version}: {_share(row.probability)}"
    ours = walk.steps.probability if walk.steps else None
    if ours == row.probability:
        return "the served score is this one, bit for bit"
    return f"what is served is {_share(row.probability)}: it was scored from snapshot {served.snapshot_id}"


def _share(probability: float | None) -> str:
    return "not scored" if probability is None else f"{probability:.4f}"


def _known(known: Known) -> dict[str, Any]:
    rows = json.loads(known.rows.to_json(orient="records", date_format="iso", date_unit="ms"))
    return {"interactions": rows, "later": known.later, "not_known_yet": known.unknown, "superseded": known.superseded}


def _unit(walk: Walk, language: str) -> dict[str, Any]:
    told: dict[str, Any] = {"unit_id": walk.unit_id, "status": walk.status, "band": walk.band}
    told["reasons"] = [{"text": reason_text(r, language), "sayable": r["sayable"]} for r in walk.reasons]
    if walk.steps is None:
        return told
    steps = walk.steps
    parts = steps.parts.astype({"value": object})
    parts["value"] = parts["value"].where(parts["value"].notna(), None)
    return told | {
        "probability": steps.probability,
        **dict(zip(("probability_low", "probability_high", "low_confidence"), _ends(steps), strict=True)),
        "log_odds": steps.log_odds,
        "members": [vars(one) for one in steps.members],
        "blend": {"log_odds": steps.blended, "slope": steps.slope, "intercept": steps.intercept},
        "base": steps.base,
        "features": parts.to_dict("records"),
        "remainder": steps.remainder,
    }


def _known_table(known: Known) -> Group:
    rows = known.rows
    span = (
        f" from {_moment(rows['occurred_at'].iloc[-1])} to {_moment(rows['occurred_at'].iloc[0])}" if len(rows) else ""
    )
    left = [
        f"{count:,} {words}"
        for count, words in (
            (known.later, "happened later"),
            (known.unknown, "had happened but was not known yet"),
            (known.superseded, "had been replaced or withdrawn"),
        )
        if count
    ]
    table = _listing("when", "what", "channel", "amount", "rating", "case")
    for row in rows.head(NEWEST).to_dict("records"):
        figures = ["" if pd.isna(row[name]) else f"{row[name]:g}" for name in ("amount", "rating")]
        words = ["" if pd.isna(row[name]) else str(row[name]) for name in ("kind", "channel", "case_id")]
        table.add_row(_moment(row["occurred_at"]), *words[:2], *figures, words[2])
    return Group(
        _title(1, "What was known", f"{len(rows):,} interactions{span}" + "".join(f"; {said}" for said in left)),
        table,
        Text(f"the newest {NEWEST} of {len(rows):,}", style="dim") if len(rows) > NEWEST else Text(""),
    )


def _walk_table(walk: Walk, *, top: int, language: str, served: str) -> Group:
    if walk.steps is None:
        return Group(_title(2, "Status", f"{walk.unit_id} is not scored: {walk.status}"), Text(served, style="dim"))
    steps = walk.steps
    features = _listing("feature", "value", "adds", "what it is")
    for row in steps.parts.head(top).to_dict("records"):
        value = "missing" if pd.isna(row["value"]) else f"{row['value']:,.4g}"
        features.add_row(row["feature"], value, f"{row['adds']:+.3f}", row["meaning"])
    models = _listing("model", "says", "calibrated", "log-odds", "probability", "share")
    for said in steps.members:
        line = f"{said.slope:.3f} x {said.raw:+.3f} {said.intercept:+.3f}"
        models.add_row(
            said.name, f"{said.raw:+.3f}", line, f"{said.log_odds:+.3f}", f"{said.probability:.4f}", f"{said.share:.0%}"
        )
    themes = steps.parts.groupby("theme")["adds"].sum()
    themes = themes.loc[themes.abs().sort_values(ascending=False, kind="stable").index]
    shown = themes.loc[themes.abs() >= SMALL]
    added = " ".join(f"{value:+.3f} ({name})" for name, value in shown.items())
    if len(shown) < len(themes):
        added += f" {themes.sum() - shown.sum():+.3f} (others)"
    return Group(
        _title(2, "Features", f"{len(steps.parts):,} of them; the {min(top, len(steps.parts))} that add most"),
        features,
        _title(3, "Models", "log-odds of each, and how they are calibrated"),
        models,
        _title(
            4,
            "Risk",
            f"{steps.slope:.3f} x {steps.blended:+.3f} {steps.intercept:+.3f} = {steps.log_odds:+.3f} log-odds, "
            f"probability {steps.probability:.4f}{_interval(steps)}, band {walk.band}",
        ),
        Text(f"the same by theme: {steps.base:+.3f} (everybody) {added} = {steps.log_odds:+.3f}", style="dim"),
        _title(5, "In words", "" if walk.reasons else "nothing raises this risk by much"),
        *(
            Text(f"   {reason_text(one, language)}{'' if one['sayable'] else '  (for you only)'}")
            for one in walk.reasons
        ),
        _title(6, "Served", served),
    )


def _interval(steps: Steps) -> str:
    """From where to where the probability may be; empty where the model knows no intervals."""
    low, high, wide = _ends(steps)
    if low is None or high is None:
        return ""
    return f" ({low:.4f} to {high:.4f}{', low confidence' if wide else ''})"


def _ends(steps: Steps) -> tuple[float | None, float | None, bool | None]:
    """Both ends of the interval and whether it is wide; nothing where the model knows no intervals."""
    if math.isnan(steps.low):
        return None, None, None
    return steps.low, steps.high, unsure(steps.low, steps.high)


def _title(place: int, name: str, said: str) -> Text:
    return Text.assemble("\n", (f"{place}  {name}  ", "bold"), said)


def _listing(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        numeric = name in ("value", "adds", "says", "log-odds", "probability", "share", "amount", "rating")
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    return table


def _moment(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
