"""What is said about a snapshot before training."""

from __future__ import annotations

import datetime as dt

from tenure.pipelines.inspection.check import check

HEAD = "customer_id,occurred_at,kind"


def test_counts_kinds_and_watermark(lake):
    source = {
        "name": "shop",
        "files": lake.write("s.csv", f"{HEAD}\na,2024-01-01,purchase\nb,2024-01-02,visit\nb,2024-01-03,visit"),
    }
    report = check(lake.project(source), lake.load(source))
    assert (report.rows, report.customers, report.watermark) == (3, 2, dt.date(2024, 1, 4))
    assert report.kinds == {"visit": 2, "purchase": 1}
    assert report.notes == ()


def test_a_feed_that_stopped_is_named(lake):
    one = {"name": "one", "files": lake.write("1.csv", f"{HEAD}\na,2024-03-01,purchase")}
    two = {"name": "two", "files": lake.write("2.csv", f"{HEAD}\na,2024-02-01,visit")}
    report = check(lake.project(one, two), lake.load(one, two))
    assert report.notes[0].startswith("two is complete only until 2024-02-02, 29 days behind")


def test_what_looks_mistaken_is_noted(lake):
    text = "customer_id,occurred_at,kind,knwon_at\na,2024-01-01,purchases,2024-01-05"
    source = {"name": "shop", "files": lake.write("s.csv", text)}
    notes = check(lake.project(source), lake.load(source)).notes
    assert "shop: 'knwon_at' was kept as an attribute; did you mean 'known_at'?" in notes
    assert "outcome lapse: no row is of kind 'purchase'; did you mean 'purchases'?" in notes


def test_timeless_and_undeclared_profiles_are_noted(lake):
    shop = {"name": "shop", "files": lake.write("s.csv", f"{HEAD}\na,2024-01-01,purchase")}
    facts = lake.write("f.csv", "customer_id,name,value\na,age,41\nb,age,42")
    people = {"name": "people", "into": "profiles", "files": facts, "timeless": True}
    report = check(lake.project(shop, people), lake.load(shop, people))
    assert report.profiles == {"age": 2}
    assert report.notes == (
        "people is declared timeless: its values are used as if they had always been known",
        "profiles without a [profile] entry are only displayed: age",
    )
