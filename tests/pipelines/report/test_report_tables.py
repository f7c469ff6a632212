"""The figures of the tables, checked by hand."""

from __future__ import annotations

from tenure.pipelines.proof.document import document
from tenure.pipelines.report.tables import base_rate, by_origin, contacts, everything, headlines, learning, slices


def test_contacts_compare_the_model_with_its_rival_and_with_chance(make_result):
    rows = contacts(document(make_result()), rival="by longest silence")
    assert [(row["picked"], row["count"]) for row in rows] == [
        ("by the full model", "100"),
        ("by longest silence", "0"),
        ("at random", "38"),
    ]


def test_the_base_rate_is_a_mean_over_origins(make_result):
    assert base_rate(document(make_result())) == 3 / 8


def test_headlines_give_value_rival_and_gain(make_result):
    card = headlines(document(make_result()))[0]
    assert (card["title"], card["value"]) == ("ROC AUC", "0.933")
    assert card["baseline"].startswith("0.067 (")
    assert card["gain"].startswith("+0.867 (")


def test_a_row_an_origin_and_a_cell_a_model_and_metric(make_result):
    table = by_origin(document(make_result()))
    assert [(row["as_of"], row["customers"], row["positives"], row["share"]) for row in table["rows"]] == [
        ("2017-08-07", "8", "3", "37.5%"),
        ("2017-09-04", "8", "3", "37.5%"),
    ]
    assert all(len(row["cells"]) == 12 for row in table["rows"])
    assert [name for name, _ in table["ends"]] == ["mean over dates", "all rows pooled"]


def test_every_metric_of_every_model_is_listed(make_result):
    listed = everything(document(make_result()))
    assert len(listed) == 9
    assert all(
        [row["key"] for row in metric["rows"]] == ["recency", "logistic", "boosted", "risk"] for metric in listed
    )


def test_risk_is_not_compared_with_itself(make_result):
    assert everything(document(make_result()))[0]["rows"][-1]["gain"] == ""


def test_what_was_chosen_is_spelt_out(make_result):
    assert learning(document(make_result()))[0] == {
        "as_of": "2017-08-07",
        "until": "2017-08-07",
        "rows": "40",
        "chosen": "blend: 30% boosted, 70% logistic",
    }


def test_groups_are_told_by_division_with_what_is_to_be_said_of_them(make_result):
    half = {"mean": 0.5, "low": 0.25, "high": 0.75}
    one = {"by": "region", "group": "north", "units": 1200, "positives": 5, "selection_rate": half}
    one |= {"true_positive_rate": None, "roc_auc": None, "calibration_in_the_large": half}
    one |= {"miscalibrated": True, "not_ranked": False}
    (found,) = slices(document(make_result()) | {"slices": [one]})
    assert (found["by"], found["rows"][0]["units"]) == ("region", "1,200")
    assert found["rows"][0]["remark"] == "predicted too high, too few to tell"
    assert found["rows"][0]["cells"][3] == {"value": "+0.5000", "span": "+0.2500 to +0.7500"}
    assert slices(document(make_result())) == []
