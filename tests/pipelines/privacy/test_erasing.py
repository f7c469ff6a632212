"""After an erasure nothing of the person is left anywhere, nobody else misses anything, and nothing comes back."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import json
import shutil
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from command import tenure
from somebody import CASE, NAME, NEEDLES, ONCE, OTHER, OUTSIDE, TEXT, WHO, dumped, places_that_name, write_shop
from sqlalchemy import Engine, func, insert, select

from tenure.pipelines.access.audit import verify_chain
from tenure.pipelines.examples import study
from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.live.hooks import keep_record
from tenure.pipelines.live.refreshing import Refresher
from tenure.pipelines.privacy.roster import trained_with
from tenure.pipelines.registry import Registry
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.alert_tables import alerts
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.erased_rows import OWN, tables_of_people
from tenure.pipelines.store.score_sets import published_set, risk_of
from tenure.pipelines.store.tables import scores
from tenure.pipelines.store.write_back_tables import write_backs
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

with warnings.catch_warnings():  # starlette would rather have the successor of httpx
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")]

NOON = dt.datetime(2024, 12, 29, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def trained_with_somebody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_shop(tmp_path_factory.mktemp("somebody") / "shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "LEAST_ROWS", 0)  # so that the cache is used
        for words in (("train", folder), ("score", folder)):
            ran = tenure(*words)
            assert ran.code == 0, ran.err
    return folder


@pytest.fixture
def folder(trained_with_somebody: Path, tmp_path: Path, store_section: str) -> Path:
    """The shop in which everything that can be kept of anybody is kept of somebody, in either database."""
    folder = Path(shutil.copytree(trained_with_somebody, tmp_path / "shop"))
    with (folder / "tenure.toml").open("a") as file:
        file.write(store_section)
    if store_section:
        for file in (folder / ".tenure").glob("store.sqlite*"):
            file.unlink()
        assert tenure("score", folder).code == 0
    project = load_project(folder)
    store = project_store(project)
    _live_through(folder, project, store)
    store.dispose()
    return folder


@contextlib.contextmanager
def client_of(project: Project, store: Engine) -> Iterator[TestClient]:
    app = create_app(ServiceSettings(project=project), engine=store, scorers=Scorers(None), now=lambda: NOON)  # type: ignore[arg-type]
    yield TestClient(app, base_url="http://127.0.0.1", headers={"Origin": "http://127.0.0.1"})
    app.state.auditor.close()


def _live_through(folder: Path, project: Project, store: Engine) -> None:
    """Deliver, list, call, note, tell and export, so that every table and folder has the person in it."""
    with client_of(project, store) as client:
        for number, name in enumerate((WHO, f"letters:{OUTSIDE}", OTHER)):
            _deliver(client, f"t{number}", name)
    exports = folder / ".tenure" / "exports"
    exports.mkdir()
    assert tenure("score", folder, "--out", exports / "scores.parquet").code == 0
    assert tenure("list", folder, "--publish", "--capacity", 400).code == 0
    with client_of(project, store) as client:
        for form in ("csv", "json", "xlsx"):
            answer = client.get(f"/v1/export?format={form}")
            assert answer.status_code == 200
            (exports / f"list.{form}").write_bytes(answer.content)
        for name in (WHO, OTHER):
            _work_on(client, name)
        _deliver(client, "later", WHO)
    Refresher(project, store, partial(_model, project)).once(NOON)
    keep_record(store, "letters", {"ticket": {"requester_id": OUTSIDE}}, delivery="d1", case=CASE, now=NOON)
    keep_record(store, "letters", {"ticket": {"requester_id": "p6"}}, delivery="d2", case="k6", now=NOON)
    with store.begin() as connection:
        for name in (WHO, OTHER):
            told = {"tool": "zendesk", "customer_id": name, "external_id": OUTSIDE if name == WHO else "p6"}
            connection.execute(insert(write_backs), {**told, "wanted": "high", "attempts": 0})
            raised = {"at": NOON.replace(tzinfo=None), "day": "2024-12-29", "outcome": "lapse", "customer_id": name}
            raised |= {"unit_id": name, "kind": "level", "band": "high", "probability": 0.5, "beyond": False}
            connection.execute(insert(alerts), {**raised, "as_of": "2024-12-29", "model_version": "1"})


def _deliver(client: TestClient, number: str, name: str) -> None:
    row = {"interaction_id": number, "customer_id": name, "occurred_at": "2024-12-28T10:00:00Z", "kind": "purchase"}
    body = {"interactions": [{**row, "amount": 7.0, "text": TEXT if name != OTHER else "fine"}]}
    answer = client.post("/v1/interactions", json=body, headers={"Idempotency-Key": f"k-{number}-{name}"})
    assert answer.json()["accepted"] == 1, answer.text


def _work_on(client: TestClient, name: str) -> None:
    """Call, tell, note and look up, as a team would."""
    action = {"customer_id": name, "at": "2024-12-29T10:00:00Z", "offer": f"for {name}", "result": "reached"}
    assert client.post("/v1/actions", json={"actions": [action]}).status_code == 201
    called = NAME if name == WHO else "another"
    said = {"customer_id": name, "why": "stays", "text": f"{called} says so"}
    assert client.post("/v1/feedback", json=said).status_code == 201
    note = {"outcome": "lapse", "c": name, "do": "note", "text": f"{called} called", "back": "/"}
    for form in (note, note | {"do": "assign", "owner": "me"}):
        assert client.post("/desk/care", data=form, follow_redirects=False).status_code == 303
    assert client.get(f"/v1/customers/{name}/risk").status_code == 200
    assert client.get(f"/customers/{name}").status_code == 200


def _model(project: Project, _outcome: str, version: str) -> ScoringModel:
    name, _, number = version.rpartition("/")
    return open_model(Registry(project.data).version(name, number).directory)


def held(folder: Path) -> dict[str, Any]:
    """How many rows each table has of the others, and what is served of them."""
    store = project_store(load_project(folder))
    with reading(store) as connection:
        found: dict[str, Any] = {}
        for table in (scores, *tables_of_people()):
            theirs = table.c[OWN].not_in([WHO, ONCE, f"letters:{OUTSIDE}", f"letters:{ONCE}"])
            found[table.name] = connection.scalar(select(func.count()).select_from(table).where(theirs))
        served = published_set(connection, "lapse")
        assert served is not None
        found["other"] = [one.probability for one in risk_of(connection, served.score_set_id, OTHER)]
    store.dispose()
    return found


def test_no_byte_of_the_person_is_left(folder: Path, request: pytest.FixtureRequest, store_section: str) -> None:
    data = folder / ".tenure"
    before, named = held(folder), places_that_name(data)
    assert {one.split("/")[0] for one in named} >= {"lake", "feeds", "exports"}
    assert {one.split(":")[0] for one in named if "exports" in one} == {
        f"exports/{name}" for name in ("list.csv", "list.json", "list.xlsx", "scores.parquet")
    }
    ran = tenure("erase", WHO, folder, "--yes", "--json")
    assert ran.code == 0, ran.err
    receipt = json.loads(ran.out)
    assert places_that_name(data) == []
    assert places_that_name(folder / "erasures.ndjson") == []
    if store_section:
        text = dumped(request.getfixturevalue("postgres"))
        assert OTHER in text and [one for one in NEEDLES if one in text] == []
    assert not any(one in json.dumps(receipt) for one in NEEDLES)
    removed = receipt["removed"]["store"]
    wanted = {"scores", "events", "actions", "feedback", "notes", "cares", "list_members", "alerts", "write_backs"}
    assert set(removed) >= wanted | {"external_ids", "hooks", "deliveries", "past_scores", "overlays"}
    assert receipt["models"] == ["shop-lapse/1"]
    assert {one["source"] for one in receipt["sources"]} == {"sales", "members", "letters", "links", "names"}
    assert held(folder) == before
    assert all(place.exists() for place in (data / "exports" / "list.csv", data / "exports" / "list.json"))
    with (data / "exports" / "list.csv").open(newline="") as file:
        assert OTHER in {row["customer_id"] for row in csv.DictReader(file)}


def test_ranks_have_no_gap_and_nothing_comes_back(folder: Path) -> None:
    assert tenure("erase", ONCE, folder, "--yes").code == 0
    project = load_project(folder)
    store = project_store(project)
    with reading(store) as connection:
        served = published_set(connection, "lapse")
        assert served is not None
        mine = scores.c.score_set_id == served.score_set_id
        rows = connection.execute(select(scores.c.rank, scores.c.place, scores.c.status).where(mine)).all()
    ranks, places = (sorted(row[n] for row in rows if row[n] is not None) for n in (0, 1))
    assert ranks == list(range(1, served.counts["scored"] + 1)) and len(ranks) == sum(served.histogram or [])
    assert places == list(range(1, (served.worth or {})["placed"] + 1))
    assert sum(served.counts.values()) == len(rows) == 519
    verify_chain(store)
    with client_of(project, store) as client:
        row = {"interaction_id": "t9", "customer_id": ONCE, "occurred_at": "2024-12-28T10:00:00Z", "kind": "purchase"}
        others = {**row, "interaction_id": "t8", "customer_id": OTHER}
        answer = client.post("/v1/interactions", json={"interactions": [row, others]}).json()
        assert (answer["accepted"], answer["suppressed"]) == (1, 1)
    letters = folder / "letters.csv"
    letters.write_text(letters.read_text() + f"new-1,{OUTSIDE},,2024-12-01T10:00:00Z,{TEXT},1\n")
    checked = json.loads(tenure("check", folder, "--json").out)
    dropped = {one["name"]: one["suppressed"] for one in checked["sources"]}
    assert dropped == {"sales": 22, "members": 1, "letters": 4, "links": 2, "names": 1}
    assert tenure("score", folder).code == 0
    assert places_that_name(folder / ".tenure") == []
    snapshot = current_snapshot(project, store)
    assert snapshot.customers == 519
    assert trained_with(project.data, [WHO]) == ["shop-lapse/1"]
    store.dispose()
