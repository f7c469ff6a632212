"""People log in at a real OpenID provider, as small as one can be: it runs beside the test and signs with its own key."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import Engine

from tenure.pipelines.access.people import disable
from tenure.pipelines.settings.login import Login
from tenure.pipelines.settings.project import Project
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
SECRET = "between us"


class Provider:
    """An OpenID provider that knows one person and checks client, secret and PKCE."""

    def __init__(self) -> None:
        self.key, self.other = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
        self.claims: dict[str, Any] = {"email": "ann@example.com", "groups": ["crm"]}
        self.asked: dict[str, str] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        known = base64.b64encode(f"tenure:{SECRET}".encode()).decode()
        if challenge.rstrip("=") != self.asked["code_challenge"] or authorization != f"Basic {known}":
            return None
        now = int(NOON.timestamp())
        base = {"iss": self.issuer, "aud": "tenure", "sub": "1", "iat": now, "exp": now + 300}
        claims = {**base, "nonce": self.asked["nonce"], **self.claims}
        signed = jwt.encode({"alg": "RS256"}, claims, self.key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": signed}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found: Any = {
                    "issuer": provider.issuer,
                    "authorization_endpoint": f"{provider.issuer}/authorize",
                    "token_endpoint": f"{provider.issuer}/token",
                    "jwks_uri": f"{provider.issuer}/keys",
                }
                if self.path == "/keys":
                    found = {"keys": [provider.key.as_dict(private=False)]}
                self.tell(200, found)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                found = provider.token(form, self.headers.get("Authorization", ""))
                self.tell(200 if found else 400, found or {"error": "invalid_grant"})

            def tell(self, status: int, content: Any) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def browser(
    provider: Provider, project: Project, engine: Engine, scorers: Scorers, put: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> TestClient:  # fmt: skip
    monkeypatch.setenv("OIDC_SECRET", SECRET)
    groups = {"crm": "retention", "care": "agent"}
    login = Login(issuer=provider.issuer, client_id="tenure", client_secret="OIDC_SECRET", groups=groups)
    put()
    ours = project.model_copy(update={"login": login})
    app = create_app(ServiceSettings(project=ours), engine=engine, scorers=scorers, now=lambda: NOON)
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


def go(browser: TestClient, provider: Provider, **back: str) -> Any:
    """To the provider and back, with other answers where given."""
    left = browser.get("/login/provider?next=/model")
    assert left.status_code == 303 and left.headers["location"].startswith(f"{provider.issuer}/authorize?")
    provider.asked = {n: v[0] for n, v in parse_qs(urlsplit(left.headers["location"]).query).items()}
    assert provider.asked["redirect_uri"] == "http://127.0.0.1/login/back"
    given = {"code": "c", "state": provider.asked["state"], **back}
    return browser.get("/login/back", params=given)


def test_a_person_of_a_group_is_let_in_with_its_role(browser: TestClient, provider: Provider) -> None:
    answer = go(browser, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/model")
    assert browser.get("/v1/at-risk").status_code == 200
    assert "role retention" in browser.get("/me").text.lower()


def test_without_a_group_of_ours_nobody_is_let_in(browser: TestClient, provider: Provider) -> None:
    provider.claims["groups"] = ["sales"]
    answer = go(browser, provider)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:tenure:not-invited")


def test_who_was_disabled_here_is_not_let_in(browser: TestClient, provider: Provider, engine: Engine) -> None:
    go(browser, provider)
    disable(engine, "ann@example.com", now=NOON)
    assert go(browser, provider).json()["type"] == "urn:tenure:disabled"


@pytest.mark.parametrize("claims", [{"nonce": "other"}, {"aud": "other"}, {"iss": "https://evil.example"}, {"exp": 1}])
def test_what_was_not_said_to_us_now_is_refused(
    browser: TestClient, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    assert go(browser, provider).json()["type"] == "urn:tenure:log-in-broken"


def test_another_ones_signature_is_refused(browser: TestClient, provider: Provider) -> None:
    given = provider.key
    provider.token = lambda *_: {  # type: ignore[method-assign]
        "access_token": "a",
        "token_type": "Bearer",
        "id_token": jwt.encode({"alg": "RS256", "kid": given.kid}, {"email": "eve@example.com"}, provider.other),
    }
    assert go(browser, provider).json()["type"] == "urn:tenure:log-in-broken"


def test_a_log_in_that_was_not_begun_here_is_refused(browser: TestClient, provider: Provider) -> None:
    assert go(browser, provider, state="other").json()["type"] == "urn:tenure:log-in-broken"
    browser.cookies.clear()
    assert browser.get("/login/back?code=c&state=s").json()["type"] == "urn:tenure:log-in-broken"


def test_a_provider_that_is_away_is_said(browser: TestClient, provider: Provider) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    answer = browser.get("/login/provider")
    assert (answer.status_code, answer.json()["type"]) == (502, "urn:tenure:provider-away")


def test_without_a_provider_its_log_in_is_not_there(scored: TestClient) -> None:
    assert scored.get("/login/provider").json()["type"] == "urn:tenure:no-provider"
