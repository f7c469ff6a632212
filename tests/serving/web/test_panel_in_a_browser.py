"""The panel in a real browser, inside pages that speak as Zendesk and Chatwoot do."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from browsing import Slowed, framing, running
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import Engine

from tenure.pipelines.access.people import accept, invite
from tenure.pipelines.access.roles import Role
from tenure.pipelines.settings.desk import Chatwoot, Panel, Playbook, Zendesk
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.feedback import feedback_on
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
PASSWORD = "a horse on stairs"
AUDIENCE = "https://acme.zendesk.com/api/v2/apps/installations/1.json"

ZENDESK = """<!doctype html><meta charset="utf-8"><title>Ticket</title>
<iframe name="app" width="{width}" height="600" title="Tenure"></iframe>
<form method="post" target="app"><input type="hidden" name="token" value="{token}"></form>
<script>
const service = "{service}", frame = document.querySelector("iframe"), heard = [];
const url = service + "/panel/zendesk?origin=" + encodeURIComponent(location.origin) + "&app_guid=guid-1";
addEventListener("message", (event) => {{
  if (event.origin !== service) return;
  const said = JSON.parse(event.data);
  heard.push(said);
  const answer = (message) => frame.contentWindow.postMessage(JSON.stringify(message), service);
  if (said.key === "iframe.handshake") answer({{key: "zaf.app.registered", message: {{
    metadata: {{appId: 1, installationId: 1, settings: {{}}}},
    context: {{product: "support", location: "ticket_sidebar", ticketId: 7, instanceGuid: "instance-1"}}}}}});
  else if (said.request === "get") answer({{id: said.id, result: {{{result}, errors: {{}}}}}});
  else answer({{id: said.id, result: {{}}}});
}});
const form = document.querySelector("form");
if (form.token.value) {{ form.action = url; form.submit(); }} else frame.src = url;
</script>"""

CHATWOOT = """<!doctype html><meta charset="utf-8"><title>Conversation</title>
<iframe width="320" height="600" title="Tenure" src="{service}/panel/chatwoot"></iframe>
<script>
const context = {context};
addEventListener("message", (event) => {{
  if (event.data === "chatwoot-dashboard-app:fetch-info")
    document.querySelector("iframe").contentWindow.postMessage(JSON.stringify({{event: "appContext", data: context}}), "*");
}});
</script>"""


class Desk(NamedTuple):
    """A service, the tool's page beside it, and the store behind it."""

    service: str
    tool: str
    show: Callable[[str], None]
    engine: Engine
    key: RSAKey
    slowed: Slowed


@pytest.fixture
def store_section() -> str:
    """The embedded store: what a browser sees does not depend on it."""
    return ""


@pytest.fixture
def desk(project: Project, engine: Engine, scorers: Scorers, put: Callable[..., int], tmp_path: Path) -> Iterator[Desk]:
    put()
    key = RSAKey.generate_key(2048)
    (tmp_path / "zendesk.pem").write_bytes(key.as_pem(private=False))
    accept(engine, "ann@example.com", invite(engine, "ann@example.com", Role.agent, now=NOON), PASSWORD, now=NOON)
    with framing() as (tool, show):
        panel = Panel(
            zendesk=Zendesk(origin=tool, public_key=Path("zendesk.pem"), audience=AUDIENCE),
            chatwoot=Chatwoot(origin=tool),
        )
        steps = (Playbook(name="call", themes=("recency",), next={"en": "Call back today.", "pl": "Oddzwoń dziś."}),)
        ours = project.model_copy(update={"panel": panel, "playbook": steps})
        app = create_app(ServiceSettings(project=ours), engine=engine, scorers=scorers, now=lambda: NOON)
        slowed = Slowed(app)
        with running(slowed) as service:
            yield Desk(service, tool, show, engine, key, slowed)
        app.state.auditor.close()


def signed(desk: Desk, **changes: Any) -> str:
    now = NOON.timestamp()
    claims = {"iss": "127.0.0.1", "aud": AUDIENCE, "sub": "https://acme.zendesk.com/api/v2/users/42.json"}
    return jwt.encode({"alg": "RS256"}, {**claims, "iat": now, "exp": now + 60, **changes}, desk.key)


def in_zendesk(
    desk: Desk,
    page: Any,
    *,
    external_id: str = "ann",
    locale: str = "en-US",
    token: str | None = None,
    width: int = 320,
) -> Any:
    """The panel's frame in a ticket whose requester is called so."""
    facts = {
        "ticket.requester.id": 35436,
        "ticket.requester.externalId": external_id,
        "ticket.requester.email": "ann@example.com",
        "currentUser.locale": locale,
    }
    token = signed(desk) if token is None else token
    result = json.dumps(facts)[1:-1]
    desk.show(ZENDESK.format(service=desk.service, token=token, result=result, width=width))
    page.goto(desk.tool)
    return page.frame_locator("iframe")


def test_an_agent_for_whom_zendesk_vouches_sees_the_risk_at_once(desk: Desk, open_page: Callable[..., Any]) -> None:
    page = open_page()
    frame = in_zendesk(desk, page)
    frame.get_by_text("High risk").wait_for()
    text = frame.locator("main").inner_text()
    assert "about 40 of 100 go quiet for 28 days" in text
    assert "no visit for 19 days; usually every 4" in text
    assert "Call back today." in text
    assert "Scored" in text
    said = page.evaluate("heard.map(one => one.key || one.request)")
    assert said[:2] == ["iframe.handshake", "get"] and "invoke" in said


