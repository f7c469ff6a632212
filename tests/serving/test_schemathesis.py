"""Every operation of the API, asked with whatever its description allows and does not allow, by every role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.errors import InvalidSchema
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from sqlalchemy import Engine

from tenure.pipelines.access.keys import create_key
from tenure.pipelines.access.roles import Role
from tenure.pipelines.settings.load import load_project
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import LOOPBACK, ServiceSettings

OPERATIONS = (
    "/v1/customers/{customer_id}",
    "/v1/customers/{customer_id}/objection",
    "/v1/customers/{customer_id}/risk",
    "/v1/at-risk",
    "/v1/score",
    "/v1/interactions",
    "/healthz",
    "/readyz",
    "/v1/export",
    "/v1/feedback",
    "/v1/actions",
    "/v1/session",
    "/hooks/zendesk",
    "/hooks/chatwoot",
)
HOOK = '[hooks.zendesk]\nsecret = "ZENDESK_HOOK_SECRET"\nsource = "app"\n'
EXCLUDED = [positive_data_acceptance]  # no schema says that a time has passed, or that each customer comes once
ADDRESS = "http://127.0.0.1"
NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("store_section", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", [None, *Role])
def test_no_request_makes_the_service_answer_against_its_description(
    project_file: Path,
    engine: Engine,
    scorers: Scorers,
    put: Callable[..., int],
    role: Role | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project_file.write_text(project_file.read_text() + HOOK)  # of the other tool nothing is said
    monkeypatch.setenv("ZENDESK_HOOK_SECRET", "nobody knows")
    project = load_project(project_file)
    for outcome in project.outcome:
        put(outcome)
        thread = scorers.want(outcome, "7")
        assert thread is not None
        thread.join(10)
    hosts = (*LOOPBACK, "testserver")  # the name by which requests are sent again without their headers
    app = create_app(ServiceSettings(project=project, hosts=hosts), engine=engine, scorers=scorers, now=lambda: NOON)
    headers = {}
    if role is not None:
        _, text = create_key(engine, role.value, role, now=NOON, days=None)
        headers = {"Authorization": f"Bearer {text}"}
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", app, headers={**headers, "Host": "127.0.0.1"})
    found = {}
    for result in schema.get_all_operations():
        assert not isinstance(result.err() if hasattr(result, "err") else None, InvalidSchema)
        operation = result.ok()
        found[operation.path] = operation

        @given(case=operation.as_strategy())
        @settings(
            max_examples=25,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            response = case.call(base_url=ADDRESS, headers=headers)
            case.validate_response(response, excluded_checks=EXCLUDED + ([ignored_auth] if role is None else []))

        ask()
    assert set(found) == set(OPERATIONS)
