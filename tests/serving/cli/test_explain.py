"""`tenure explain`: the walk ends at the served score, adds up, and sees no more than the date allows."""

from __future__ import annotations

import json
import math

import pytest
from command import tenure

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


def walked(folder, customer, *more):
    ran = tenure("explain", customer, folder, "--json", *more)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def riskiest(folder):
    ran = tenure("list", folder, "--sort", "risk", "--format", "json")
    return json.loads(ran.out)[0]


def test_the_walk_ends_at_the_served_score_bit_for_bit(trained):
    top = riskiest(trained)
    found = walked(trained, top["customer_id"])
    (unit,) = found["units"]
    assert unit["probability"] == top["churn_probability"]
    ends = ("probability_low", "probability_high", "low_confidence")
    assert [unit[name] for name in ends] == [top[name] for name in ends]
    assert 0 <= unit["probability_low"] <= unit["probability"] <= unit["probability_high"] <= 1
    assert unit["served"] == "the served score is this one, bit for bit"
    assert [reason["text"] for reason in unit["reasons"]][:1] == [top["reason_1"]]


def test_every_step_follows_from_the_one_before(trained):
    (unit,) = walked(trained, riskiest(trained)["customer_id"])["units"]
    for said in unit["members"]:
        assert said["log_odds"] == pytest.approx(said["slope"] * said["raw"] + said["intercept"])
    blended = sum(said["share"] * said["log_odds"] for said in unit["members"])
    assert unit["blend"]["log_odds"] == pytest.approx(blended)
    assert unit["log_odds"] == pytest.approx(unit["blend"]["slope"] * blended + unit["blend"]["intercept"])
    assert unit["probability"] == pytest.approx(1 / (1 + math.exp(-unit["log_odds"])))
    assert unit["base"] + sum(part["adds"] for part in unit["features"]) == pytest.approx(unit["log_odds"])
    assert abs(unit["remainder"]) < 1e-9


def test_an_earlier_date_knows_only_what_was_known_then(trained):
    customer = riskiest(trained)["customer_id"]
    now, then = walked(trained, customer), walked(trained, customer, "--as-of", "2024-10-07")
    assert max(row["occurred_at"] for row in then["known"]["interactions"]) < "2024-10-07"
    rows, later = (len(found["known"]["interactions"]) for found in (then, now))
    assert later - rows == then["known"]["later"] > 0


def test_a_person_reads_every_step(trained):
    ran = tenure("explain", riskiest(trained)["customer_id"], trained)
    steps = ("1  What was known", "2  Features", "3  Models", "4  Risk", "5  In words", "6  Served")
    assert all(step in ran.out for step in steps), ran.out


def test_a_model_that_has_seen_what_happened_says_so(trained):
    ran = tenure("explain", riskiest(trained)["customer_id"], trained, "--as-of", "2024-10-07")
    assert "it has seen this" in ran.said


def test_who_is_not_scored_is_told_the_status(trained):
    with (trained / "sales.csv").open("a") as file:
        file.write("longgone,2024-01-02T08:00:00Z,9,web\n")
    (unit,) = walked(trained, "longgone")["units"]
    assert (unit["status"], unit["reasons"]) == ("lapsed", [])
    assert "not scored: lapsed" in tenure("explain", "longgone", trained).out


def test_an_unknown_customer_is_refused(trained):
    ran = tenure("explain", "nobody", trained)
    assert (ran.code, ran.out) == (1, "") and "customer 'nobody'" in ran.said
