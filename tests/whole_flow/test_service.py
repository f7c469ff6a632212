"""The service from before any training to answers that equal the list, without a restart."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from command import tenure
from service import get, history_of_customer, post, serving, until_ready
from shop import sales, write_project

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.training import train

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy"),
]


def test_it_becomes_ready_without_a_restart_and_answers_as_the_list(tmp_path, store_section):
    folder = write_project(tmp_path / "shop", sales())
    with (folder / "tenure.toml").open("a") as file:
        file.write(store_section)
    with serving(folder) as address:
        refuses(address)
        fit(folder)
        assert tenure("score", folder).code == 0
        assert until_ready(address)[0] == 200
        answers_as_the_list(address, folder)


def refuses(address):
    for path in ("readyz", "v1/customers/c001/risk", "v1/at-risk"):
        status, answer = get(f"{address}/{path}")
        assert status == 503
        assert "run `tenure train` and `tenure score`" in answer["detail"]


def fit(folder):
    """Train without the back-test, which other tests run."""
    project = load_project(folder)
    store = project_store(project)
    snapshot = import_sources(project, now=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), store=store)
    store.dispose()
    train(Study.of(project, snapshot), verdict="use", proof={})


def answers_as_the_list(address, folder):
    listed = json.loads(tenure("list", folder, "--capacity", 3, "--format", "json").out)
    page = get(f"{address}/v1/at-risk?limit=3")[1]
    assert [(r["customer_id"], r["probability"]) for r in page["rows"]] == [
        (r["customer_id"], r["churn_probability"]) for r in listed
    ]
    for row in listed:
        customer = row["customer_id"]
        known = get(f"{address}/v1/customers/{customer}/risk")[1]
        assert (known["probability"], known["band"]) == (row["churn_probability"], row["risk_band"])
        body = {"as_of": row["as_of"], "customers": [history_of_customer(folder, customer)]}
        status, answer = post(f"{address}/v1/score", body)
        assert status == 200, answer
        assert answer["customers"][0]["probability"] == row["churn_probability"]
        assert answer["customers"][0]["reasons"] == known["reasons"]
    assert get(f"{address}/v1/customers/nobody/risk")[1]["status"] == "unknown"
