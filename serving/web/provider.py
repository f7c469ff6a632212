"""Logging in at an OpenID provider: the authorization code flow with PKCE, and groups that become roles."""

from __future__ import annotations

import secrets
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tenure.pipelines.access.people import PersonError, welcome
from tenure.pipelines.access.roles import LADDER, Role
from tenure.pipelines.settings.login import Login
from tenure.serving.environment import secret_of
from tenure.serving.problems import Refusal
from tenure.serving.web.login import begin_session, inside

STATE_COOKIE = "tenure_login"
STATE_SECONDS = 600
ANSWER_SECONDS = 10.0
SKEW_SECONDS = 60
SIGNED = ["RS256", "ES256", "PS256"]

provider = APIRouter(include_in_schema=False)


@provider.get("/login/provider")
def leave(request: Request, next: str = "/") -> Response:
    """Send the browser to the provider."""
    state, login = request.app.state, _login(request)
    known = _described(login)
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    address, sent = _client(request, login).create_authorization_url(
        known["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    held = {"state": sent, "verifier": verifier, "nonce": nonce, "next": inside(next)}
    sealed = state.sessions.seal(held, now=state.board.now(), seconds=STATE_SECONDS)
    service = state.board.settings.project.service
    answer = RedirectResponse(address, status_code=303)
    answer.set_cookie(
        STATE_COOKIE, sealed, max_age=STATE_SECONDS, path=f"{service.base}/login", httponly=True, samesite="lax",
        secure=service.secure,
    )  # fmt: skip
    return answer


@provider.get("/login/back")
def come_back(request: Request, code: str = "", state: str = "") -> Response:
    """Take back who was at the provider, with the role of the groups."""
    ours, login = request.app.state, _login(request)
    held = ours.sessions.unseal(request.cookies.get(STATE_COOKIE, ""), now=ours.board.now())
    if held is None or not code or not secrets.compare_digest(held["state"], state):
        raise Refusal(403, "log-in-broken", "this log-in was not begun here or took too long; begin again at /login")
    claims = _claims(request, login, code, held)
    name, role = str(claims.get(login.name_claim) or ""), role_of(login, claims)
    if not name or role is None:
        said = f"the provider gives no {login.name_claim}" if not name else "none of your groups has a role here"
        raise Refusal(403, "not-invited", f"{said}; ask who keeps the project file ([login])")
    try:
        person = welcome(ours.board.engine, name, role, now=ours.board.now())
    except PersonError as error:
        raise Refusal(403, "not-invited", str(error)) from error
    if person is None:
        raise Refusal(403, "disabled", "you may not log in here any more; ask who keeps the service")
    answer = begin_session(request, person, inside(held["next"]))
    answer.delete_cookie(STATE_COOKIE, path=f"{ours.board.settings.project.service.base}/login")
    return answer


def role_of(login: Login, claims: dict[str, Any]) -> Role | None:
    """The highest role that any of the groups has.

    >>> login = Login(issuer="https://id.example", client_id="t", groups={"care": "agent", "crm": "retention"})
    >>> role_of(login, {"groups": ["care", "crm"]}), role_of(login, {"groups": ["sales"]})
    (<Role.retention: 'retention'>, None)
    """
    held = claims.get(login.groups_claim) or ()
    given = [held] if isinstance(held, str) else list(held)
    roles = {Role(login.groups[group]) for group in given if group in login.groups}
    return max(roles, key=LADDER.index, default=None)


def _login(request: Request) -> Login:
    login: Login = request.app.state.board.settings.project.login
    if login.issuer is None:
        raise Refusal(404, "no-provider", "no provider is named in the project file; log in with name and password")
    return login


def _client(request: Request, login: Login) -> OAuth2Session:
    secret = secret_of(login.client_secret)
    back = f"{_ourselves(request)}/login/back"
    return OAuth2Session(
        login.client_id, secret, redirect_uri=back, scope="openid email profile", code_challenge_method="S256"
    )


def _ourselves(request: Request) -> str:
    public: str | None = request.app.state.board.settings.project.service.public_url
    return (public or str(request.base_url)).rstrip("/")


def _described(login: Login) -> dict[str, Any]:
    assert login.issuer is not None
    found = _fetched(f"{login.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != login.issuer:
        raise Refusal(502, "wrong-provider", "the provider calls itself by another name than [login] issuer")
    return found


def _fetched(address: str) -> dict[str, Any]:
    try:
        answer = requests.get(address, timeout=ANSWER_SECONDS)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Refusal(502, "provider-away", "the provider does not answer; try again, or log in by password") from error
    return found


def _claims(request: Request, login: Login, code: str, held: dict[str, Any]) -> dict[str, Any]:
    """What the provider says of the person, its signature and every date checked."""
    known = _described(login)
    now = int(request.app.state.board.now().timestamp())
    try:
        token = _client(request, login).fetch_token(
            known["token_endpoint"], code=code, code_verifier=held["verifier"], timeout=ANSWER_SECONDS
        )
        keys = KeySet.import_key_set(_fetched(known["jwks_uri"]))  # type: ignore[arg-type]
        claims: dict[str, Any] = jwt.decode(token["id_token"], keys, algorithms=SIGNED).claims
        rules = jwt.JWTClaimsRegistry(
            now=now,
            leeway=SKEW_SECONDS,
            iss={"essential": True, "value": str(login.issuer)},
            aud={"essential": True, "value": str(login.client_id)},
            exp={"essential": True},
            nonce={"essential": True, "value": held["nonce"]},
        )
        rules.validate(claims)
    except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError) as error:
        said = "the provider did not vouch for you; begin again at /login"
        raise Refusal(403, "log-in-broken", said) from error
    return claims
