"""The API by example: the requests in the README, asked of the application, and the shape of its answers."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import readme
from sqlalchemy import insert

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.source import Source
from tenure.pipelines.store.decision_tables import hold_out_draws
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.store.score_sets import publish, write_score_set
from tenure.serving.app import create_app
from tenure.serving.histories import History
from tenure.serving.scorer import Reason, Scorers, UnitScore
from tenure.serving.settings import ServiceSettings

with warnings.catch_warnings():  # starlette would rather have the successor of httpx
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

ADDRESS = "http://127.0.0.1:3000"
ANSWERS = ("risk", "at-risk", "delivery", "score", "problem", "actions")
NOON = dt.datetime(2018, 1, 1, 12, tzinfo=dt.UTC)
REASON = {"theme": "silence", "text": "no purchase for 19 days; usually every 4", "sayable": True, "log_odds": 1.2}


class Even:
    """A scorer to whom all are alike."""

    def score(self, *, as_of: dt.date, customers: Sequence[History], context: Mapping[str, Any]) -> list[UnitScore]:
        """One half for everybody."""
        reasons = (Reason.model_validate(REASON),)
        return [
            UnitScore(
                unit_id=c.customer_id,
                customer_id=c.customer_id,
                status="scored",
                probability=0.5,
                probability_low=0.4,
                probability_high=0.6,
                reasons=reasons,
            )
            for c in customers
        ]


@pytest.fixture(scope="module")
def client(shop: Path) -> Iterator[TestClient]:
    """The application with one published score."""
    project, engine = load_project(shop), open_store(shop / "served")
    till = Source(name="till", live=True)
    project = project.model_copy(update={"source": (*(s for s in project.source if s.name != "till"), till)})
    rows = pd.DataFrame(
        [("1253", "1253", "scored", 0.4, "high", [REASON], 465.0, 12.68, 1)],
        columns=["unit_id", "customer_id", "status", "probability", "band", "reasons", "value", "gain", "place"],
    ).assign(probability_low=0.3, probability_high=0.5)
    about = {"model_version": "shop-quiet/1", "snapshot_id": "1", "definition": "quiet: no purchase", "verdict": "use"}
    number = write_score_set(engine, rows, outcome="quiet", as_of=NOON.date(), created_at=NOON, **about)
    publish(engine, "quiet", number)
    draw = {"starts": "2018-01-01", "share": 0.1, "salt": "a salt", "drawn_at": dt.datetime(2018, 1, 1)}
    with engine.begin() as connection:
        connection.execute(insert(hold_out_draws), draw)
    scorers = Scorers(lambda _outcome, _version: Even())
    thread = scorers.want("quiet", "shop-quiet/1")
    assert thread is not None
    thread.join(10)
    app = create_app(ServiceSettings(project=project), engine=engine, scorers=scorers, now=lambda: NOON)
    yield TestClient(app, base_url=ADDRESS)
    engine.dispose()


def ask(client: TestClient, command: str) -> Any:
    """Do what a curl command would do."""
    words = shlex.split(command)[1:]
    url = next(word for word in words if word.startswith(ADDRESS))
    options = dict(pairwise(words))
    if "-d" not in options:
        return client.get(url).json()
    name, _, value = options["-H"].partition(": ")
    return client.post(url, content=options["-d"], headers={name: value}).json()


def shape(value: Any) -> Any:
    """Names and kinds of values, to any depth; a list by its first entry."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value[:1]]
    return type(value).__name__


@pytest.mark.parametrize(("command", "name"), list(zip(readme.typed(first="curl"), ANSWERS, strict=True)), ids=ANSWERS)
def test_an_answer_shown_has_the_shape_of_the_real_one(client: TestClient, command: str, name: str) -> None:
    found, shown = ask(client, command), json.loads(readme.answer(name))
    assert shape(found) == shape(shown)
    assert list(found) == list(shown)


def test_a_refusal_shown_is_word_for_word(client: TestClient) -> None:
    command = readme.typed(first="curl")[ANSWERS.index("problem")]
    found, shown = ask(client, command), json.loads(readme.answer("problem"))
    for answer in (found, shown):
        assert re.fullmatch(r"urn:tenure:request:[0-9a-f]{24}", answer.pop("instance"))
    assert found == shown


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/openapi.json"])
def test_the_other_routes_named_are_there(client: TestClient, path: str) -> None:
    assert f"`{path}`" in readme.TEXT
    assert client.get(path).status_code == 200


def test_an_unknown_customer_is_as_described(client: TestClient) -> None:
    answer = client.get("/v1/customers/nobody/risk").json()
    assert '`"status": "unknown"`' in readme.TEXT
    assert (answer["status"], answer["probability"]) == ("unknown", None)
