"""The text of a first project file: commented, short, and readable by `load_project` as it stands."""

from __future__ import annotations

import json

HEAD = """\
# Tenure's project file. Paths are relative to this file. `tenure check` says what Tenure makes of it.

[project]
name = {name}
timezone = {zone}          # days begin at midnight here
currency = "EUR"
# clock = "data"          # freeze now at the last midnight of the data, for finished data sets

# A source is files (CSV, Parquet, globs) or a PostgreSQL table, mapped by one SQL select.
# Needed columns: customer_id, occurred_at, kind. Known ones: interaction_id, contract_id, known_at, due_at,
# channel, direction, case_id, agent_id, team_id, product_id, amount, wait_seconds, handle_seconds, text,
# rating (0 to 1). Any other column becomes an attribute.
# Take nothing that was written after the fact, such as a final status.
[[source]]
name = {source}
files = {files}
{timezone}max_quarantined = 0.01    # stop when more than this share of the rows cannot be used
# complete_until = 2025-01-01   # everything before this day is in the file; left out: the last midnight in the data
select = '''
{select}
'''
"""

TAIL = """
# An outcome is a label: 1 means that it happened.
# Types: inactivity, decline, cancellation, dissatisfaction, expression.
[outcome.lapse]
type = "inactivity"
kinds = {kinds}
eligible = {{ active_days = {active} }}   # the question makes sense for those who were here lately
horizon_days = {horizon}

# [profile]               # dated facts about customers come from a source with into = "profiles"
# income = {{ type = "category", role = "feature" }}

# [backtest]
# origins = [2025-01-01, 2025-02-01]   # left out: placed before the end of the data

[economics]
capacity = 50             # contacts you can make in 28 days
contact_cost = 5.92       # twenty minutes of a support agent
# value = 100             # what is lost with a customer: a figure, or an expression such as "monthly_fee * 9"
"""

COLUMNS = """\
select customer_id,
       occurred_at,
       'purchase' as kind,      -- or a column that says what happened
       amount
from source"""


def project_text(
    *,
    name: str,
    zone: str = "UTC",
    source: str,
    files: str,
    timezone: str | None,
    select: str,
    kinds: list[str],
    active_days: int = 28,
    horizon_days: int = 28,
) -> str:
    """Fill in the template; `timezone` is that of local times in the file, if it holds any."""
    line = f"timezone = {json.dumps(timezone)}        # of times that name no zone: change it if it is another\n"
    head = HEAD.format(
        name=json.dumps(name),
        zone=json.dumps(zone),
        source=json.dumps(source),
        files=json.dumps(files, ensure_ascii=False),
        timezone=line if timezone else "",
        select=select,
    )
    return head + TAIL.format(kinds=json.dumps(kinds, ensure_ascii=False), active=active_days, horizon=horizon_days)


def blank_project() -> str:
    """A commented project file with nothing filled in but an example."""
    return project_text(
        name="my_project",
        source="interactions",
        files="interactions.csv",
        timezone="UTC",
        select=COLUMNS,
        kinds=["purchase"],
    )
