"""The rows of an export, with the columns that lists of customers at risk have elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.desk import Row
from tenure.pipelines.store.external_ids import called_by_others
from tenure.pipelines.store.past import Past, served_before
from tenure.pipelines.store.score_sets import ScoreSet
from tenure.serving.web.listing import NEAR_DAYS, Line, lines

AT_ONCE = 500


def records(connection: Connection, project: Project, found: ScoreSet, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """A record a unit, with all columns of an export; what is not known is None.

    Of a unit that was scored again since the set it says what is true now; only the rank is the set's.
    """
    made: list[dict[str, Any]] = []
    for start in range(0, len(rows), AT_ONCE):
        part = list(rows[start : start + AT_ONCE])
        units = [row.score.unit_id for row in part]
        names = called_by_others(connection, [row.score.customer_id for row in part])
        month = served_before(
            connection, found.outcome, units, until=found.as_of - dt.timedelta(days=30), days=NEAR_DAYS
        )
        last = served_before(connection, found.outcome, units, until=found.as_of - dt.timedelta(days=1))
        for line in lines(connection, project, found, part):
            unit = line.score.unit_id
            told = {s: n for s, n in names.get(line.score.customer_id, {}).items() if not s.endswith("_profiles")}
            made.append(_record(project, found, line, told, last.get(unit), month.get(unit)))
    return made


def _record(
    project: Project, found: ScoreSet, line: Line, names: dict[str, str], last: Past | None, month: Past | None
) -> dict[str, Any]:
    score, outcome = line.now or line.score, project.outcome[found.outcome]
    facts = line.facts | (line.now.facts or {} if line.now else {})
    as_of = dt.date.fromisoformat(score.as_of) if score.as_of else found.as_of
    rank, total = line.score.rank, found.counts.get("scored", 0)
    reasons = [reason["text"] for reason in score.reasons or []] + [None] * 3
    scored_at = score.scored_at or found.created_at
    probability = score.probability
    silent = facts.get("days_since_last")
    changed = [scored_at, line.care.changed_at]
    return {
        "customer_id": score.customer_id,
        "unit_id": score.unit_id,
        "external_ids": names,
        "name": line.profile.get("name"),
        "churn_probability": probability,
        "risk_band": score.band,
        "risk_rank": rank,
        "risk_percentile": round(100 * (1 - (rank - 1) / total), 3) if rank and total else None,
        "previous_probability": last.probability if last else None,
        "change_7d": _difference(probability, line.before),
        "change_30d": _difference(probability, month),
        "value_at_risk": None if line.value is None or probability is None else line.value * probability,
        "last_activity_at": None if silent is None else str(as_of - dt.timedelta(days=round(silent))),
        "days_since_last_activity": silent,
        "tenure_days": facts.get("days_known"),
        "plan": line.profile.get("plan"),
        "renewal_date": line.renewal(found.as_of),
        "open_tickets": facts.get("open_cases"),
        "tickets_91d": facts.get("cases_91d"),
        "last_csat": facts.get("last_rating"),
        "reason_1": reasons[0],
        "reason_2": reasons[1],
        "reason_3": reasons[2],
        "reason_1_code": score.reasons[0]["theme"] if score.reasons else None,
        "suggested_action": line.next,
        "owner": None if line.held_out else line.care.owner,
        "holdout": line.held_out,
        "status": "hold_out" if line.held_out else line.care.status,
        "scored_at": instant(scored_at),
        "updated_at": instant(max(moment for moment in changed if moment is not None)),
        "as_of": str(as_of),
        "model_version": found.model_version,
        "outcome": found.outcome,
        "horizon_days": outcome.horizon_days,
        "label_definition": found.definition,
        "value": line.worth.value,
        "expected_profit": line.worth.gain,
        "contact": line.worth.contact,
        "probability_low": score.probability_low,
        "probability_high": score.probability_high,
        "low_confidence": score.low_confidence,
    }


def _difference(probability: float | None, before: Past | None) -> float | None:
    return None if probability is None or before is None else probability - before.probability


def instant(moment: dt.datetime) -> str:
    """An instant in UTC as text.

    >>> instant(dt.datetime(2024, 1, 2, 3, 4, 5))
    '2024-01-02T03:04:05Z'
    """
    return moment.isoformat(timespec="seconds") + "Z"
