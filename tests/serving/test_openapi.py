"""The OpenAPI description tells of the real responses."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tenure.pipelines.languages import LANGUAGES
from tenure.serving.exporting import TYPES


def test_every_route_describes_its_answer_and_its_problems(client: TestClient) -> None:
    schema = client.get("/v1/openapi.json").json()
    assert set(schema["paths"]) == {
        "/v1/customers/{customer_id}",
        "/v1/customers/{customer_id}/objection",
        "/v1/customers/{customer_id}/risk",
        "/v1/at-risk",
        "/v1/score",
        "/v1/export",
        "/v1/feedback",
        "/v1/actions",
        "/v1/interactions",
        "/v1/session",
        "/hooks/zendesk",
        "/hooks/chatwoot",
        "/healthz",
        "/readyz",
    }
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                kinds = set(response["content"]) - {TYPES["xlsx"]}
                assert kinds <= (
                    {"application/json", "text/csv"}
                    if status in ("200", "201", "202")
                    else {"application/problem+json"}
                )


def test_webhooks_are_said_to_need_a_signature_and_no_key(client: TestClient) -> None:
    schema = client.get("/v1/openapi.json").json()
    for tool, header in (("zendesk", "X-Zendesk-Webhook-Signature"), ("chatwoot", "X-Chatwoot-Signature")):
        operation = schema["paths"][f"/hooks/{tool}"]["post"]
        assert operation["security"] == [{tool: []}]
        assert schema["components"]["securitySchemes"][tool] == {"type": "apiKey", "in": "header", "name": header}
        assert operation["requestBody"]["content"] == {"application/json": {"schema": {"type": "object"}}}


def test_the_outcomes_one_may_ask_for_are_listed(client: TestClient) -> None:
    parameters = client.get("/v1/openapi.json").json()["paths"]["/v1/at-risk"]["get"]["parameters"]
    outcome = next(p for p in parameters if p["name"] == "outcome")
    assert outcome["schema"] == {"type": "string", "enum": ["lapse", "churn"]}
    assert outcome["required"] is False


def test_the_languages_one_may_ask_for_are_all_we_have(client: TestClient) -> None:
    paths = client.get("/v1/openapi.json").json()["paths"]
    language = next(
        p for p in paths["/v1/customers/{customer_id}/risk"]["get"]["parameters"] if p["name"] == "language"
    )
    assert language["schema"]["enum"] == list(LANGUAGES)
    assert language["schema"]["default"] == "en"


def test_every_reference_is_defined(client: TestClient) -> None:
    response = client.get("/v1/openapi.json")
    names = set(response.json()["components"]["schemas"])
    used = {part.split('"')[0] for part in response.text.split("#/components/schemas/")[1:]}
    assert used <= names
    assert "Problem" in used
    assert "HTTPValidationError" not in used
