"""What makes a row unusable: SQL that names the first thing wrong with it, or null."""

from __future__ import annotations

from tenure.pipelines.catalogue import CHANNELS, DIRECTIONS
from tenure.pipelines.sources.columns import MEASURES
from tenure.pipelines.sources.quoting import literals

NO_CUSTOMER = "no customer"
FUTURE = "in the future: use due_at"
KNOWN_LATER = "known_at is in the future"
EARLY = (FUTURE, KNOWN_LATER)
"""What is wrong with a row only until its time has come."""
UNMATCHED = "external_id belongs to no known customer"
TWICE = "duplicate id with different content"
NUL = "an id holds a NUL, which no database keeps"
LARGEST = "1e12"
"""The largest size of an amount or a duration: what is larger is a mistake, and would spoil every total."""


def interaction_problem(
    *, now: str, time_problems: list[str], known_given: bool, measures: dict[str, bool], given: frozenset[str]
) -> str:
    """SQL over the typed columns `given` of an interaction.

    `time_problems` are columns that say what is wrong with a time, `measures` says of each
    number whether it came as text.
    """
    caseless = " and case_id is null" if "case_id" in given else ""
    checks = [
        f"customer_id is null and external_id is null{caseless} then '{NO_CUSTOMER}'",
        f"{_holds_nul('customer_id', *(['contract_id'] if 'contract_id' in given else []))} then '{NUL}'",
        "kind is null then 'no kind'",
        *(f"{p} is not null then {p}" for p in time_problems),
        "occurred_at is null then 'occurred_at is missing'",
        f"occurred_at > {now} or occurred_at > known_at then '{FUTURE}'",
        *([f"known_at > {now} and not bare_known then '{KNOWN_LATER}'"] if known_given else []),
        *(check for column in MEASURES for check in _number(column, as_text=measures.get(column))),
        *(_catalogued("channel", CHANNELS) if "channel" in given else []),
        *(_catalogued("direction", DIRECTIONS) if "direction" in given else []),
    ]
    return _first(checks)


def profile_problem(*, now: str, time_problems: list[str]) -> str:
    """SQL over the typed columns of a profile row."""
    return _first(
        [
            f"customer_id is null and external_id is null then '{NO_CUSTOMER}'",
            f"{_holds_nul('customer_id')} then '{NUL}'",
            "name is null then 'no name'",
            *(f"{p} is not null then {p}" for p in time_problems),
            f"occurred_at > {now} or occurred_at > known_at then '{FUTURE}'",
        ]
    )


def identity_problem(*, time_problems: list[str]) -> str:
    """SQL over the typed columns of an identity."""
    return _first(
        [
            "external_id is null then 'no external_id'",
            f"customer_id is null then '{NO_CUSTOMER}'",
            f"{_holds_nul('customer_id')} then '{NUL}'",
            *(f"{p} is not null then {p}" for p in time_problems),
        ]
    )


def _holds_nul(*columns: str) -> str:
    return " or ".join(f"contains({column}, chr(0))" for column in columns)


def _number(column: str, *, as_text: bool | None) -> list[str]:
    if as_text is None:
        return []
    checks = [f"not isfinite({column}) then '{column} is not a finite number'"]
    if as_text:
        checks.insert(0, f"{column}_text is not null and {column} is null then '{column} is not a number'")
    if column != "rating":
        checks.append(f"abs({column}) > {LARGEST} then '{column} too large'")
    if column.endswith("_seconds"):
        checks.append(f"{column} < 0 then '{column} is negative'")
    if column == "rating":
        checks.append("rating not between 0 and 1 then 'rating is outside 0 to 1: map the scale'")
    return checks


def _catalogued(column: str, known: dict[str, str]) -> list[str]:
    # the nearest known word, computed only for rows that fail
    nearest = (
        f"list_reverse_sort(list_transform({literals(known)}, "
        f"lambda w: {{'s': jaro_winkler_similarity(w, {column}), 'w': w}}))[1].w"
    )
    hint = f"'unknown {column} ''' || {column} || '''; did you mean ''' || {nearest} || '''?'"
    return [f"{column} is not null and {column} not in ({literals(known)[1:-1]}) then {hint}"]


def _first(checks: list[str]) -> str:
    return "case " + " ".join(f"when {c}" for c in checks) + " end"
