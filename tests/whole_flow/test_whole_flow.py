"""The whole way through the command line: a file of purchases becomes a list and an answering service."""

from __future__ import annotations

import csv
import io
import json
import re

import pyarrow.parquet as pq
import pytest
from command import tenure
from shop import LAST, ORIGINS, sales, write_sales

from tenure.pipelines.decisions.hold_out import is_held_out
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.store.hold_outs import draw_on

METRICS = {"roc_auc", "average_precision", "brier", "lift_top_decile"}
MODELS = {"recency", "logistic", "boosted", "risk"}


def read_csv(file):
    return list(csv.DictReader(io.StringIO(file.read_text())))


def assert_holds_the_fixed_keys(content):
    assert set(content) >= {
        "schema",
        "outcome",
        "engine",
        "features",
        "origins",
        "pooled",
        "summary",
        "verdict",
        "seconds",
    }
    assert (content["schema"], content["engine"]) == (1, "local")
    assert content["features"] > 0
    assert content["verdict"] in ("use", "use recency", "no signal", "not enough data")
    assert set(content["seconds"]) >= {"features", "fit"}
    for origin in content["origins"]:
        assert set(origin) >= {"as_of", "customers", "positives", "models"}
        assert set(origin["models"]) >= MODELS
        assert all(set(metrics) >= METRICS for metrics in origin["models"].values())
    assert all(set(content["pooled"][model]) >= METRICS for model in MODELS)
    for model in MODELS:
        assert all(set(content["summary"][model][metric]) >= {"mean", "low", "high"} for metric in METRICS)


def test_a_project_guessed_from_a_file_is_checked_as_it_stands(tmp_path):
    write_sales(tmp_path / "sales.csv", sales(60))
    project = tmp_path / "shop" / "tenure.toml"
    assert tenure("init", project, "--from", tmp_path / "sales.csv").code == 0
    project.write_text(project.read_text().replace('# clock = "data"', 'clock = "data"'))
    ran = tenure("check", project.parent)
    assert ran.code == 0, ran.err
    assert re.search(r"^interactions +\d", ran.out, re.MULTILINE)
    assert "watermark 2024-12-2" in ran.out
    found = json.loads(tenure("check", project, "--json").out)
    assert found["kinds"] == {"purchase": len(sales(60))}
    assert [p["as_of"] for p in found["positives"]["lapse"]] == sorted(p["as_of"] for p in found["positives"]["lapse"])
    assert all(p["eligible"] > 0 for p in found["positives"]["lapse"])


def test_an_existing_project_file_is_never_overwritten(trained):
    before = (trained / "tenure.toml").read_text()
    ran = tenure("init", trained / "tenure.toml")
    assert (ran.code, (trained / "tenure.toml").read_text()) == (1, before)
    assert "exists already" in ran.said


def test_training_leaves_a_backtest_with_the_fixed_keys(trained_once):
    content = json.loads((trained_once / ".tenure" / "reports" / "lapse" / "backtest.json").read_text())
    assert_holds_the_fixed_keys(content)
    assert [o["as_of"] for o in content["origins"]] == [str(day) for day in ORIGINS]
    assert (content["outcome"], content["verdict"]) == ("lapse", "use")
    assert (trained_once / ".tenure" / "reports" / "lapse" / "report.html").read_text().startswith("<!")


def test_a_backtest_is_told_its_outcome_and_its_origins(trained, tmp_path):
    origins = ("2024-11-03", "2024-11-17")
    words = [word for day in origins for word in ("--origin", day)]
    ran = tenure("backtest", trained, "--outcome", "slump", *words, "--out", tmp_path / "out", "--json")
    assert ran.code == 0, ran.err
    content = json.loads((tmp_path / "out" / "backtest.json").read_text())
    assert json.loads(ran.out) == content
    assert_holds_the_fixed_keys(content)
    assert (content["outcome"], [o["as_of"] for o in content["origins"]]) == ("slump", list(origins))


def test_the_list_says_the_same_in_every_format_and_equals_the_file(trained):
    as_json = json.loads(tenure("list", trained, "--capacity", 7, "--format", "json").out)
    as_csv = list(csv.DictReader(io.StringIO(tenure("list", trained, "--capacity", 7, "--format", "csv").out)))
    table = tenure("list", trained, "--capacity", 7).out
    scores = pq.read_table(trained / "scores.parquet").to_pylist()
    listed = [(row["customer_id"], row["churn_probability"]) for row in as_json]
    assert listed == [(row["customer_id"], float(row["churn_probability"])) for row in as_csv]
    with reading(open_store(trained / ".tenure")) as connection:
        draw = draw_on(connection, LAST)
    free = [row for row in scores if not is_held_out(draw, row["customer_id"])]
    assert listed == [(row["customer_id"], row["probability"]) for row in free[:7]]
    assert re.findall(r"^\d+ +(c\d+)", table, re.MULTILINE) == [customer for customer, _ in listed]
    assert all(row["reason_1"] for row in as_json)
    assert (as_json[0]["as_of"], as_json[0]["model_version"]) == (str(LAST), "shop-lapse/1")


def test_a_score_file_has_a_row_for_everybody(trained):
    ran = tenure("score", trained, "--out", trained / "again.csv", "--json")
    assert ran.code == 0, ran.err
    counts = json.loads(ran.out)["counts"]
    rows = read_csv(trained / "again.csv")
    assert sum(counts.values()) == len(rows) == 520
    assert {row["status"] for row in rows} == set(counts) == {"scored", "lapsed"}
    published = pq.read_table(trained / "scores.parquet").to_pylist()
    assert [float(row["probability"]) for row in rows if row["probability"]] == [
        row["probability"] for row in published if row["probability"] is not None
    ]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_features_are_written_for_who_is_eligible(trained, ending):
    out = trained / "made" / f"features.{ending}"
    ran = tenure("features", trained, "--as-of", "2024-12-01", "--out", out)
    assert ran.code == 0, ran.err
    rows = pq.read_table(out).to_pylist() if ending == "parquet" else read_csv(out)
    origin = json.loads((trained / ".tenure" / "reports" / "lapse" / "backtest.json").read_text())["origins"][-1]
    assert len(rows) == origin["customers"]
    assert {"unit_id", "customer_id", "as_of", "purchase_days_since_last"} <= set(rows[0])
