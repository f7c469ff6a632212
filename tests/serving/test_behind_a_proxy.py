"""The service under a path of another's site, behind a real nginx set up as the README says."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import re
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from nginx import NGINX, in_front_of
from scored import put_scores

from tenure.pipelines.access.keys import create_key
from tenure.pipelines.access.people import accept, invite
from tenure.pipelines.access.roles import Role
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.serving.server import serve

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(NGINX is None, reason="nginx is not here; install it with `apt-get install nginx-light`"),
]

SITE, PASSWORD = "shop.test", "a horse on stairs"
SERVICE = """
[service]
public_url = "https://shop.test/tenure/"
trusted_proxies = "127.0.0.1"
"""


class Site(NamedTuple):
    """Where the site is found, where the service itself, and a key for it."""

    port: int
    direct: int
    key: str


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, project_text: str) -> Iterator[Site]:
    """A service with scores, a key and a person, and nginx in front of it."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "tenure.toml").write_text(project_text + SERVICE)
    store, now = project_store(load_project(folder)), dt.datetime.now(dt.UTC)
    _, key = create_key(store, "crm", Role.retention, now=now, days=None)
    accept(store, "ann@shop.test", invite(store, "ann@shop.test", Role.retention, now=now), PASSWORD, now=now)
    put_scores(store)
    store.dispose()
    with serve(folder / "tenure.toml", port=0) as running, in_front_of(running.address, folder) as port:
        yield Site(port, int(running.address.rpartition(":")[2]), key)


def ask(port: int, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> Answer:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    sent = {"Host": SITE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    try:
        client.request(method, path, body, sent)
        found = client.getresponse()
        return Answer(found.status, found.headers, found.read())
    finally:
        client.close()


def log_in(site: Site) -> Answer:
    form = urlencode({"name": "ann@shop.test", "password": PASSWORD, "next": "/"})
    origin, kind = f"https://{SITE}", "application/x-www-form-urlencoded"
    return ask(site.port, "/tenure/login", method="POST", body=form, Origin=origin, Content_Type=kind)


def test_a_stranger_is_led_to_the_log_in_under_the_path(site: Site) -> None:
    led = ask(site.port, "/tenure/", Accept="text/html")
    assert (led.status, led.headers["Location"]) == (303, "/tenure/login?next=%2F")
    page = ask(site.port, led.headers["Location"])
    assert page.status == 200
    assert b'action="/tenure/login"' in page.body and b'href="/tenure/style.css"' in page.body
    style = ask(site.port, "/tenure/style.css")
    assert (style.status, style.headers["Content-Type"].split(";")[0]) == (200, "text/css")


def test_who_logs_in_gets_a_cookie_of_that_path_and_goes_on_under_it(site: Site) -> None:
    answer = log_in(site)
    assert (answer.status, answer.headers["Location"]) == (303, "/tenure/")
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["tenure_session"]
    assert (cookie["path"], cookie["secure"], cookie["httponly"]) == ("/tenure/", True, True)
    page = ask(site.port, "/tenure/", Accept="text/html", Cookie=f"tenure_session={cookie.value}")
    assert page.status == 200
    elsewhere = re.findall(rb'(?:href|src|action)="(?!/tenure/|#|\?)[^"]*"', page.body)
    assert b'href="/tenure/style.css"' in page.body and not elsewhere, elsewhere


def test_a_program_asks_under_the_path(site: Site) -> None:
    answer = ask(site.port, "/tenure/v1/customers/ann/risk", Authorization=f"Bearer {site.key}")
    assert (answer.status, answer.json()["probability"]) == (200, 0.4)
    described = ask(site.port, "/tenure/v1/openapi.json", Authorization=f"Bearer {site.key}").json()
    assert described["servers"] == [{"url": "/tenure"}]


def test_a_body_that_is_too_large_is_refused_by_us(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.key}", "Content_Type": "application/json"}
    answer = ask(site.port, "/tenure/v1/interactions", method="POST", body=b" " * 3_000_000, **headers)
    assert (answer.status, answer.json()["type"]) == (413, "urn:tenure:too-large")


def test_a_body_that_comes_too_slowly_is_refused_by_us(site: Site) -> None:
    client = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    client.putrequest("POST", "/tenure/v1/interactions", skip_host=True)
    for name, value in (("Host", SITE), ("Content-Type", "application/json"), ("Content-Length", "1000")):
        client.putheader(name, value)
    client.endheaders(b'{"interactions": [')
    began = time.monotonic()
    answer = client.getresponse()
    assert (answer.status, json.loads(answer.read())["type"]) == (408, "urn:tenure:too-slow")
    assert 2.5 < time.monotonic() - began < 6
    client.close()


@pytest.mark.parametrize("said", [{}, {"X_Forwarded_Host": SITE}])
def test_a_name_that_is_not_ours_is_refused_whatever_the_browser_says_of_it(site: Site, said: dict[str, str]) -> None:
    answer = ask(site.port, "/tenure/healthz", Host="evil.test", **said)
    assert (answer.status, answer.json()["type"]) == (421, "urn:tenure:foreign-host")
    assert ask(site.direct, "/healthz", Host="evil.test").status == 421


def test_a_form_from_elsewhere_is_refused_under_the_path_too(site: Site) -> None:
    kind = "application/x-www-form-urlencoded"
    answer = ask(site.port, "/tenure/login", method="POST", body="", Origin="https://evil.test", Content_Type=kind)
    assert (answer.status, answer.json()["type"]) == (403, "urn:tenure:foreign-origin")
