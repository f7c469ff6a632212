"""Writing a band into Zendesk or Chatwoot, by the API each has for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import quote

import requests

from tenure.pipelines.settings.write_back import ChatwootField, ZendeskField
from tenure.serving.environment import secret_of

ANSWER_SECONDS = 10.0
Outcome = Literal["written", "later", "never", "stop"]


@dataclass(frozen=True)
class Answer:
    """What became of a write: `later` may be tried again, `never` not; `stop` is wrong for every customer."""

    outcome: Outcome
    said: str = ""
    wait: float = 0.0


class Tool(Protocol):
    """A support tool that has a field for the band, and perhaps one for whether a person may be contacted."""

    def write(self, external_id: str, wanted: str) -> Answer:
        """Write what is wanted of a person of the tool: a band, or a band and whether to contact, as `high/no`."""
        ...


class ZendeskTool:
    """A user field of a Zendesk account."""

    def __init__(self, settings: ZendeskField) -> None:
        self._settings = settings
        self._session = requests.Session()
        self._session.auth = (f"{settings.user}/token", secret_of(settings.token) or "")

    def write(self, external_id: str, wanted: str) -> Answer:
        """`PUT /api/v2/users/{id}.json`."""
        path = f"/api/v2/users/{quote(external_id, safe='')}.json"
        body = {"user": {"user_fields": _fields(self._settings, wanted)}}
        return _put(self._session, self._settings.address + path, body)


class ChatwootTool:
    """A custom attribute of the contacts of a Chatwoot account; the others stay as they are."""

    def __init__(self, settings: ChatwootField) -> None:
        self._settings = settings
        self._session = requests.Session()
        self._session.headers["api_access_token"] = secret_of(settings.token) or ""

    def write(self, external_id: str, wanted: str) -> Answer:
        """`PUT /api/v1/accounts/{account}/contacts/{id}`."""
        path = f"/api/v1/accounts/{self._settings.account}/contacts/{quote(external_id, safe='')}"
        body = {"custom_attributes": _fields(self._settings, wanted)}
        return _put(self._session, self._settings.address + path, body)


def tool_of(settings: ZendeskField | ChatwootField) -> Tool:
    """The tool that some settings describe."""
    return ZendeskTool(settings) if isinstance(settings, ZendeskField) else ChatwootTool(settings)


def _fields(settings: ZendeskField | ChatwootField, wanted: str) -> dict[str, str]:
    """The fields of what is wanted; what was queued before a contact field was named says nothing of contacts."""
    band, _, contact = wanted.partition("/")
    return {settings.field: band} | ({settings.contact_field: contact} if settings.contact_field and contact else {})


def _put(session: requests.Session, address: str, body: dict[str, Any]) -> Answer:
    try:
        answer = session.put(address, json=body, timeout=ANSWER_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return Answer("later", type(error).__name__)
    if answer.ok and answer.status_code < 300:
        return Answer("written")
    said = f"answered {answer.status_code}"
    if answer.status_code in (401, 403):
        return Answer("stop", said)
    if answer.status_code == 429 or answer.status_code >= 500:
        wait = answer.headers.get("retry-after", "")
        return Answer("later", said, float(wait) if wait.isdigit() else 0.0)
    return Answer("never", said)
