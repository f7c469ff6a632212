"""Dated facts about customers."""

from __future__ import annotations

FOREVER = "9999-12-31 00:00"


def load(lake, text, **settings):
    visits = {"name": "visits", "files": lake.write("v.csv", "customer_id,occurred_at,kind\na,2024-01-01,visit")}
    facts = {"name": "facts", "into": "profiles", "files": lake.write("f.csv", text), "max_quarantined": 1, **settings}
    return lake.load(visits, facts)


def test_a_dated_fact_holds_from_its_date(lake, facts):
    snapshot = load(lake, "customer_id,name,value,occurred_at\na,plan,gold,2024-02-01\na,age,41,2024-02-01")
    assert facts(snapshot, "name", "value", "occurred_at", "known_at", "timeless") == [
        ("age", "41", "2024-02-01 00:00", "2024-02-02 00:00", False),
        ("plan", "gold", "2024-02-01 00:00", "2024-02-02 00:00", False),
    ]


def test_a_correction_supersedes_the_value_of_the_same_date(lake, facts):
    snapshot = load(
        lake,
        """customer_id,name,value,occurred_at,known_at
        a,plan,gold,2024-02-01T00:00Z,2024-02-01T00:00Z
        a,plan,iron,2024-02-01T00:00Z,2024-03-01T00:00Z
        a,plan,lead,2024-04-01T00:00Z,2024-04-01T00:00Z""",
    )
    assert facts(snapshot, "value", "superseded_at") == [
        ("gold", "2024-03-01 00:00"), ("iron", FOREVER), ("lead", FOREVER),
    ]  # fmt: skip


def test_an_undated_fact_is_known_from_the_day_of_the_import(lake, facts):
    snapshot = load(lake, "customer_id,name,value\na,age,41")
    assert facts(snapshot, "occurred_at", "known_at", "timeless") == [("2024-07-01 00:00", "2024-07-01 00:00", False)]


def test_a_fact_declared_timeless_was_always_known(lake, facts):
    snapshot = load(lake, "customer_id,name,value,contract_id\na,age,41,c1", timeless=True)
    assert facts(snapshot, "contract_id", "known_at", "timeless") == [("c1", "1900-01-01 00:00", True)]


def test_two_values_at_once_are_quarantined(lake):
    snapshot = load(lake, "customer_id,name,value\na,age,41\na,age,42\na,plan,gold\na,plan,gold", timeless=True)
    facts = snapshot.sources[1]
    assert facts.quarantined == {"duplicate id with different content": 2}
    assert (facts.rows, facts.collapsed) == (1, 1)
