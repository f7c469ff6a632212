"""Expressions of the project file over the customer table: what they may hold, and what they give."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenure.pipelines.catalogue import did_you_mean
from tenure.pipelines.sources.engine import open_sealed
from tenure.pipelines.sources.quoting import identifier

PARTS = frozenset({"COLUMN_REF", "CONSTANT", "CONJUNCTION", "COMPARISON", "OPERATOR", "FUNCTION", "CAST", "CASE",
                   "BETWEEN", "TYPE"})  # fmt: skip
"""What an expression is made of: DuckDB's names for columns, constants, operators and functions of one row."""

MACROS = frozenset({"if", "nullif"})
"""Functions of one row that DuckDB writes with others."""

PLACE = "#"
"""The column by which rows keep their order; no expression has to spell it."""

Causes = NDArray[np.object_]
"""A cause for each row, None where there is none."""


class ExpressionWrong(ValueError):
    """An expression of the project file cannot be evaluated over the customer table."""


class Asked(NamedTuple):
    """An expression, and where it stands in the project file."""

    where: str
    text: str


def columns_used(asked: Asked) -> frozenset[str]:
    """The columns that an expression names, as it spells them; raises unless it is an expression about one customer.

    >>> sorted(columns_used(Asked("[economics] value", "coalesce(spent, 0) * 4 + 2")))
    ['spent']
    """
    return _read(asked.text, asked.where)


def called(asked: Asked, known: Iterable[str]) -> frozenset[str]:
    """The columns of `known` that an expression names, in whatever case; raises where one is not among them."""
    names = {name.lower(): name for name in known}
    used = columns_used(asked)
    for name in sorted(used):
        if name.lower() not in names:
            there = sorted(names.values())
            raise ExpressionWrong(
                f"{asked.where} = {asked.text!r} uses the column {name!r}, which the customer table has not"
                f"{did_you_mean(name, there)}; its columns are {', '.join(map(quoted, there))} "
                "(profile names, and facts that a feature of the model gives)"
            )
    return frozenset(names[name.lower()] for name in used)


def truths(table: pa.Table, conditions: Iterable[Asked]) -> list[NDArray[np.bool_]]:
    """Where each condition holds; where it is null, because something is not known, it does not."""
    return [pc.fill_null(found, False).to_numpy(zero_copy_only=False) for found in _answers(table, conditions)]


def first_cause(table: pa.Table, conditions: Mapping[str, Asked], *, holding: bool) -> Causes:
    """The first of the causes, in the order of the file, whose condition holds, or with `holding=False` does not."""
    found = np.full(len(table), None, dtype=object)
    answers = list(zip(conditions, truths(table, conditions.values()), strict=True))
    for cause, holds in reversed(answers):
        found[holds == holding] = cause
    return found


def figures(table: pa.Table, asked: Asked) -> NDArray[np.float64]:
    """What an expression gives for each row, NaN where that is not known; raises unless it is a number of 0 or more."""
    (found,) = _answers(table, [asked], number=True)
    values = pc.cast(found, pa.float64()).to_numpy(zero_copy_only=False)
    wrong = (values < 0) | np.isinf(values)
    if wrong.any():
        first = ", ".join(repr(name) for name in table["unit_id"].filter(pa.array(wrong)).to_pylist()[:3])
        raise ExpressionWrong(
            f"{asked.where} = {asked.text!r} gives {values[wrong][0]:g}: expected a finite number of 0 or more, found "
            f"{int(wrong.sum()):,} others, first {first}; write greatest(..., 0) where less than nothing can come out"
        )
    return np.asarray(values, dtype=np.float64)


def _answers(table: pa.Table, asked: Iterable[Asked], *, number: bool = False) -> list[pa.Array]:
    with open_sealed() as engine:
        engine.register("customers", table.append_column(PLACE, pa.array(np.arange(len(table)))))
        return [_answer(engine, one, number=number) for one in asked]


def _answer(engine: duckdb.DuckDBPyConnection, asked: Asked, *, number: bool) -> pa.Array:
    columns_used(asked)
    sql = f"select ({asked.text}\n) as answer from customers order by {identifier(PLACE)}"
    try:
        kind = engine.execute(f"describe {sql}").fetchall()[0][1]
        if number != (kind != "BOOLEAN") or (number and not _is_number(kind)):
            expected = "a number" if number else "true or false"
            raise ExpressionWrong(f"{asked.where} = {asked.text!r} gives {kind}, expected {expected}")
        return engine.sql(sql).to_arrow_table()["answer"].combine_chunks()
    except duckdb.Error as error:
        raise ExpressionWrong(f"{asked.where} = {asked.text!r} cannot be evaluated: {_said(error)}") from error


def _is_number(kind: str) -> bool:
    return re.match(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$", kind) is not None


@lru_cache(maxsize=256)
def _read(text: str, where: str) -> frozenset[str]:
    with open_sealed() as engine:
        sql = f"select ({text}\n) as answer from customers"
        told = json.loads(engine.execute("select json_serialize_sql(?)", [sql]).fetchall()[0][0])
        if told["error"]:
            raise ExpressionWrong(f"{where} = {text!r} is not an SQL expression: {told['error_message']}")
        functions = dict(engine.sql(_ONE_ROW).fetchall())
    used: set[str] = set()
    for part in _parts(told["statements"][0]["node"]["select_list"]):
        kind = part["class"]
        if kind not in PARTS:
            raise ExpressionWrong(
                f"{where} = {text!r} holds a {kind.lower()}: expected an expression over the columns of one customer"
            )
        if kind == "FUNCTION" and part["function_name"] not in MACROS and not functions.get(part["function_name"]):
            raise ExpressionWrong(
                f"{where} = {text!r} calls {part['function_name']}(): expected functions of one row that give the same "
                "every time; the date for which is asked is the column as_of"
            )
        if kind == "COLUMN_REF":
            used.add(".".join(part["column_names"]))
    return frozenset(used)


_ONE_ROW = """select function_name, bool_and(function_type = 'scalar' and stability = 'CONSISTENT')
from duckdb_functions() group by function_name"""


def _parts(node: Any) -> Iterator[dict[str, Any]]:
    """All parts of an expression, each a mapping with its class."""
    if isinstance(node, list):
        for one in node:
            yield from _parts(one)
    elif isinstance(node, dict):
        if "class" in node:
            yield node
        for one in node.values():
            yield from _parts(one)


def quoted(name: str) -> str:
    """A column's name as an expression has to write it.

    >>> quoted("plan"), quoted("Plan of 2024")
    ('plan', '"Plan of 2024"')
    """
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else identifier(name)


def _said(error: duckdb.Error) -> str:
    return " ".join(str(error).split("\n\nLINE")[0].split())[:400]
