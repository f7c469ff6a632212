"""A whole comparison on an imported shop: its numbers are those of the labels."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from shop import sales, write_project

from tenure.pipelines.defining.comparison import Comparison, compare
from tenure.pipelines.defining.plan import Definition
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.proof.positives import positives
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

SALES = sales()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    project = load_project(write_project(tmp_path_factory.mktemp("define") / "shop", SALES))
    snapshot = import_sources(project, now=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), store=open_store(project.data))
    return Study.of(project, snapshot, "lapse")


@pytest.fixture(scope="module")
def found(study: Study) -> Comparison:
    return compare(study, horizons=[14, 28, 56], windows=[28, 56])


def test_eligible_and_lost_are_those_of_the_labels(study: Study, found: Comparison) -> None:
    counted = positives(study, found.plan.judged)
    (declared,) = [one for one in found.judgements if one.definition == found.plan.declared]
    dates = len(counted)
    assert declared.eligible * dates == pytest.approx(sum(day.eligible for day in counted))
    assert declared.lost * dates == pytest.approx(sum(day.positives or 0 for day in counted))


def test_both_errors_are_those_counted_from_the_receipts(found: Comparison) -> None:
    bought: dict[str, set[int]] = {}
    for sale in SALES:
        bought.setdefault(sale.customer_id, set()).add(sale.occurred_at.date().toordinal())
    called, returned = 0, 0
    for day in (day.toordinal() for day in found.plan.judged):
        for days in bought.values():
            if any(day - 56 <= d < day for d in days) and not any(day <= d < day + 28 for d in days):
                called += 1
                returned += any(day <= d < day + found.plan.followed_days for d in days)
    (judged,) = [one for one in found.judgements if one.definition == Definition(28, 56)]
    assert (judged.followed, judged.returned) == (called, returned)
    end, first = found.plan.watermark.toordinal(), found.plan.judged[0].toordinal()
    last = [max(days) for days in bought.values()]
    real = [d for d in last if d >= first and end - d > found.plan.followed_days]
    delays = [min(day.toordinal() for day in found.plan.asked if day.toordinal() > d) + 28 - d for d in real]
    assert (judged.noticed, found.real_losses, judged.missed) == (len(real), len(real), 0.0)
    assert judged.mean_delay == pytest.approx(sum(delays) / len(delays))


def test_who_drifts_away_is_predictable_beyond_chance(found: Comparison) -> None:
    assert all(one.roc_auc.low > 0.5 for one in found.judgements)
    assert all(one.false_churn.low <= one.false_churn.value <= one.false_churn.high for one in found.judgements)


def test_the_same_data_give_the_same_answer(study: Study, found: Comparison) -> None:
    again = compare(study, horizons=[14, 28, 56], windows=[28, 56])
    assert (again.judgements, again.choice) == (found.judgements, found.choice)


def test_a_sample_asks_about_some_of_the_customers(study: Study, found: Comparison) -> None:
    half = Study.of(study.project, study.snapshot, "lapse", sample=0.5)
    some = compare(half, horizons=[28], windows=[28]).judgements[0]
    whole = next(one for one in found.judgements if one.definition == Definition(28, 28))
    assert 0.4 < some.eligible / whole.eligible < 0.6


def test_a_decline_is_compared_too(study: Study) -> None:
    slump = Study.of(study.project, study.snapshot, "slump")
    found = compare(slump, horizons=[14, 28], windows=[28])
    shares = [one.false_churn.value for one in found.judgements]
    assert all(0 < share < 1 for share in shares)
    assert "recover" in found.choice.sentence


def test_with_nobody_eligible_it_is_refused(tmp_path: Path) -> None:
    text = (write_project(tmp_path / "shop", SALES[:400]) / "tenure.toml").read_text()
    nobody = text.replace('kinds = ["purchase"]', 'kinds = ["visit"]')
    project = load_project(write_project(tmp_path / "other", SALES[:400], text=nobody))
    snapshot = import_sources(project, now=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), store=open_store(project.data))
    with pytest.raises(ValueError, match="nobody is eligible at any of .* dates"):
        compare(Study.of(project, snapshot, "lapse"), horizons=[14], windows=[28])
