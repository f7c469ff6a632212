"""Which kinds, channels and levels earn columns, learnt from what was known before a date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from histories import told

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.features.fitting import fit_families
from tenure.pipelines.scoring.live import INTERACTIONS, PROFILES
from tenure.pipelines.settings.features import Features

MARCH, JUNE = dt.date(2024, 3, 1), dt.date(2024, 6, 1)
TEXT = """
    a purchase 2024-01-01 amount=3 channel=web
    b purchase 2024-01-02          channel=web
    b purchase 2024-01-03 amount=2 channel=phone
    c purchase 2024-02-03 amount=1 known=2024-05-01
    a visit    2024-04-01 channel=phone
    b visit    2024-04-01
    a refund   2024-04-01 amount=1
"""


CITIES = (("a", "Łódź"), ("b", "Łódź"), ("c", "O'Hara"))


def fitted(
    tmp_path: Path, text: str = TEXT, cities: tuple[tuple[str, str], ...] = CITIES, **settings: object
) -> dict[dt.date, set[str]]:
    rows = [{"known_at": row["occurred_at"], **row} for row in told(text)]
    pq.write_table(pa.Table.from_pylist(rows, schema=INTERACTIONS), tmp_path / "interactions-00000.parquet")
    facts = [
        {"customer_id": who, "name": "city", "value": city, "known_at": at, "occurred_at": at}
        for who, city in cities
        for at in (dt.datetime(2024, 1, 1, tzinfo=dt.UTC),)
    ]
    pq.write_table(pa.Table.from_pylist(facts, schema=PROFILES), tmp_path / "profiles-00000.parquet")
    asked = Features(**({"min_customers": 2} | settings))
    found = fit_families(tmp_path, [MARCH, JUNE], asked, calendar=calendar_of("UTC"), categories=["city"])
    return {day: set(state.keys) for day, state in found.items()}


def test_what_earns_columns_is_what_enough_customers_were_known_to_have_by_then(tmp_path: Path) -> None:
    found = fitted(tmp_path)
    assert found[MARCH] == {"kind:purchase", "amount:purchase", "sole:purchase", "level:city=Łódź"}
    assert found[JUNE] == {
        "any", "kind:purchase", "kind:visit", "channel:web", "channel:phone", "amount:purchase", "sole:purchase",
        "level:city=Łódź",
    }  # fmt: skip


def test_levels_that_would_share_a_column_name_are_twins(tmp_path: Path) -> None:
    cities = (("a", "São Paulo"), ("b", "são-paulo"), ("c", "<5"), ("d", ">5"))
    found = fitted(tmp_path, cities=cities, min_customers=1)
    levels = {key for key in found[MARCH] if key.startswith(("level:", "twin:"))}
    assert levels == {"twin:city=São Paulo", "twin:city=são-paulo", "level:city=<5", "level:city=>5"}


def test_a_kind_is_the_only_one_with_amounts_until_another_is(tmp_path: Path) -> None:
    found = fitted(tmp_path, min_customers=1)
    assert "sole:purchase" in found[MARCH]
    assert not {"sole:purchase", "sole:refund"} & found[JUNE]


def test_a_row_not_yet_known_earns_nothing(tmp_path: Path) -> None:
    found = fitted(tmp_path, min_customers=3)
    assert "kind:purchase" not in found[MARCH]
    assert "kind:purchase" in found[JUNE]


def test_a_kind_that_is_always_wanted_needs_only_one_customer_who_has_it(tmp_path: Path) -> None:
    found = fitted(tmp_path, always_kinds=("refund", "dispute"))
    assert "kind:refund" in found[JUNE]
    assert "kind:dispute" not in found[JUNE]
    assert "kind:refund" not in found[MARCH]


def test_only_the_most_common_kinds_are_kept(tmp_path: Path) -> None:
    found = fitted(tmp_path, min_customers=1, max_kinds=1)
    assert {key for key in found[JUNE] if key.startswith("kind:")} == {"kind:purchase"}
