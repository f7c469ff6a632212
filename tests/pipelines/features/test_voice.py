"""What customers' messages are learnt from, and what is said of them in a project of its own."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from histories import OUTCOMES, World, question, same_bits, told
from till import LATE, NOW

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.work import describe_history
from tenure.pipelines.features import voice
from tenure.pipelines.features.folds import FOLDS, fold_of
from tenure.pipelines.features.labelled import labelled
from tenure.pipelines.features.voice import learn
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.texts import read_texts
from tenure.pipelines.scoring.live import history_of
from tenure.pipelines.scoring.question import Question
from tenure.pipelines.settings.load import parse_project
from tenure.pipelines.settings.text import Text
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.text.reading import text_id
from tenure.pipelines.text.signals import SIGNALS

AS_OF = dt.date(2024, 6, 1)
BAD = ("nie działa od wczoraj", "awful service again", "не работи отново", "terrible, I am angry")
GOOD = ("dziękuję za pomoc", "great, thank you", "благодаря за помощта", "wonderful service")


def labels(text: str, **settings: int) -> dict[str, dict[str, float]]:
    """The labels as of June of each message, by its text (words joined by underscores)."""
    world = World(told(text), (), AS_OF, question(OUTCOMES["inactivity"]))
    found = pd.DataFrame(dict(labelled(world.history().as_of(AS_OF), Text(**settings))))
    return {row["text"]: {name: row[name] for name in SIGNALS} for row in found.to_dict("records")}


def test_a_complaint_is_what_came_in_as_one_and_our_own_messages_are_not_read() -> None:
    found = labels("""
        a complaint   2024-05-01 text=broken
        a message_in  2024-05-02 text=where
        a message_out 2024-05-03 text=sorry
        a call        2024-05-03 text=ours direction=outbound
        a message_out 2024-05-04 text=theirs direction=inbound
        a message_in  2024-06-01 text=tomorrow
        a message_in  2024-05-05 text=late known=2024-07-01
    """)
    assert {text: label["complaint"] for text, label in found.items()} == {"broken": 1, "where": 0, "theirs": 0}


def test_the_tone_is_that_of_the_lowest_rating_of_the_case_known_by_then() -> None:
    found = labels("""
        a message_in      2024-05-01 case_id=k1 text=one
        a survey_answered 2024-05-02 case_id=k1 rating=0.25
        a survey_answered 2024-05-03 case_id=k1 rating=1.0
        a message_in      2024-05-01 case_id=k2 text=two
        a survey_answered 2024-05-02 case_id=k2 rating=0.75
        a message_in      2024-05-01 case_id=k3 text=three
        a survey_answered 2024-05-02 case_id=k3 rating=0.5
        a message_in      2024-05-01 case_id=k4 text=four
        a survey_answered 2024-06-02 case_id=k4 rating=0.0
        b message_in      2024-05-01 case_id=k1 text=five
        b survey_answered 2024-05-05 rating=0.0 text=six
    """)
    tone = {text: label["tone"] for text, label in found.items()}
    assert tone == pytest.approx(
        {"one": 1, "two": 0, "three": 0.5, "four": np.nan, "five": np.nan, "six": 1}, nan_ok=True
    )


def test_leaving_is_what_notice_follows_within_sixty_days_before_the_date() -> None:
    found = labels("""
        a message_in   2024-02-01 text=long_before
        a message_in   2024-05-01 text=before
        a cancellation 2024-05-31 text=goodbye
        b message_in   2024-03-01 text=stayed
        b message_in   2024-05-01 text=open
        b notice       2024-06-05
    """)
    leave = {text: label["leave"] for text, label in found.items()}
    assert leave == pytest.approx(
        {"long_before": 0, "before": 1, "goodbye": 1, "stayed": 0, "open": np.nan}, nan_ok=True
    )


def test_effort_is_a_case_reopened_or_written_to_again_and_again() -> None:
    found = labels(
        """
        a message_in 2024-04-01 case_id=k1 text=reopened
        a reopened   2024-04-05 case_id=k1
        a message_in 2024-04-01 case_id=k2 text=first
        a message_in 2024-04-02 case_id=k2 text=second
        a message_in 2024-04-03 case_id=k2 text=third
        a message_in 2024-05-30 case_id=k3 text=fresh
        a message_in 2024-04-01 text=alone
    """,
        effort_messages=2,
    )
    effort = {text: label["effort"] for text, label in found.items()}
    expected = {"reopened": 1, "first": 1, "second": 0, "third": 0, "fresh": np.nan, "alone": np.nan}
    assert effort == pytest.approx(expected, nan_ok=True)


def test_labels_given_as_attributes_win() -> None:
    rows = [row | {"attributes": {"label_complaint": "0", "label_leave": "1", "label_tone": "bad"}}
            for row in told("a complaint 2024-05-20 text=broken")]  # fmt: skip
    world = World(tuple(rows), (), AS_OF, question(OUTCOMES["inactivity"]))
    found = labelled(world.history().as_of(AS_OF), Text())
    assert [found[name].tolist()[0] for name in ("complaint", "leave")] == [0.0, 1.0]
    assert np.isnan(found["tone"]).all()


def observed(bad: int, good: int, **others: float) -> pd.DataFrame:
    texts = [f"{BAD[n % 4]} {n}" for n in range(bad)] + [f"{GOOD[n % 4]} {n}" for n in range(good)]
    return pd.DataFrame({"text": texts, "tone": [1.0] * bad + [0.0] * good} | {
        name: others.get(name, np.nan) for name in SIGNALS[1:]
    })  # fmt: skip


def test_a_signal_with_too_few_labels_on_one_side_is_not_guessed() -> None:
    context = question(OUTCOMES["inactivity"]).context
    assert learn(observed(29, 60), context) is None
    assert learn(observed(60, 60, leave=0.0), context)["names"].tolist() == ["tone"]
    assert learn(observed(0, 0), context) is None


def test_the_order_of_what_was_observed_does_not_matter() -> None:
    context = question(OUTCOMES["inactivity"]).context
    rows = observed(40, 50)
    one, other = learn(rows, context), learn(rows[::-1].reset_index(drop=True), context)
    assert {name: array.tobytes() for name, array in one.items()} == {n: a.tobytes() for n, a in other.items()}


def test_of_too_many_messages_the_same_are_learnt_from_in_whatever_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "MOST", 80)
    context = question(OUTCOMES["inactivity"]).context
    rows = observed(60, 70)
    one, other = learn(rows, context), learn(rows[::-1].reset_index(drop=True), context)
    chosen = rows.loc[rows["text"].map(text_id).sort_values().index[:80]]
    for found in (other, learn(chosen, context)):
        assert {name: array.tobytes() for name, array in one.items()} == {n: a.tobytes() for n, a in found.items()}


def messages(customers: int = 60) -> pd.DataFrame:
    """Customers who buy weekly and write weekly, half of them in a bad tone; agents answer every time."""
    rows = []
    for customer in range(customers):
        mood = BAD if customer % 2 else GOOD
        for week, day in enumerate(pd.date_range("2024-01-01", "2024-06-24", freq="7D", tz="UTC")):
            case, who = f"k{customer}-{week}", f"c{customer}"
            at = day + pd.Timedelta(hours=9)
            rows += [
                {"customer_id": who, "kind": "purchase", "occurred_at": at, "amount": 10.0},
                {"customer_id": who, "kind": "message_in", "occurred_at": at, "case_id": case, "text": f"{mood[week % 4]} {customer}"},
                {"customer_id": who, "kind": "message_out", "occurred_at": at, "case_id": case, "text": f"<p>Sorry, Ms Name{customer}</p>"},
                {"customer_id": who, "kind": "survey_answered", "occurred_at": at, "case_id": case, "rating": float(customer % 2 == 0)},
            ]  # fmt: skip
    odd = ["\x00", "x" * 1_000_000, "<div><p>" * 2_000, "😡", "شكرا", "", "obs艂uga jest z艂a"]
    rows += [
        {"customer_id": "c0", "kind": "message_in", "occurred_at": pd.Timestamp("2024-05-01", tz="UTC"), "text": text}
        for text in odd
    ]
    return pd.DataFrame(rows).assign(interaction_id=[f"i{n:05d}" for n in range(len(rows))])


def project_of(root: Path, **text: object) -> Study:
    root.mkdir()
    messages().to_parquet(root / "desk.parquet")
    names = pd.DataFrame(
        {"customer_id": [f"c{n}" for n in range(60)], "name": "name", "value": [f"Ann Name{n}" for n in range(60)]}
    )
    names.assign(occurred_at=pd.Timestamp("2023-12-01", tz="UTC")).to_parquet(root / "names.parquet")
    source = {"timezone": "UTC", "complete_until": dt.date(2024, 7, 1)}
    content = {
        "project": {"name": "desk"},
        "source": [
            {"name": "desk", "files": "desk.parquet", **source},
            {"name": "names", "files": "names.parquet", "into": "profiles", **source},
        ],
        "profile": {"name": {"type": "category", "role": "display"}},
        "outcome": {"lapse": {"type": "inactivity", "kinds": ["purchase"], "eligible": {"active_days": 28}, "horizon_days": 7}},
        "features": {"min_customers": 3, "families": ["activity", "voice"]},
        "text": {"least_labels": 10, **text},
    }  # fmt: skip
    project = parse_project(content, root=root)
    return Study.of(project, import_sources(project, now=NOW, store=open_store(project.data)))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return project_of(tmp_path_factory.mktemp("voice") / "desk")


@pytest.fixture(scope="module")
def examples(study: Study) -> Examples:
    return build_examples(study, {LATE}, knowledge={LATE}, processes=1)


def test_texts_are_read_once_at_import_and_kept_beside_the_interactions(study: Study) -> None:
    held = read_texts(study.snapshot.folder, 0)
    assert held is not None
    texts = dict(zip(held["text"].to_pylist(), held["language"].to_pylist(), strict=True))
    assert max(map(len, texts)) == 1_000
    assert texts["dziękuję za pomoc 0"] == "pl"
    assert {"obsługa jest zła", "Sorry, Ms Name7", "😡"} <= set(texts)
    raw = pq.read_table(study.snapshot.interactions(0), columns=["text"])["text"].to_pylist()
    assert "<p>Sorry, Ms Name7</p>" in raw


def test_nobody_is_described_by_a_state_that_has_seen_them(examples: Examples) -> None:
    states = examples.fitted[LATE].learnt["voice"]
    assert len(states) == FOLDS
    assert all(state is not None and "tone" in state["names"].tolist() for state in states)
    rows = examples.at(LATE, LATE).set_index("customer_id")
    bad = rows.index.map(lambda name: int(name[1:]) % 2 == 1)
    assert (rows.loc[bad, "voice_tone_mean_28d"] > 0).all()
    assert (rows.loc[~bad, "voice_tone_mean_28d"] < 0).all()
    assert len({fold_of(name) for name in rows.index}) == FOLDS
    assert rows["voice_leave_mean_28d"].isna().all()
    assert (rows[["voice_apology_share_28d", "voice_name_share_364d"]] == 1.0).all(axis=None)


def test_one_customer_alone_sounds_as_in_the_batch(study: Study, examples: Examples) -> None:
    asked = Question.of(study, examples.fitted[LATE])
    again = Question.from_json(json.loads(json.dumps(asked.to_json())), asked.files())
    task = again.task(LATE, lake=study.snapshot.folder, modules=study.project.root)
    names = [f.name for f in examples.features(LATE)]
    assert sum(name.startswith("voice_") for name in names) > 40
    for who in ("c0", "c7"):
        rows = [
            {k: v for k, v in row.items() if not pd.isna(v)}
            for row in messages().to_dict("records")
            if row["customer_id"] == who
        ]
        facts = [
            {
                "customer_id": who,
                "name": "name",
                "value": f"Ann Name{who[1:]}",
                "occurred_at": dt.datetime(2023, 12, 1, tzinfo=dt.UTC),
            }
        ]
        live = describe_history(task, history_of(again, rows, facts)).frame.set_index("unit_id")
        same_bits(live[names], examples.at(LATE, LATE).set_index("unit_id")[names])


def test_a_lone_surrogate_in_a_request_is_no_error(study: Study, examples: Examples) -> None:
    asked = Question.of(study, examples.fitted[LATE])
    row = {
        "customer_id": "z",
        "kind": "message_in",
        "occurred_at": dt.datetime(2024, 5, 1, tzinfo=dt.UTC),
        "text": "no \ud800",
    }
    assert history_of(asked, [row]).texts.texts == ("no \ufffd",)


def test_with_the_extra_signals_without_labels_are_read_by_anchors(tmp_path: Path) -> None:
    made = project_of(tmp_path / "desk", embeddings=True, cut=60)
    rows = build_examples(made, {LATE}, knowledge={LATE}, processes=1).at(LATE, LATE)
    assert rows["voice_leave_mean_28d"].notna().all()
    assert (made.project.data / "embeddings.sqlite").is_file()


def test_other_settings_of_the_text_import_anew(study: Study) -> None:
    project = study.project.model_copy(update={"text": Text(cut=100)})
    again = import_sources(project, now=NOW, store=open_store(project.data))
    assert again.snapshot_id != study.snapshot.snapshot_id
    assert replace(again, snapshot_id="", folder=study.snapshot.folder, fingerprint="").rows == study.snapshot.rows
