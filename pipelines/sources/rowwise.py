"""Whether a `select` makes each of its rows from one row of one file, so that new files can be read alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb

APART = ("SUBQUERY", "WINDOW", "LAMBDA_REF")
"""Expressions that may look at other rows."""

PLAIN = ("group_expressions", "group_sets", "having", "sample", "qualify")
"""Clauses of which a row-wise `select` has none."""


def is_rowwise(engine: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Whether `sql` only picks, computes and filters, of one view or of such a `select` of one.

    Where that is not plain to see the answer is no: joins, aggregates, windows, distinct, limits, common
    table expressions, and functions that are not the same at every call.
    """
    answer = engine.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()
    parsed: dict[str, Any] = json.loads(answer[0]) if answer else {"error": True}
    if parsed["error"] or len(parsed["statements"]) != 1:
        return False
    return _plain_select(parsed["statements"][0]["node"], _steady(engine))


def _plain_select(node: dict[str, Any], steady: set[str]) -> bool:
    if node["type"] != "SELECT_NODE" or node["modifiers"] or node["cte_map"]["map"]:
        return False
    if any(node[clause] for clause in PLAIN) or node["aggregate_handling"] != "STANDARD_HANDLING":
        return False
    held = node["from_table"]
    if held["type"] == "SUBQUERY":
        whole = not held["sample"] and _plain_select(held["subquery"]["node"], steady)
    else:
        whole = held["type"] == "BASE_TABLE" and not held["sample"]
    parts = [node["select_list"], node["where_clause"]]
    return whole and all(_alone(found, steady) for found in _expressions(parts))


def _alone(expression: dict[str, Any], steady: set[str]) -> bool:
    if expression["class"] in APART:
        return False
    return expression["class"] != "FUNCTION" or expression["function_name"] in steady


def _expressions(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, list):
        for one in part:
            yield from _expressions(one)
    elif isinstance(part, dict):
        if "class" in part:
            yield part
        for one in part.values():
            yield from _expressions(one)


def _steady(engine: duckdb.DuckDBPyConnection) -> set[str]:
    """Functions of one row whose value hangs on their arguments alone."""
    rows = engine.execute(
        "select function_name from duckdb_functions() group by 1 "
        "having bool_and(function_type = 'scalar' and stability = 'CONSISTENT')"
    ).fetchall()
    return {row[0] for row in rows}
