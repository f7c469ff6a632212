"""Cases that cannot be as they are told: solved before they were opened or answered, or of two customers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.calendar import Calendar
from tenure.pipelines.history.arrow import read_history
from tenure.pipelines.history.cases import Cases
from tenure.pipelines.history.encoding import codes
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.sources.engine import open_bare

COLUMNS = (
    "customer_id", "contract_id", "occurred_at", "known_at", "superseded_at", "due_at", "kind", "channel", "direction",
    "case_id", "agent_id", "team_id",
)  # fmt: skip
WORDS = ("customer_id", "contract_id", "kind", "channel", "direction", "case_id", "agent_id", "team_id")
EXAMPLES = 3
_NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)

_SHARED = """
select case_id, count(*) over () as cases from (
    select case_id from read_parquet($files) where case_id is not null and superseded_at >= timestamptz '9999-01-01'
    group by case_id having min(customer_id) <> max(customer_id)
) order by case_id limit $examples
"""


@dataclass(frozen=True)
class Suspicious:
    """How many cases there are of a sort, and the first ids among them."""

    cases: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.examples)}{', ...' if self.cases > len(self.examples) else ''}"


def case_notes(snapshot: Snapshot, *, calendar: Calendar) -> list[str]:
    """What a reader should know of the cases; nothing where all is well or there are none."""
    if not snapshot.rows:
        return []
    notes = []
    if (found := inverted_cases(snapshot, calendar=calendar)).cases:
        notes.append(
            f"{found.cases:,} cases were solved before they were opened or first answered ({found}): they are not "
            "trusted, nothing is said of their durations; look at how `resolved` and `contact_opened` are dated"
        )
    if (shared := shared_cases(snapshot)).cases:
        notes.append(
            f"{shared.cases:,} cases change their customer ({shared}): each customer is told of the own rows only"
        )
    return notes


def inverted_cases(snapshot: Snapshot, *, calendar: Calendar) -> Suspicious:
    """Cases that are not trusted by what is known today; a case of two customers counts for each."""
    cases = 0
    examples: list[str] = []
    for bucket in range(snapshot.buckets):
        names = _inverted(snapshot, bucket, calendar)
        cases, examples = cases + len(names), sorted([*examples, *names])[:EXAMPLES]
    return Suspicious(cases, tuple(examples))


def _inverted(snapshot: Snapshot, bucket: int, calendar: Calendar) -> list[str]:
    table = pq.read_table(
        snapshot.interactions(bucket), columns=list(COLUMNS), read_dictionary=list(WORDS), use_threads=False,
        filters=pc.field("case_id").is_valid() & (pc.field("superseded_at") >= _NEVER),
    )  # fmt: skip
    if not len(table):
        return []
    _, names = codes(table, "case_id")
    nobody = pa.table({name: pa.array([], pa.string()) for name in ("name", "value", "customer_id", "contract_id")})
    history = read_history(table, nobody, calendar=calendar, observed_from=0)
    return [names[code] for code in Cases(history.rows, kinds=history.kinds, directions=history.directions).doubted]


def shared_cases(snapshot: Snapshot) -> Suspicious:
    """Cases with rows of more than one customer."""
    files = [str(snapshot.interactions(bucket)) for bucket in range(snapshot.buckets)]
    with open_bare(threads=2) as connection:
        rows = connection.execute(_SHARED, {"files": files, "examples": EXAMPLES}).fetchall()
    return Suspicious(rows[0][1] if rows else 0, tuple(row[0] for row in rows))
