"""Features and scores of the newest set, held against what the model was trained on and against the sets before."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from tenure.models.artefact import EXTRA
from tenure.models.drift import chance, corrected, stability_index
from tenure.models.manifest import read_checked
from tenure.models.reference import SCORES, Reference
from tenure.pipelines.monitor.finding import TREND, Finding, Level, plain
from tenure.pipelines.settings.monitor import Monitor
from tenure.pipelines.store.kept_scores import KeptSet

SHOWN = 10
"""Drifted features that get a finding of their own, those that matter most to the model first."""

MATTERS = 0.02
"""The share of a feature in all contributions from which on its drift may be alarming."""

SIGNIFICANT = 0.001
BEYOND = 2.0
"""How many times the largest index of any training cut-off an alarming one must be."""

WATCHED = 1.3
"""The same of one that is watched."""

SCORED = 0.2
"""By how much the share of units that are scored may change."""

USUAL_SETS = 28

LATELY, ENOUGH = 28, 21
"""Days in which a change is sudden, and how many of them sets must span to tell that there was none."""


def told_in(directory: Path) -> dict[str, Any]:
    """What an artefact says of its training, its digests checked: `reference` (of a later release), `learned_until`."""
    files, _ = read_checked(directory)
    return dict(json.loads(files[EXTRA]))


def drift_findings(sets: Sequence[KeptSet], reference: Reference | None, limits: Monitor) -> list[Finding]:
    """What is found of the newest of some sets (the oldest first) of one outcome; nothing where there is none."""
    if not sets:
        return []
    found = _against_before(sets, limits)
    if reference is None:
        said = f"{sets[-1].model_version} was trained by an earlier release, which kept nothing to compare with"
        return [*found, Finding("features", sets[-1].outcome, "ok", None, None, said, "train again")]
    return [*_features(sets, reference, limits), *_scores(sets, reference, limits), *found]


def _features(sets: Sequence[KeptSet], reference: Reference, limits: Monitor) -> list[Finding]:
    newest = sets[-1]
    counted = newest.figures.get("features") or {}
    known = {name: counts for name, counts in counted.items() if name in reference.counts and sum(counts)}
    if not known:
        return []
    chances = corrected({name: chance(counts, reference.counts[name]) for name, counts in known.items()})
    rows = [_feature(name, sets, reference, limits, chances[name]) for name in known]
    moved = sorted(
        (row for row in rows if row.level != "ok"), key=lambda row: -reference.importance.get(_name(row), 0.0)
    )
    moved.sort(key=lambda row: row.level != "alarm")
    quiet = len(rows) - len(moved)
    summary = Finding(
        "features", newest.outcome, "ok", float(len(moved)), None,
        f"{quiet} of {len(rows)} features are spread as in training",
    )  # fmt: skip
    return [summary, *(_with_trend(row, sets, reference) for row in moved[:SHOWN])]


def _feature(name: str, sets: Sequence[KeptSet], reference: Reference, limits: Monitor, p: float) -> Finding:
    newest, counts = sets[-1], [(s.figures.get("features") or {}).get(name) for s in sets]
    now, then = counts[-1] or [], reference.counts[name]
    index, usual = stability_index(now, then), reference.usual.get(name, 0.0)
    weight = reference.importance.get(name, 0.0)
    watch, alarm = max(limits.watch_psi, WATCHED * usual), max(limits.alarm_psi, BEYOND * usual)
    level: Level = "ok"
    if p < SIGNIFICANT and index > watch:
        level = "alarm" if index > alarm and weight >= MATTERS else "watch"
    mild = _season(name, now, newest.day, reference, limits) or _slow(sets, counts, then, alarm, limits)
    if mild and level == "alarm":
        level = "watch"
    said = (
        f"{name} is not spread as in training: index {index:.2f}, at most {usual:.2f} at any training date; "
        f"{weight:.0%} of what the model says hangs on it{_moved(now, then)}"
    )
    return Finding("feature", f"{newest.outcome}: {name}", level, plain(index), plain(alarm), said, mild)


def _name(row: Finding) -> str:
    return row.subject.partition(": ")[2]


def _moved(now: Sequence[int], then: Sequence[int]) -> str:
    """In words, in which direction: what is missing, or the middle of what is not."""
    gone, before = now[-1] / max(sum(now), 1), then[-1] / max(sum(then), 1)
    if abs(gone - before) > 0.1:
        return f"; {gone:.0%} are missing, {before:.0%} before"
    here, there = (float(np.average(np.arange(len(c) - 1), weights=np.array(c[:-1]) + 1e-9)) for c in (now, then))
    return "; values are higher" if here > there else "; values are lower"


def _season(name: str, now: Sequence[int], day: dt.date, reference: Reference, limits: Monitor) -> str | None:
    """The season as cause: training saw the same month a year ago, and it looked alike."""
    month = f"{day.year - 1}-{day.month:02d}"
    then = reference.months.get(month, {}).get(name)
    if then is None or not sum(then) or stability_index(now, then) > limits.watch_psi:
        return None
    return f"the season: it was the same in {month}"


def _slow(
    sets: Sequence[KeptSet],
    counts: Sequence[Sequence[int] | None],
    then: Sequence[int],
    alarm: float,
    limits: Monitor,
) -> str | None:
    """That it came slowly as cause: of the last weeks' sets by the same model the oldest looked much as now.

    A young history does that (gaps cannot be longer than it), and so do customers; a fault does not. Where the sets
    span too few days to tell, the oldest must have been as it should be.
    """
    newest = sets[-1]
    lately = [
        (one, counted)
        for one, counted in zip(sets[:-1], counts[:-1], strict=True)
        if one.model_version == newest.model_version and counted and (newest.day - one.day).days <= LATELY
    ]
    if not lately:
        return None
    oldest, before = lately[0]
    moved = stability_index(counts[-1] or [], before)
    told = (newest.day - oldest.day).days >= ENOUGH or stability_index(before, then) <= alarm
    if moved > limits.alarm_psi or not told:
        return None
    return f"it came slowly (index {moved:.2f} since {oldest.as_of}): a model trained now would know it"


def _with_trend(row: Finding, sets: Sequence[KeptSet], reference: Reference) -> Finding:
    name = _name(row)
    then = reference.counts[name]
    past = [(s.figures.get("features") or {}).get(name) for s in sets[-TREND:]]
    trend = tuple(plain(stability_index(c, then)) if c and len(c) == len(then) else None for c in past)
    cause = row.cause or "have customers changed, or the way the data are made? see the findings on inputs"
    return Finding(row.check, row.subject, row.level, row.value, row.limit, row.sentence, cause, trend)


def _scores(sets: Sequence[KeptSet], reference: Reference, limits: Monitor) -> list[Finding]:
    """The predictions of the newest set against those on the rows the model was trained on."""
    newest, then = sets[-1], reference.counts[SCORES][:-1]
    past = [stability_index(s.figures["histogram"], then) for s in sets[-TREND:]]
    index, usual = past[-1], reference.usual.get(SCORES, 0.0)
    watch, alarm = max(limits.watch_psi, WATCHED * usual), max(limits.alarm_psi, BEYOND * usual)
    p = chance(newest.figures["histogram"], then)
    level: Level = "ok" if p > SIGNIFICANT or not index > watch else "alarm" if index > alarm else "watch"
    mean, before = newest.figures["mean"] or float("nan"), _mean(then)
    said = (
        f"risks as of {newest.as_of}: {mean:.1%} on average, {before:.1%} in training; index {index:.2f}, at most "
        f"{usual:.2f} at any training date"
    )
    mild = _season(SCORES, [*newest.figures["histogram"], 0], newest.day, reference, limits)
    mild = mild or _slow(sets, [s.figures["histogram"] for s in sets], then, alarm, limits)
    if mild and level == "alarm":
        level = "watch"
    cause = None if level == "ok" else mild or "have customers changed? look at the features that drifted"
    return [
        Finding("scores", newest.outcome, level, plain(index), plain(alarm), said, cause, tuple(plain(v) for v in past))
    ]


def _against_before(sets: Sequence[KeptSet], limits: Monitor) -> list[Finding]:
    """The newest set against those before it: how risks are spread, and how many units are scored at all."""
    newest, earlier = sets[-1], [s for s in sets[:-1] if s.figures["units"]][-USUAL_SETS:]
    if not earlier or not newest.figures["units"]:
        return []
    last = earlier[-1]
    shares = [s.figures["scored"] / s.figures["units"] for s in (*earlier, newest)]
    usual = median(shares[:-1])
    away = abs(shares[-1] - usual)
    level: Level = "alarm" if away > SCORED else "watch" if away > SCORED / 2 else "ok"
    said = f"{shares[-1]:.1%} of units are scored as of {newest.as_of}; usually {usual:.1%}"
    cause = None if level == "ok" else "did a feed stop, or was the question changed?"
    found = [
        Finding(
            "scored share", newest.outcome, level, plain(away), SCORED, said, cause,
            tuple(plain(s) for s in shares[-TREND:]),
        )
    ]  # fmt: skip
    index = stability_index(newest.figures["histogram"], last.figures["histogram"])
    moved: Level = "alarm" if index > limits.alarm_psi else "watch" if index > limits.watch_psi else "ok"
    other = last.model_version != newest.model_version
    if other and moved == "alarm":
        moved = "watch"
    why = f"{newest.model_version} took the place of {last.model_version}" if other else "what changed in the inputs?"
    told = f"risks as of {newest.as_of} against those as of {last.as_of}: index {index:.2f}"
    found.append(
        Finding(
            "scores of before",
            newest.outcome,
            moved,
            plain(index),
            limits.alarm_psi,
            told,
            why if moved != "ok" else None,
        )
    )
    return found


def _mean(histogram: Sequence[int]) -> float:
    middle = (np.arange(len(histogram)) + 0.5) / len(histogram)
    return float(np.average(middle, weights=histogram)) if sum(histogram) else float("nan")
