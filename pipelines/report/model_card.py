"""The model card of a training run: what the model is for, how good it is and for whom, and what it must not be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tenure.models.contributions import BASE, feature_contributions
from tenure.models.race import Race
from tenure.pipelines.decisions.contacted import Corrected
from tenure.pipelines.examples.study import Study
from tenure.pipelines.outcomes.sentence import definition, happens
from tenure.pipelines.report import tables
from tenure.pipelines.report.figures import span, title, written
from tenure.pipelines.report.sheet import Grid, Section, Sheet
from tenure.pipelines.report.words import MEANING, timeless_notes

CARD = "model-card"
SOURCE = "Mitchell et al. (2019), Model Cards for Model Reporting"
SHOWN = (
    "roc_auc",
    "average_precision",
    "brier",
    "log_loss",
    "calibration_in_the_large",
    "calibration_slope",
    "lift_top_decile",
    "precision_at_capacity",
    "profit_at_capacity",
)
LOOKED_AT = 500
"""Customers by whom it is measured what the model goes by."""

MOST_THEMES = 12

GROUP_WORDS = {"settled": "settled customers", "new": "new ones", "unknown_category": "with an unknown category"}
"""The groups of the intervals, in words."""


def model_card(
    study: Study,
    race: Race,
    *,
    proof: dict[str, Any],
    digest: str,
    learned_until: str,
    examples: pd.DataFrame,
    corrected: Corrected,
) -> Sheet:
    """The card of a fitted race.

    `proof` is the back-test's document, `digest` that of the artefact, `examples` rows of the newest cut-off.
    """
    return Sheet(
        kind="Model card",
        title=f"{study.project.name}, {study.name}",
        lead=f"{definition(study.name, study.outcome)}.",
        source=SOURCE,
        sections=(
            _details(study, race, digest, learned_until, corrected),
            _use(study, proof),
            _goes_by(race, examples),
            _evaluation(study, proof),
            _groups(study, proof),
            _ethics(study),
            _caveats(study, proof, learned_until),
        ),
    )


def _details(study: Study, race: Race, digest: str, learned_until: str, corrected: Corrected) -> Section:
    shares = ", ".join(f"{share:.0%} {name}" for name, share in race.blend.shares.items() if share)
    report = race.report
    return Section(
        "Model details",
        (
            "A calibrated probability for each unit: days since last, a logistic regression and boosted trees are "
            "fitted and calibrated, and what the past says is best of them, alone or blended, is the risk.",
        ),
        {
            "Risk is": shares,
            "Features": f"{len(race.features):,}",
            "Training rows": f"{report['rows']:,}" if "rows" in report else "not told",
            "Learned from labels until": learned_until,
            "Intervals go by": _seen(race),
            "Contacted customers": corrected.said or "nobody whose label a contact may have changed",
            "Artefact, SHA-256": digest,
            "Data, snapshot": f"{study.snapshot.snapshot_id}, fingerprint {study.snapshot.fingerprint[:16]}",
        },
    )


def _seen(race: Race) -> str:
    """How many persons of each group the intervals were learnt from."""
    known = race.intervals.get(race.blend.name)
    if known is None:
        return "nothing; the model is of an earlier release"
    counts = [f"{known.bands[name].persons:,} {words}" for name, words in GROUP_WORDS.items()]
    short = "; the past is too short to rehearse on later dates, so they are wider"
    return f"{', '.join(counts)}{'' if race.report.get('method') == 'later' else short}"


def _use(study: Study, proof: dict[str, Any]) -> Section:
    unit, capacity = study.outcome.unit, study.project.economics.capacity
    return Section(
        "Intended use",
        (
            f"To choose which {unit}s a retention team contacts, {capacity:,} a period, and to warn an agent who "
            f"speaks with one of them: of 100 with a risk of 40 %, about 40 {happens(study.outcome)}.",
            "Not for refusing or pricing a service, nor for judging agents; a high risk is a chance to help, not a "
            "fact about a person. Not for anybody the definition does not speak of, nor for another horizon.",
        ),
        {"Verdict": proof.get("verdict", "not tested"), "Which means": MEANING.get(proof.get("verdict", ""), "")},
    )


def _goes_by(race: Race, examples: pd.DataFrame) -> Section:
    """Mean absolute contributions by theme over some customers, evenly taken."""
    places = np.unique(np.linspace(0, len(examples) - 1, min(LOOKED_AT, len(examples))).astype(int))
    parts = feature_contributions(race, examples.iloc[places]).drop(columns=BASE).abs().mean()
    frame = pd.DataFrame({"theme": [f.theme for f in race.features], "adds": parts.to_numpy()}, index=parts.index)
    rows = []
    for theme, group in sorted(frame.groupby("theme"), key=lambda one: -one[1]["adds"].sum())[:MOST_THEMES]:
        strongest = group["adds"].idxmax()
        meaning = next(f.meaning for f in race.features if f.name == strongest)
        rows.append((str(theme), f"{group['adds'].sum():.3f}", f"{strongest}: {meaning}"))
    return Section(
        "What it goes by",
        (
            f"How far each theme moves the log-odds of {len(places):,} customers of the newest date on average, up or "
            "down, and the feature that moves them most. These are associations, not causes.",
        ),
        grids=(Grid(("Theme", "Moves log-odds by", "Above all"), tuple(rows)),),
    )


def _evaluation(study: Study, proof: dict[str, Any]) -> Section:
    if not proof.get("origins"):
        return Section("Evaluation", ("Not back-tested.",))
    summary = proof["summary"]
    rows = [
        (
            title(metric),
            f"{written(metric, summary['risk'][metric]['mean'])} ({span(metric, summary['risk'][metric])})",
            written(metric, summary["recency"][metric]["mean"]) if "recency" in summary else "",
        )
        for metric in SHOWN
        if metric in summary["risk"]
    ]
    days = [origin["as_of"] for origin in proof["origins"]]
    return Section(
        "Evaluation",
        (
            str(proof["verdict_sentence"]),
            f"At each of {len(days)} past dates it learned only from what was known by then and was asked about what "
            "came after. Means over the dates with 95 of 100 intervals by person.",
        ),
        {
            "Dates": f"{days[0]} to {days[-1]}",
            f"{study.outcome.unit.capitalize()}s tested": f"{sum(o['customers'] for o in proof['origins']):,}",
            "It happened to": f"{sum(o['positives'] for o in proof['origins']):,}",
        },
        (Grid(("Figure", "This model", "Days since last alone"), tuple(rows)),),
    )


def _groups(study: Study, proof: dict[str, Any]) -> Section:
    named = ("Group", f"{study.outcome.unit.capitalize()}s", "Cases", *map(title, tables.SLICE_FIGURES), "Remark")
    grids = []
    for division in tables.slices(proof):
        rows = tuple(
            (
                f"{division['by']}: {row['group']}",
                row["units"],
                row["positives"],
                *map(_cell, row["cells"]),
                row["remark"],
            )
            for row in division["rows"]
        )
        grids.append(Grid(named, rows))
    said = "All dates of the back-test together; with whom a contact was worth most counts as contacted."
    return Section("Group by group", (said if grids else "The data know of no groups.",), grids=tuple(grids))


def _cell(cell: dict[str, str]) -> str:
    return f"{cell['value']} ({cell['span']})" if cell["span"] else cell["value"]


def _ethics(study: Study) -> Section:
    project = study.project
    protected = sorted(name for name, profile in project.profile.items() if profile.role == "protected")
    allowed = [name for name in protected if name in project.fairness.allow]
    kept = [name for name in protected if name not in allowed]
    return Section(
        "Ethical considerations",
        (
            "Reasons are shown with every score, and agents say where a flag is wrong. People are warned of by what "
            "they did, not by whom they dealt with: records of single agents are no reason that is shown.",
        ),
        {
            "Protected attributes that are no feature": ", ".join(kept) or "none is declared",
            "Protected attributes that are features": ", ".join(allowed) or "none",
            "What a score may lead to": "a contact or an offer; everybody else's service stays as it is",
        },
    )


def _caveats(study: Study, proof: dict[str, Any], learned_until: str) -> Section:
    weak = [f"{one['by']} {one['group']}" for one in proof.get("slices", []) if one["miscalibrated"]]
    said = [
        f"It knows the world until {learned_until}. Prices, products and habits change; `tenure monitor` watches it, "
        "and `tenure train` makes a new one.",
        *timeless_notes(study),
    ]
    if weak:
        said.append(f"What it predicts did not come true beyond chance in: {', '.join(weak)}.")
    return Section("Caveats", tuple(said))
