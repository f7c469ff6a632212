"""Whoever objects to profiling is not scored anywhere, at once, and nothing is learnt from them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command import tenure
from sqlalchemy import Engine, select

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.privacy.objecting import not_profiled
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.monitor_tables import kept_scores
from tenure.pipelines.store.objections import objecting, settle_objections, take_objection
from tenure.pipelines.store.past import past_of
from tenure.pipelines.store.score_sets import at_risk, published_set, risk_of
from tenure.pipelines.store.tables import scores

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")]

NOW = dt.datetime(2024, 12, 29, 12, tzinfo=dt.UTC)


@pytest.fixture
def project(trained: Path, store_section: str) -> Project:
    with (trained / "tenure.toml").open("a") as file:
        file.write(store_section)
    if store_section:
        assert tenure("score", trained).code == 0
    return load_project(trained)


@pytest.fixture
def store(project: Project) -> Iterator[Engine]:
    store = project_store(project)
    yield store
    store.dispose()


def riskiest(store: Engine) -> str:
    with reading(store) as connection:
        found = published_set(connection, "lapse")
        assert found is not None
        return at_risk(connection, found.score_set_id, limit=1)[0].customer_id


def test_scores_go_at_once_and_everybody_is_accounted_for(project: Project, store: Engine) -> None:
    who = riskiest(store)
    with reading(store) as connection:
        before = published_set(connection, "lapse")
        assert who in set(connection.scalars(select(kept_scores.c.customer_id)))
    ran = tenure("object", who, project.root, "--json")
    assert (ran.code, json.loads(ran.out)["objects"]) == (0, True), ran.err
    with reading(store) as connection:
        served = published_set(connection, "lapse")
        assert served is not None and before is not None
        (mine,) = risk_of(connection, served.score_set_id, who)
        assert (mine.status, mine.probability, mine.band, mine.reasons, mine.facts) == ("objected", *[None] * 4)
        assert past_of(connection, "lapse", who) == []
        assert who not in set(connection.scalars(select(kept_scores.c.customer_id)))
        assert served.counts == {**before.counts, "scored": before.counts["scored"] - 1, "objected": 1}
        first = at_risk(connection, served.score_set_id, limit=1)[0]
        assert (first.rank, first.customer_id == who) == (1, False)
    assert riskiest(store) != who
    listed = json.loads(tenure("list", project.root, "--format", "json", "--capacity", 500).out)
    assert listed and who not in {row["customer_id"] for row in listed}


def test_the_next_set_is_without_them_until_it_is_taken_back(project: Project, store: Engine) -> None:
    who = riskiest(store)
    assert tenure("object", who, project.root).code == 0
    for withdrawn, status in ((False, "objected"), (True, "scored")):
        if withdrawn:
            assert tenure("object", who, project.root, "--withdraw").code == 0
        assert tenure("score", project.root).code == 0
        with reading(store) as connection:
            served = published_set(connection, "lapse")
            assert served is not None
            assert [one.status for one in risk_of(connection, served.score_set_id, who)] == [status]


@pytest.mark.parametrize("store_section", ["sqlite"], indirect=True)
def test_nothing_is_learnt_from_them(project: Project, store: Engine) -> None:
    day = dt.date(2024, 9, 22)
    study = Study.of(project, current_snapshot(project, store), "lapse")
    without = replace(study, objectors=frozenset({"c001", "c002"}))
    both = [build_examples(one, {day}, knowledge={day}, processes=1) for one in (study, without)]
    names = [set(one.frame["customer_id"]) for one in both]
    assert names[0] - names[1] == {"c001", "c002"} & names[0] != set()
    learnt = [one.fitted[day].learnt["repeat_buying"] for one in both]
    assert learnt[0] != learnt[1]  # the parameters of all buyers


def test_who_objects_while_a_set_is_made_is_not_in_it(store: Engine) -> None:
    who = riskiest(store)
    with reading(store) as connection:
        served = published_set(connection, "lapse")
        rows = connection.execute(select(scores).where(scores.c.customer_id == who)).all()
    assert served is not None
    take_objection(store, [who], who="me", now=NOW)
    with store.begin() as connection:  # as if the set had been written a moment later
        connection.execute(scores.delete().where(scores.c.customer_id == who))
        connection.execute(scores.insert(), [dict(row._mapping) for row in rows])
    assert settle_objections(store, served.score_set_id) == 1
    with reading(store) as connection:
        assert [one.status for one in risk_of(connection, served.score_set_id, who)] == ["objected"]
        assert objecting(connection) == {who}


def test_a_profile_may_be_the_permission(project: Project, store: Engine) -> None:
    text = (project.root / "tenure.toml").read_text()
    permission = text.replace('role = "feature"', 'role = "permission"', 1)
    (project.root / "tenure.toml").write_text(permission + '[privacy]\npermission = "region"\nrefused = "R1"\n')
    asked = load_project(project.root)
    with reading(store) as connection:
        found = not_profiled(connection, asked, current_snapshot(asked, store))
    assert found == {f"c{n:03d}" for n in range(520) if n % 3 == 1}
    (project.root / "tenure.toml").write_text(text + '[privacy]\npermission = "region"\n')
    assert "privacy.permission = 'region': its [profile] has the role feature" in tenure("check", project.root).said
