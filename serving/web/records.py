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
from tenure.serving.web.listing import Line, lines

AT_ONCE = 500


def records(connection: Connection, project: Project, found: ScoreSet, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """A record a unit, with all columns of an export; what is not known is None."""
    made: list[dict[str, Any]] = []
    for start in range(0, len(rows), AT_ONCE):
        part = list(rows[start : start + AT_ONCE])
        units = [row.score.unit_id for row in part]
        names = called_by_others(connection, [row.score.customer_id for row in part])
        month = served_before(connection, found.outcome, units, until=found.as_of - dt.timedelta(days=30))
        last = served_before(connection, found.outcome, units, until=found.as_of - dt.timedelta(days=1))
        for line in lines(connection, project, found, part):
            unit = line.score.unit_id
            told = {s: n for s, n in names.get(line.score.customer_id, {}).items() if not s.endswith("_profiles")}
            made.append(_record(project, found, line, told, last.get(unit), month.get(unit)))
    return made


def _record(
    project: Project, found: ScoreSet, line: Line, names: dict[str, str], last: Past | None, month: Past | None
) -> dict[str, Any]:
    score, facts, outcome = line.score, line.facts, project.outcome[found.outcome]
    reasons = [reason["text"] for reason in score.reasons or []] + [None] * 3
    total = max(found.counts.get("scored", 0), 1)
    silent = facts.get("days_since_last")
    changed = [found.created_at, line.care.changed_at, line.now.scored_at if line.now else None]
    return {
        "customer_id": score.customer_id,
        "unit_id": score.unit_id,
        "external_ids": names,
        "name": line.profile.get("name"),
        "churn_probability": score.probability,
        "risk_band": score.band,
        "risk_rank": score.rank,
        "risk_percentile": round(100 * (1 - ((score.rank or total) - 1) / total), 3),
        "previous_probability": last.probability if last else None,
        "change_7d": line.change,
        "change_30d": None if month is None else line.probability - month.probability,
        "value_at_risk": None if line.value is None else line.value * line.probability,
        "last_activity_at": None if silent is None else str(found.as_of - dt.timedelta(days=round(silent))),
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
        "owner": line.care.owner,
        "holdout": False,
        "status": line.care.status,
        "scored_at": instant(found.created_at),
        "updated_at": instant(max(moment for moment in changed if moment is not None)),
        "as_of": str(found.as_of),
        "model_version": found.model_version,
        "outcome": found.outcome,
        "horizon_days": outcome.horizon_days,
        "label_definition": found.definition,
    }


def instant(moment: dt.datetime) -> str:
    """An instant in UTC as text.

    >>> instant(dt.datetime(2024, 1, 2, 3, 4, 5))
    '2024-01-02T03:04:05Z'
    """
    return moment.isoformat(timespec="seconds") + "Z"
