"""From a registered model to scores: one customer as the batch, honest dates, and golden cases."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shop import LAST

from tenure.models.golden import GoldenDiffer
from tenure.models.manifest import ArtefactCorrupt, write_manifest
from tenure.models.preflight import answer
from tenure.models.serial import SchemaUnknown
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.registry import Registry
from tenure.pipelines.scoring.golden import CUSTOMERS, FILE, check
from tenure.pipelines.scoring.live import history_of
from tenure.pipelines.scoring.model import PROBABILITY, open_model
from tenure.pipelines.scoring.question import Question
from tenure.pipelines.scoring.score import ScoreRefused, require_scorable, score, write_table
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


@pytest.fixture
def directory(trained):
    """The artefact of the champion."""
    return Registry(trained / ".tenure").with_alias("shop-lapse").directory


@pytest.fixture
def study(trained):
    """The study of the primary outcome."""
    project = load_project(trained)
    now = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    return Study.of(project, import_sources(project, now=now, store=open_store(project.data)))


def test_any_customer_alone_scores_as_in_the_batch(study, directory):
    model = open_model(directory)
    batch = score(study, model, LAST, processes=1).set_index("unit_id")
    rows = pq.read_table(study.snapshot.interactions(0), schema=None).drop_columns(["source", "text"])
    facts = pq.read_table(study.snapshot.profiles(0))
    for customer in batch.index[[0, 1, 50, 120]]:
        mine = [table.filter(pa.compute.equal(table["customer_id"], customer)).to_pylist() for table in (rows, facts)]
        alone = model.score(model.describe(history_of(model.question, *mine), LAST)).iloc[0]
        for name in PROBABILITY:
            assert np.float64(alone[name]).tobytes() == np.float64(batch.loc[customer, name]).tobytes()
        assert alone["reasons"] == batch.loc[customer, "reasons"]


def test_everybody_is_in_a_score_set_and_only_the_eligible_are_ranked(study, directory):
    scored = score(study, open_model(directory), LAST, processes=1)
    eligible = scored["status"] == "scored"
    assert len(scored) == study.snapshot.customers
    assert scored.loc[eligible, "rank"].tolist() == list(range(1, int(eligible.sum()) + 1))
    assert scored.loc[eligible, "probability"].is_monotonic_decreasing
    low, said, high = (scored.loc[eligible, name] for name in ("probability_low", "probability", "probability_high"))
    assert ((low <= said) & (said <= high)).all()
    assert scored.loc[~eligible, [*PROBABILITY, "band", "rank"]].isna().all(axis=None)


def test_the_past_and_the_unknown_are_refused_unless_meant(study, directory):
    model = open_model(directory)
    day = dt.timedelta(days=1)
    require_scorable(study, model, LAST, back_test=False, allow_stale=False)
    with pytest.raises(ScoreRefused, match="--back-test"):
        require_scorable(study, model, LAST - day, back_test=False, allow_stale=False)
    with pytest.raises(ScoreRefused, match="--allow-stale"):
        require_scorable(study, model, LAST + day, back_test=False, allow_stale=False)
    require_scorable(study, model, LAST - day, back_test=True, allow_stale=False)
    require_scorable(study, model, LAST + day, back_test=False, allow_stale=True)


def test_a_question_comes_back_from_its_json(study, directory):
    question = open_model(directory).question
    assert Question.from_json(json.loads(json.dumps(question.to_json())), question.files()) == question
    assert question.outcome == study.outcome


def test_a_question_of_another_version_is_refused(directory):
    held = json.loads((directory / "extra.json").read_text())
    del held["question"]["zone"]
    (directory / "extra.json").write_text(json.dumps(held))
    write_manifest(directory)
    with pytest.raises(SchemaUnknown, match=r"another version of Tenure.*'zone'.*; run `tenure train` again"):
        open_model(directory)
    assert answer([str(directory)], check) == 1


def test_golden_histories_notice_a_model_that_says_something_else(directory, capsys):
    assert check(directory) > CUSTOMERS
    file = directory / "attachments" / FILE
    held = json.loads(file.read_text())
    known = next(unit for unit, answer in held["answers"].items() if answer is not None)
    held["answers"][known] = np.nextafter(held["answers"][known], 1.0)
    file.write_text(json.dumps(held))
    with pytest.raises(ArtefactCorrupt, match="is not what was saved"):
        check(directory)
    write_manifest(directory)
    with pytest.raises(GoldenDiffer, match=rf"1 of 8 invented histories score differently \({known}\)"):
        check(directory)
    assert answer([str(directory)], check) == 1
    assert "install the locked versions, or train again here" in capsys.readouterr().err


def test_a_table_is_written_whole_or_not_at_all(tmp_path):
    table = pa.table({"a": [1]})
    for name in ("t.parquet", "t.csv", "deep/er/t.csv"):
        write_table(table, tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep", "t.csv", "t.parquet"]
    with pytest.raises(ScoreRefused, match=r"must end in \.parquet or \.csv, found '\.xlsx'"):
        write_table(table, tmp_path / "t.xlsx")
    (tmp_path / "file").write_text("")
    with pytest.raises(ScoreRefused, match="its folder cannot be made"):
        write_table(table, tmp_path / "file" / "t.csv")
