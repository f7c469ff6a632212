"""A new feature file passes its trial; one that peeks, divides by zero or counts wrongly does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenure.pipelines.features import family
from tenure.pipelines.features.scaffold import FeatureExists, FeatureNameRefused, new_feature
from tenure.pipelines.features.trial import try_feature

HEAD = """
import numpy as np
from tenure.pipelines.features.column import Column

def compute(view, context, fitted):
    history, log = view.history, view.history.rows
    def column(values, name="odd", meaning="odd"):
        return Column(name, np.asarray(values, dtype=float), meaning, "odd")
"""


def tried(folder: Path, body: str) -> list[str]:
    path = folder / "odd.py"
    path.write_text(HEAD + f"    {body}\n", encoding="utf-8")
    return try_feature(path)


def test_what_new_writes_passes_the_trial(tmp_path: Path) -> None:
    path = new_feature("loyalty", tmp_path / "features")
    assert path == tmp_path / "features" / "loyalty.py"
    assert try_feature(path) == []


def test_new_overwrites_nothing_and_refuses_a_name_that_fits_no_column(tmp_path: Path) -> None:
    new_feature("loyalty", tmp_path).write_text("mine", encoding="utf-8")
    with pytest.raises(FeatureExists, match="loyalty.py is there already"):
        new_feature("loyalty", tmp_path)
    assert (tmp_path / "loyalty.py").read_text(encoding="utf-8") == "mine"
    with pytest.raises(FeatureNameRefused, match="'Loyal-ty' cannot begin a column name"):
        new_feature("Loyal-ty", tmp_path)


@pytest.mark.parametrize("name", family.BUILT_IN)
def test_the_built_in_families_pass_their_own_trial(name: str) -> None:
    assert try_feature(Path(family.__file__).with_name(f"{name}.py")) == []


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("yield column(np.diff(log.starts)[view.units])", "a row at or after as_of changes it"),
        (
            "yield column([(log.time[a:b] < view.any._now).sum() for a, b in zip(log.starts, log.starts[1:])])",
            "a row not known at as_of changes it",
        ),
        ("yield column(view.any.count(28) - view.any.count(28).mean())", "other customers change it"),
        ("yield column(log.values['amount'][np.maximum(view.any._end - 1, 0)])", "the order of rows changes it"),
        (
            "yield column(np.random.default_rng().random(len(view.units)))",
            "the same history twice gives different values",
        ),
        ("yield column(np.zeros(3))", "must have one value a unit"),
        ("yield column(1 / (view.any.count(7) * 0 + np.finfo(float).tiny * 1e-9))", "must be finite or missing"),
        ("yield column(view.any.count(), name='Bad Name')", "'Bad Name': a name must be lower-case"),
        ("yield column(view.any.count(), meaning=' ')", "odd: must have a meaning"),
        ("yield column(view.any.count()); yield column(view.any.count(7))", "odd: is yielded 2 times"),
        ("yield column(np.arange(len(history)))", "other customers change it"),
        ("yield column(view.nothing)", "compute fails on an invented history: AttributeError"),
        ("return []", "compute yields no column"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:overflow")
def test_a_feature_that_breaks_a_rule_is_caught_and_told_so(tmp_path: Path, body: str, sentence: str) -> None:
    findings = tried(tmp_path, body)
    assert any(sentence in finding for finding in findings), findings


def test_a_feature_of_all_units_of_the_history_is_caught_though_its_values_are_right(tmp_path: Path) -> None:
    body = "yield column(history.as_of(view.as_of).any.count(28))"
    assert any("of view.units" in finding for finding in tried(tmp_path, body))


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text("def compute(:\n", encoding="utf-8")
    assert "importing odd.py fails: SyntaxError" in try_feature(tmp_path / "odd.py")[0]
    assert "is not a file" in try_feature(tmp_path / "gone.py")[0]


OTHERS = """
import numpy as np
from tenure.pipelines.features.column import Column
from tenure.pipelines.features.sums import GroupSums

def gather(view, context, fitted):
    {gathered}
    return {{"all": GroupSums.of(np.array(["all"] * len(view.units), dtype=object), rows=counts)}}

def observe(view, context, fitted):
    return {{"unit": np.arange(len(view.units)), "rows": {observed}}}

def learn(observed, context):
    return {{"mean": float(observed["rows"].mean())}}

def compute(view, context, fitted):
    rows = view.any.count()
    total = context.table("odd", "all").at(["all"], "rows")[0]
    yield Column("odd_share", rows / max(total, 1), "share of everybody's rows", "odd")
    state = fitted.learnt["odd"][0]
    yield Column("odd_pace", rows - state["mean"], "rows above the mean", "odd", 0, "learnt:odd")
"""
HONEST = "counts = view.any.count().astype(np.int64)"
PEEKING = "counts = np.diff(view.history.rows.starts)[view.units]"


def test_a_family_that_gathers_and_learns_is_tried_given_what_it_gathered_and_learnt(tmp_path: Path) -> None:
    text = OTHERS.format(gathered=HONEST, observed="view.any.count()")
    (tmp_path / "odd.py").write_text(text, encoding="utf-8")
    assert try_feature(tmp_path / "odd.py") == []


@pytest.mark.parametrize(
    ("gathered", "observed", "sentence"),
    [
        (PEEKING, "view.any.count()", "gather: a row at or after as_of changes it"),
        (HONEST, "np.diff(view.history.rows.starts)[view.units]", "observe: a row at or after as_of changes it"),
    ],
)
def test_a_family_that_gathers_or_observes_the_future_is_caught(
    tmp_path: Path, gathered: str, observed: str, sentence: str
) -> None:
    (tmp_path / "odd.py").write_text(OTHERS.format(gathered=gathered, observed=observed), encoding="utf-8")
    assert sentence in try_feature(tmp_path / "odd.py")


def test_a_family_that_observes_must_learn(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(HEAD + "    return []\n\ndef observe(*_):\n    return {}\n", encoding="utf-8")
    assert "only one of `observe` and `learn`" in try_feature(tmp_path / "odd.py")[0]
