"""The customer table: what is known of every unit as of a date, for conditions and values to be written over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from tenure.pipelines.examples.study import Study
from tenure.pipelines.scoring.facts import DAYS_KNOWN, FIGURES
from tenure.pipelines.sources.engine import open_bare
from tenure.pipelines.sources.quoting import identifier, instant, literal, literals

KEYS = ("unit_id", "customer_id", "as_of")
RISK = ("probability", "band")

OURS = frozenset({*KEYS, *FIGURES, DAYS_KNOWN, *RISK})
"""Names of columns of ours, be they known of anybody or not."""

PREFIX = "profile_"
"""Before the name of a profile that has the name of a column of ours."""

TYPES = {"number": "try_cast(value as double)", "date": "try_cast(left(trim(value), 10) as date)"}
"""How the text of a profile is read, by its declared type; any other stays text."""


_OF_PERSON = "select units.place, usable.* from usable join units using (customer_id)"
OWNED = {
    "customer": _OF_PERSON,
    "contract": f"""{_OF_PERSON} where contract_id is null union all
        select units.place, usable.* from usable join units on usable.contract_id = units.unit_id""",
}
"""Whose a profile is: of a contract its own ones, and those of its customer that name no contract."""


class Units(NamedTuple):
    """Units as of a date: ids, and figures known of each, a row a unit in the same order.

    `risk` has the columns `probability` and `band`; None before anybody is scored.
    """

    study: Study
    as_of: dt.date
    keys: pd.DataFrame
    figures: pd.DataFrame
    risk: pd.DataFrame | None = None

    def where(self, chosen: np.ndarray, risk: pd.DataFrame) -> Units:
        """Some of the units with their risk."""
        keys, figures = (table.loc[chosen].reset_index(drop=True) for table in (self.keys, self.figures))
        return self._replace(keys=keys, figures=figures, risk=risk.loc[chosen].reset_index(drop=True))


def known_columns(units: Units) -> dict[str, str | None]:
    """The columns that the customer table can have, and for those that are profiles the profile's name."""
    risk = () if units.risk is None else RISK
    ours: dict[str, str | None] = dict.fromkeys((*KEYS, *units.figures.columns, *risk))
    return ours | {PREFIX + name if name in OURS else name: name for name in sorted(_profile_names(units.study))}


def customer_table(units: Units, wanted: Collection[str]) -> pa.Table:
    """The customer table with `unit_id` and the wanted ones of its `known_columns`; a row a unit, in their order.

    A profile is the last value that had happened and was known by the date, typed as it is declared; an undeclared
    one is text. Of a contract it is the contract's own or its customer's, whichever came last.
    """
    columns: dict[str, pa.Array] = {"unit_id": pa.array(units.keys["unit_id"], pa.string())}
    held = known_columns(units)
    profiles = {column: name for column in wanted if (name := held[column]) is not None}
    for name in wanted:
        if name == "as_of":
            columns[name] = pa.array([units.as_of] * len(units.keys), pa.date32())
        elif name == "customer_id":
            columns[name] = pa.array(units.keys[name], pa.string())
        elif name in units.figures.columns:
            columns[name] = pa.array(units.figures[name].to_numpy(dtype=np.float64), pa.float64(), from_pandas=True)
        elif name in RISK and units.risk is not None:
            columns[name] = pa.array(units.risk[name], from_pandas=True)
    return pa.table(columns | _profiles(units, profiles))


def _profile_names(study: Study) -> set[str]:
    """The names of profiles: the declared ones, and those that anybody has."""
    files = _files(study)
    if not files:
        return set(study.project.profile)
    with open_bare(threads=1) as engine:
        found = engine.sql(f"select distinct name from read_parquet({literals(files)})").fetchall()
    return {name for (name,) in found} | set(study.project.profile)


def _profiles(units: Units, wanted: Mapping[str, str]) -> dict[str, pa.Array]:
    """The profiles, by the column they are to be."""
    files = _files(units.study)
    if not wanted:
        return {}
    declared = units.study.project.profile
    read = {
        column: TYPES.get(declared[name].type if name in declared else "", "value") for column, name in wanted.items()
    }
    if not files:
        kinds = {TYPES["number"]: pa.float64(), TYPES["date"]: pa.date32()}
        return {column: pa.nulls(len(units.keys), kinds.get(read[column], pa.string())) for column in wanted}
    midnight = instant(dt.datetime.fromtimestamp(units.study.calendar.midnight(units.as_of) / 1000, dt.UTC))
    last = ", ".join(
        f"arg_max_null({read[column]}, {{'at': occurred_at, 'of': {read[column]}}}) "
        f"filter (where name = {literal(name)}) as {identifier(column)}"
        for column, name in wanted.items()
    )
    names = ", ".join(literal(name) for name in set(wanted.values()))
    with open_bare(threads=1) as engine:
        engine.register("units", pa.table({"place": np.arange(len(units.keys))} | _ids(units)))
        table = engine.sql(f"""
            with usable as (select * from read_parquet({literals(files)})
                where name in ({names}) and occurred_at < {midnight} and known_at <= {midnight}
                  and superseded_at > {midnight}),
            owned as ({OWNED[units.study.outcome.unit]}),
            held as (select place, {last} from owned group by place)
            select held.* exclude (place) from units left join held using (place) order by units.place
            """).to_arrow_table()
    return {column: table[column].combine_chunks() for column in wanted}


def _ids(units: Units) -> dict[str, pa.Array]:
    return {name: pa.array(units.keys[name], pa.string()) for name in ("unit_id", "customer_id")}


def _files(study: Study) -> list[Path]:
    files = [study.snapshot.profiles(bucket) for bucket in range(study.snapshot.buckets)]
    return [file for file in files if file.is_file()]