def test_it_speaks_the_agents_language(desk: Desk, open_page: Callable[..., Any]) -> None:
    frame = in_zendesk(desk, open_page(), locale="pl")
    frame.get_by_text("Wysokie ryzyko").wait_for()
    text = frame.locator("main").inner_text()
    assert "około 40 na 100 osób: brak aktywności przez 28 dni" in text
    assert "Oddzwoń dziś." in text and "Dlaczego: można powiedzieć klientom" in text
    assert frame.locator("html").get_attribute("lang") == "pl"


def test_a_low_risk_is_one_quiet_line(desk: Desk, open_page: Callable[..., Any]) -> None:
    frame = in_zendesk(desk, open_page(), external_id="=cmd")
    frame.get_by_text("Low risk").wait_for()
    assert "of 100" not in frame.locator("main p").first.inner_text()
    assert frame.locator("h2").count() == 0


def test_whoever_is_unknown_is_not_scored_and_nothing_is_guessed(desk: Desk, open_page: Callable[..., Any]) -> None:
    frame = in_zendesk(desk, open_page(), external_id="nobody")
    frame.get_by_text("Not scored").wait_for()
    assert "risk" not in frame.locator("main").inner_text().lower()


def test_a_wrong_flag_is_said_in_two_clicks(desk: Desk, open_page: Callable[..., Any]) -> None:
    frame = in_zendesk(desk, open_page())
    frame.get_by_text("This flag is wrong because").click()
    frame.get_by_role("button", name="the trouble is over").click()
    frame.get_by_text("Thank you, it is noted.").wait_for()
    with reading(desk.engine) as connection:
        found = feedback_on(connection, "ann")
    assert [(f.why, f.band, f.probability, f.who) for f in found] == [("over", "high", 0.4, "zendesk:42")]


def test_by_keyboard_alone_a_wrong_flag_can_be_said(desk: Desk, open_page: Callable[..., Any]) -> None:
    page = open_page()
    frame = in_zendesk(desk, page)
    frame.get_by_text("High risk").wait_for()
    for key in ("Tab", "Enter", "Tab", "Enter"):
        page.keyboard.press(key)
    frame.get_by_text("Thank you, it is noted.").wait_for()


def test_it_fits_320_pixels_and_says_bands_in_words(desk: Desk, open_page: Callable[..., Any]) -> None:
    frame = in_zendesk(desk, open_page(), width=320)
    frame.get_by_text("High risk").wait_for()
    assert frame.locator("html").evaluate("page => page.scrollWidth <= page.clientWidth")
    assert frame.locator("main").get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("claims", [{"aud": "other"}, {"iss": "evil.example"}, {"exp": NOON.timestamp() - 120}])
def test_where_a_page_load_is_not_signed_for_us_now_the_agent_logs_in(
    desk: Desk, open_page: Callable[..., Any], claims: dict[str, Any]
) -> None:
    page = open_page()
    in_zendesk(desk, page, token=signed(desk, **claims))
    page.frame_locator("iframe").get_by_text("Log in to Tenure to see the risk").wait_for()


def test_an_agent_without_a_signature_logs_in_inside_the_panel(desk: Desk, open_page: Callable[..., Any]) -> None:
    frame = in_zendesk(desk, open_page(), token="")
    frame.get_by_label("Name or e-mail").fill("ann@example.com")
    frame.get_by_label("Password").fill("wrong")
    frame.get_by_role("button", name="Log in").click()
    frame.get_by_text("do not go together").wait_for()
    frame.get_by_label("Name or e-mail").fill("ann@example.com")
    frame.get_by_label("Password").fill(PASSWORD)
    frame.get_by_role("button", name="Log in").click()
    frame.get_by_text("High risk").wait_for()


def chatwoot_context(**contact: Any) -> str:
    sender = {"id": 9, "name": "<img src=x onerror=alert(1)>", "email": "ann@example.com", **contact}
    held = {"conversation": {"id": 1, "meta": {"sender": sender}}, "contact": sender, "currentAgent": {"id": 1}}
    return json.dumps(held)


def test_in_chatwoot_nobody_is_told_anything_before_logging_in(desk: Desk, open_page: Callable[..., Any]) -> None:
    page = open_page()
    desk.show(CHATWOOT.format(service=desk.service, context=chatwoot_context(identifier="ann")))
    page.goto(desk.tool)
    frame = page.frame_locator("iframe")
    frame.get_by_text("Log in to Tenure to see the risk").wait_for()
    frame.get_by_label("Name or e-mail").fill("ann@example.com")
    frame.get_by_label("Password").fill(PASSWORD)
    frame.get_by_role("button", name="Log in").click()
    frame.get_by_text("High risk").wait_for()


def test_a_page_that_is_not_the_tools_cannot_frame_the_panel(desk: Desk, open_page: Callable[..., Any]) -> None:
    with framing() as (evil, show):
        show(CHATWOOT.format(service=desk.service, context=chatwoot_context(identifier="ann")))
        page = open_page()
        page.goto(evil)
        page.wait_for_timeout(500)
        assert page.frames[1].url.startswith("chrome-error:")


def test_what_does_not_answer_in_time_is_unavailable_and_can_be_tried_again(
    desk: Desk, open_page: Callable[..., Any]
) -> None:
    desk.slowed.path, desk.slowed.seconds = "/panel/card", 1.0
    page = open_page(patient=False)
    frame = in_zendesk(desk, page)
    frame.get_by_text("Risk unavailable at the moment").wait_for()
    desk.slowed.seconds = 0.0
    for _ in range(20):  # on a busy machine more than once
        frame.get_by_role("button", name="Try again").click()
        page.wait_for_timeout(500)
        if frame.get_by_text("High risk").count():
            return
    raise AssertionError("the card never came")
