"""The feature table of the README, made from what the families return.

Run as a program it prints the table: `python tests/docs/feature_table.py`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tenure.pipelines.features.census import MARKS
from tenure.pipelines.features.column import ANY, Column, Context, Fitted
from tenure.pipelines.features.family import BUILT_IN, families, gather_tables
from tenure.pipelines.features.folds import FOLDS
from tenure.pipelines.features.invented import invent
from tenure.pipelines.features.subject import noun_of
from tenure.pipelines.settings.features import Features

CONTRACT_KINDS = ("signup", "renewal", "renewal_due", "notice", "cancellation", "plan_changed", "price_changed")
FITTED = Fitted(
    frozenset({ANY, "kind:purchase", "amount:purchase", "channel:phone", "level:city=north"})
    | {f"kind:{kind}" for kind in CONTRACT_KINDS}
    | {f"has:{mark}" for mark in MARKS}
    | {"learnt:repeat_buying"},
    {"repeat_buying": ({"r": 0.4, "alpha": 3.0, "a": 0.7, "b": 2.0},) * FOLDS},
)
CONTEXT = Context(Features(), 28, ("purchase",), {"age": "number", "city": "category"}, ("city",))
NUMBER = re.compile(r"\d+")


def columns(family: str) -> list[Column]:
    """The columns of a family for an outcome about purchases, described in terms of purchases only."""
    as_of = dt.date(2024, 6, 15)
    chosen = families(Features(families=(family,)), Path())
    view = invent(7, as_of=as_of).history().as_of(as_of)
    context = replace(CONTEXT, tables=gather_tables(view, CONTEXT, FITTED, chosen))
    found: dict[str, Column] = {}
    for column in chosen[family].compute(view, context, FITTED):
        plain = _about_purchases(column)
        found.setdefault(plain.name, plain)
    return list(found.values())


def rows(family: str) -> Iterator[tuple[str, str]]:
    """Names and meaning, a row for columns that differ in their windows only."""
    groups: dict[tuple[str, str], list[Column]] = {}
    for column in columns(family):
        groups.setdefault((NUMBER.sub("#", column.name), NUMBER.sub("#", column.meaning)), []).append(column)
    for group in groups.values():
        alike = sorted(group, key=lambda column: [int(number) for number in NUMBER.findall(column.name)])
        yield _together([c.name for c in alike]), _meaning([c.meaning for c in alike])


def feature_table() -> str:
    """The whole table in Markdown."""
    lines = ["| family | features | meaning |", "|---|---|---|"]
    for family in BUILT_IN:
        lines += [f"| {family} | `{names}` | {meaning} |" for names, meaning in rows(family)]
    return "\n".join(lines)


def _about_purchases(column: Column) -> Column:
    """Every kind that has a column gets the same one: say it once, of purchases."""
    name, meaning = column.name, column.meaning
    for kind, noun in ((ANY, "interactions"), *((kind, noun_of(kind)) for kind in CONTRACT_KINDS)):
        if name.startswith(f"{kind}_") and noun in meaning:
            name, meaning = f"purchase_{name.removeprefix(f'{kind}_')}", meaning.replace(noun, "purchases")
    return Column(name, column.values, meaning, column.theme, column.sign, column.needs)


def _together(names: Sequence[str]) -> str:
    """Names as one.

    >>> _together(["visit_count_7d", "visit_count_28d"])
    'visit_count_{7d,28d}'
    """
    if len(names) == 1:
        return names[0]
    start = names[0]
    while not all(name.startswith(f"{start}_") for name in names):
        start = start.rpartition("_")[0]
    return f"{start}_{{{','.join(name.removeprefix(f'{start}_') for name in names)}}}"


def _meaning(meanings: Sequence[str]) -> str:
    """Meanings as one, every number that differs as a choice.

    >>> _meaning(["visits in the last 7 days", "visits in the last 28 days", "visits in the last 91 days"])
    'visits in the last 7, 28 or 91 days'
    """
    numbers = [NUMBER.findall(meaning) for meaning in meanings]
    choices = iter([list(dict.fromkeys(place)) for place in zip(*numbers, strict=True)])
    return NUMBER.sub(lambda _found: _or(next(choices)), meanings[0])


def _or(choices: Sequence[str]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"


if __name__ == "__main__":
    print(feature_table())
