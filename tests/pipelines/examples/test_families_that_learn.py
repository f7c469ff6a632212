"""A family may learn from people and look at others: with what was known then, and never at the unit itself."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from histories import same_bits
from till import EARLY, LATE, shop, till

from tenure.pipelines.examples.beforehand import prepared
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.work import describe_history
from tenure.pipelines.features.folds import FOLDS, fold_of
from tenure.pipelines.scoring.live import history_of
from tenure.pipelines.scoring.question import Question

MODULE = '''
"""pace: purchases against those of the other people, and against what is usual."""
import numpy as np
from tenure.pipelines.features.column import Column
from tenure.pipelines.features.folds import folds
from tenure.pipelines.features.sums import GroupSums

def _counts(view):
    return view.kind("purchase").count().astype(np.int64)

def gather(view, context, fitted):
    groups = np.array(["all"] * len(view.units), dtype=object)
    return {"all": GroupSums.of(groups, purchases=_counts(view), people=np.ones(len(view.units), np.int64))}

def observe(view, context, fitted):
    counts = _counts(view)
    return {"unit": np.flatnonzero(counts), "count": counts[counts > 0]}

def learn(observed, context):
    return {"people": len(observed), "counts": np.sort(observed["count"].to_numpy())}

def compute(view, context, fitted):
    sums, everyone = context.table("pace", "all"), np.array(["all"] * len(view.units), dtype=object)
    others = sums.at(everyone, "purchases") - _counts(view)
    yield Column("pace_others", others.astype(float), "purchases of others", "others")
    states = fitted.learnt.get("pace")
    if states:
        usual = np.array([np.nan if s is None else s["counts"].sum() / 7 + s["people"] for s in states])
        yield Column("pace_usual", usual[folds(view)], "what is usual", "others", 0, "learnt:pace")
'''


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    made = shop(tmp_path_factory.mktemp("learning") / "shop", till())
    (made.project.root / "pace.py").write_text(MODULE)
    features = made.project.features.model_copy(update={"modules": ("pace.py",)})
    return Study.of(made.project.model_copy(update={"features": features}), made.snapshot)


@pytest.fixture(scope="module")
def examples(study: Study) -> Examples:
    return build_examples(study, {EARLY, LATE}, knowledge={EARLY, LATE}, processes=1)


def known(day: dt.date, *, without: int | None = None) -> list[int]:
    """Purchases by a day of each customer outside a fold."""
    rows = till().query("kind == 'purchase'")
    counts = rows[rows["occurred_at"] < f"{day}T00:00:00Z"].groupby("customer_id").size()
    return [count for name, count in counts.items() if fold_of(str(name)) != without]


def test_a_state_is_learnt_without_the_people_of_its_fold_from_what_was_known(examples: Examples) -> None:
    for day in (EARLY, LATE):
        for fold, state in enumerate(examples.fitted[day].learnt["pace"]):
            assert state is not None
            assert state["counts"].tolist() == sorted(known(day, without=fold))


def test_an_old_cutoff_is_described_anew_in_every_knowledge(examples: Examples) -> None:
    for day, frame in ((EARLY, examples.at(EARLY, EARLY)), (LATE, examples.training(LATE))):
        rows = frame.loc[frame["as_of"].dt.date == EARLY]
        expected = {fold: sum(known(day, without=fold)) / 7 + len(known(day, without=fold)) for fold in range(FOLDS)}
        assert rows["pace_usual"].tolist() == [expected[fold_of(name)] for name in rows["customer_id"]]
        assert "pace_usual" in {f.name for f in examples.features(day)}


def test_others_are_summed_without_the_unit_itself(examples: Examples) -> None:
    rows = examples.at(EARLY, EARLY).set_index("customer_id")
    counts = till().query("kind == 'purchase' and occurred_at < '2024-03-01T00:00:00Z'").groupby("customer_id").size()
    assert rows["pace_others"].to_dict() == (counts.sum() - counts).astype(float).to_dict()


def test_one_customer_alone_is_described_as_in_the_batch_given_states_and_tables(
    study: Study, examples: Examples
) -> None:
    asked = Question.of(study, examples.fitted[LATE])
    question = Question.from_json(json.loads(json.dumps(asked.to_json())), asked.files())
    task = question.task(LATE, lake=study.snapshot.folder, modules=study.project.root)
    task = prepared(task, study.snapshot.buckets, learn=False, workers=study.workers(1))
    alone = history_of(question, [row for row in till().to_dict("records") if row["customer_id"] == "c3"])
    live = describe_history(task, alone).frame.set_index("unit_id")
    names = [f.name for f in examples.features(LATE)]
    assert {"pace_others", "pace_usual"} <= set(names)
    same_bits(live[names], examples.at(LATE, LATE).set_index("unit_id")[names])


def test_two_processes_learn_and_gather_the_same_as_one(study: Study, examples: Examples) -> None:
    both = build_examples(study, {EARLY, LATE}, knowledge={EARLY, LATE}, processes=2)
    same_bits(both.training(LATE).iloc[:, 3:], examples.training(LATE).iloc[:, 3:])
    assert both.fitted[LATE].keys == examples.fitted[LATE].keys
