"""Into which groups customers are divided when a model is judged: profiles, channel, language, and who is new."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.decisions.customers import Units, customer_table, known_columns
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.texts import read_texts
from tenure.pipelines.scoring.facts import DAYS_KNOWN
from tenure.pipelines.settings.source import Profile
from tenure.pipelines.sources.engine import open_bare
from tenure.pipelines.sources.quoting import instant, literals
from tenure.pipelines.text.reading import text_id

NEW_DAYS = 91
"""Customers known for fewer days are new."""

LOOKBACK_DAYS = 364
"""Days in which the channel and the language a customer uses most are looked for."""

MOST_GROUPS = 12
"""Of a division with more groups the largest are kept, and the rest is one."""

LEAST_UNITS = 10
"""Groups of fewer units on a date are of the rest too: nothing can be said of them alone."""

CONTACTS = ("contact_opened", "message_in", "message_out", "followed_up", "complaint", "dispute", "bot_handover")
"""Kinds of interaction whose channel is one of contact, not where the product is used or bought."""

REST = "(others)"
ROLES = ("protected", "peer_group", "feature")
"""Roles of profiles by which customers are divided, where the profile is a category."""

PROTECTED_NUMBER = ("protected", "number")
"""Role and type of profiles by whose quarters customers are divided."""


def divide(units: Units) -> pd.DataFrame:
    """The group of every unit in every division that the data know of, None where a unit is in none.

    Columns are `new customers`, `channel`, `language` and the names of profiles: the segment of the desk, peer groups,
    protected ones and categories that are features. Everything is as it was known on the units' date.
    """
    divisions: dict[str, pd.Series[str]] = {}
    if DAYS_KNOWN in units.figures:
        days = units.figures[DAYS_KNOWN]
        words = np.where(days < NEW_DAYS, f"under {NEW_DAYS} days", f"{NEW_DAYS} days and more")
        divisions["new customers"] = pd.Series(words, dtype=object).where(days.notna(), None)
    divisions |= _used(units)
    divisions |= _of_profiles(units)
    return pd.DataFrame({name: _largest(groups) for name, groups in divisions.items() if groups.notna().any()})


def _of_profiles(units: Units) -> dict[str, pd.Series[str]]:
    project = units.study.project
    declared = dict(project.profile)
    declared.setdefault(project.desk.segment, Profile())
    known = {name: column for column, name in known_columns(units).items() if name is not None}
    wanted = {
        name: known[name]
        for name, profile in declared.items()
        if name in known and (name == project.desk.segment or _divides(profile))
    }
    table = customer_table(units, list(wanted.values())).to_pandas()
    found = {}
    for name, column in wanted.items():
        values = table[column]
        quarters = declared[name].type == "number"
        found[name] = _quarters(values) if quarters else values.astype(object).where(values.notna(), None)
    return found


def _divides(profile: Profile) -> bool:
    return profile.role in ROLES and (profile.type == "category" or (profile.role, profile.type) == PROTECTED_NUMBER)


def _quarters(values: pd.Series[float]) -> pd.Series[str]:
    """Numbers as the four quarters of those who have one."""
    if not values.notna().any():
        return pd.Series(None, index=values.index, dtype=object)
    edges = np.unique(np.nanquantile(values.to_numpy(dtype=float), [0.25, 0.5, 0.75]))
    limits = [-np.inf, *edges, np.inf]
    words = [f"below {edges[0]:g}", *(f"from {edge:g}" for edge in edges)]
    return pd.cut(values, limits, right=False, labels=words).astype(object)


def _used(units: Units) -> dict[str, pd.Series[str]]:
    """The channel and the language each customer used most; of equally used ones the first by name."""
    snapshot, calendar = units.study.snapshot, units.study.calendar
    until = calendar.midnight(units.as_of)
    since = calendar.midnight(units.as_of - dt.timedelta(days=LOOKBACK_DAYS))
    begins, ends = (instant(dt.datetime.fromtimestamp(moment / 1000, dt.UTC)) for moment in (since, until))
    files = [file for bucket in range(snapshot.buckets) if (file := snapshot.interactions(bucket)).is_file()]
    customers = pa.table({"customer_id": pa.array(units.keys["customer_id"], pa.string())})
    with open_bare(threads=1) as engine:
        engine.register("customers", customers)
        engine.register("languages", _languages(units.study, files))
        usable = f"""select customer_id, kind, channel, text from read_parquet({literals(files)})
            where occurred_at >= {begins} and occurred_at < {ends} and known_at <= {ends} and superseded_at > {ends}
              and (channel is not null or text is not null) and customer_id in (select customer_id from customers)"""
        counted = f"""
            with usable as ({usable}),
            said as (select customer_id, 'channel' as division, channel as name from usable where kind in {CONTACTS}
                union all select customer_id, 'language', language from usable join languages using (text)),
            counted as (select customer_id, division, name, count(*) as times from said
                where name is not null and name <> '' group by all)
            select customer_id, division, arg_min(name, {{'times': -times, 'name': name}}) as name
            from counted group by all"""
        table = engine.sql(counted).to_arrow_table().to_pandas()
    ids = units.keys["customer_id"].reset_index(drop=True)
    return {
        str(division): ids.map(rows.set_index("customer_id")["name"]).astype(object)
        for division, rows in table.groupby("division", sort=True)
    }


def _languages(study: Study, files: list[Path]) -> pa.Table:
    """The language of every distinct text, where texts are read at all."""
    texts: list[str] = []
    told: list[str | None] = []
    for bucket in range(study.snapshot.buckets):
        facts = read_texts(study.snapshot.folder, bucket)
        if facts is None:
            continue
        language = dict(zip(facts["text_id"].to_pylist(), facts["language"].to_pylist(), strict=True))
        distinct = pc.unique(pq.read_table(study.snapshot.interactions(bucket), columns=["text"])["text"].drop_null())
        raw = [str(text) for text in distinct.to_pylist()]
        texts += raw
        told += [language.get(text_id(text)) for text in raw]
    return pa.table({"text": pa.array(texts, pa.string()), "language": pa.array(told, pa.string())})


def _largest(groups: pd.Series[str]) -> pd.Series[str]:
    counts = groups.value_counts()
    ordered = sorted(counts.index, key=lambda name: (-counts[name], str(name)))
    kept = [name for name in ordered if counts[name] >= LEAST_UNITS]
    kept = kept if len(kept) <= MOST_GROUPS else kept[: MOST_GROUPS - 1]
    return groups.where(groups.isin(kept) | groups.isna(), REST)
