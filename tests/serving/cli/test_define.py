"""`tenure define`: a table, JSON, a plot, and what is refused."""

from __future__ import annotations

import json

import pytest
from command import tenure
from shop import project_text, sales, write_project

CANCELLATION = '[outcome.leaves]\ntype = "cancellation"\nhorizon_days = 28\n'


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    text = project_text() + CANCELLATION
    return write_project(tmp_path_factory.mktemp("define") / "shop", sales(), text=text)


def test_it_prints_every_definition_and_the_reason(shop):
    ran = tenure("define", shop, "--horizons", "14,28", "--active", "28")
    assert ran.code == 0, ran.err
    assert "lapse: no purchase in the 28 days from the date" in " ".join(ran.out.split())
    rows = [line.split() for line in ran.out.splitlines() if line.split()[:1] in (["14"], ["28"])]
    assert [row[:2] for row in rows] == [["14", "28"], ["28", "28"]]
    assert "Rule: The shortest horizon" in ran.out


def test_out_keeps_the_document_and_the_plot(shop, tmp_path):
    ran = tenure("define", shop, "--horizons", "14,28", "--active", "28,56", "--json", "--out", tmp_path / "out")
    assert (ran.code, ran.err) == (0, "")
    content = json.loads(ran.out)
    kept = json.loads((tmp_path / "out" / "define.json").read_text())
    assert kept == content
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["define.json", "define.svg"]
    assert content["declared"] == {"horizon_days": 28, "active_days": 28}
    assert [(d["horizon_days"], d["active_days"]) for d in content["definitions"]] == [
        (14, 28), (14, 56), (28, 28), (28, 56)
    ]  # fmt: skip
    first = content["definitions"][0]
    assert first["false_churn"]["returned"] / first["false_churn"]["followed"] == pytest.approx(
        first["false_churn"]["share"], abs=1e-6
    )
    assert first["predictable"]["logistic"]["average_precision"]["low"] is not None
    assert content["sentence"] and content["rule"]


def test_the_limit_decides_what_is_good(shop):
    words = ("define", shop, "--horizons", "14,28", "--active", "28", "--json")
    strict, lax = (json.loads(tenure(*words, "--most-return", share).out) for share in (0, 1))
    assert (strict["good"], lax["good"]) == (False, True)
    assert lax["recommended"] == {"horizon_days": 28, "active_days": 28}  # 14 days ask about those already lost


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--outcome", "leaves"], 1, "'leaves' is of type cancellation"),
        (["--horizons", "0"], 1, "horizons: expected days, at least 1; found 0"),
        (["--horizons", "900"], 1, "the longest horizon that can be judged is"),
        (["--horizons", "14;28"], 2, "expected days with commas"),
        (["--active", "soon"], 2, "expected days with commas"),
        (["--most-return", "2"], 2, "--most-return"),
        (["--outcome", "nothing"], 1, "is not in the project file"),
    ],
)
def test_what_cannot_be_compared_is_refused(shop, words, code, said):
    ran = tenure("define", shop, *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.said
