"""Sending digests by mail: each once, and again another time where the server is away."""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256

from sqlalchemy import Engine

from tenure.pipelines.settings.alerts import Smtp
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.alerts import WITHOUT_OWNER
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.digests import Digest, note_failed, note_sent, take_unsent
from tenure.serving.digests import Letter, letter_of
from tenure.serving.environment import secret_of

ANSWER_SECONDS = 20.0


class NoMailServer(RuntimeError):
    """There is no mail server, or no password for it."""


@dataclass(frozen=True)
class Sent:
    """How many digests were sent, how many wait for the server (and what it said), how many have no address."""

    sent: int = 0
    waiting: int = 0
    unaddressed: int = 0
    said: str = ""


def send_digests(project: Project, engine: Engine, *, day: dt.date, now: dt.datetime) -> Sent:
    """Send what is not sent yet of the days up to `day`; no two who send at once send the same one.

    Whoever dies between the server's answer and the note of it has the digest sent again later, under the same
    `Message-ID`.
    """
    settings = project.alerts
    if settings is None or settings.smtp is None:
        raise NoMailServer("expected the section [alerts.smtp] in the project file; without it `--out` writes files")
    password = _password(settings.smtp)
    taken = take_unsent(engine, day=day, now=now)
    with reading(engine) as connection:
        letters = [(one, letter_of(connection, project, one)) for one in taken]
    addressed: list[tuple[Letter, str]] = []
    for one, letter in letters:
        address = settings.address_of(None if one.owner == WITHOUT_OWNER else one.owner)
        if address is None:
            note_failed(engine, one, "no address")
        else:
            addressed.append((letter, address))
    sent, said = 0, ""
    for digest, failure in _deliver(settings.smtp, password, addressed, project.name):
        if failure is None:
            note_sent(engine, digest, now=now)
            sent += 1
        else:
            note_failed(engine, digest, failure)
            said = failure
    return Sent(sent, len(addressed) - sent, len(taken) - len(addressed), said)


def _password(smtp: Smtp) -> str | None:
    if smtp.user is None:
        return None
    found = secret_of(smtp.password)
    if not found:
        raise NoMailServer(
            f"the mail server wants the password of {smtp.user}; set the environment variable "
            f"{smtp.password or '(alerts.smtp.password names none)'}"
        )
    return found


def _deliver(
    smtp: Smtp, password: str | None, letters: Sequence[tuple[Letter, str]], project: str
) -> Iterator[tuple[Digest, str | None]]:
    """Hand letters to the server over one connection; of each None, or what went wrong, without anybody's name."""
    left = list(letters)
    try:
        with _connected(smtp, password) as server:
            while left:
                letter, address = left[0]
                try:
                    server.send_message(_message(letter, address, smtp.sender, project))
                except smtplib.SMTPServerDisconnected:
                    raise
                except smtplib.SMTPException as error:  # of this letter alone
                    left.pop(0)
                    yield letter.digest, _said(error)
                else:
                    left.pop(0)
                    yield letter.digest, None
    except OSError as error:  # smtplib's own errors are such, too
        yield from ((letter.digest, _said(error)) for letter, _ in left)


@contextmanager
def _connected(smtp: Smtp, password: str | None) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(smtp.host, smtp.port, timeout=ANSWER_SECONDS) as server:
        if smtp.starttls:
            server.starttls(context=ssl.create_default_context())
        if smtp.user is not None and password is not None:
            server.login(smtp.user, password)
        yield server


def _message(letter: Letter, address: str, sender: str, project: str) -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = letter.subject, sender, address
    digest = sha256("\n".join((project, letter.digest.day, letter.digest.owner)).encode()).hexdigest()[:32]
    made["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text)
    made.add_alternative(letter.html, subtype="html")
    return made


def _said(error: OSError) -> str:
    """What kind of failure it was; the server's own words may hold an address."""
    code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((found[0] for found in error.recipients.values()), None)
    return type(error).__name__ if code is None else f"the server answered {code}"
