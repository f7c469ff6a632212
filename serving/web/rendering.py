"""Pages made from templates, in the reader's language, with the headers that keep a page to itself."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tenure.pipelines.languages import translations
from tenure.serving.headers import content_policy

HERE = Path(__file__).parent
LANGUAGES = HERE / "languages"


@cache
def environment(language: str) -> Environment:
    """The templates, with messages in a language."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(LANGUAGES, language), newstyle=True)  # type: ignore[attr-defined]
    return made


def render(template: str, *, language: str = "en", **context: Any) -> str:
    """A template filled in."""
    return environment(language).get_template(template).render(language=language, **context)


def page(
    request: Request,
    template: str,
    *,
    language: str = "en",
    status: int = 200,
    framed_by: Iterable[str] = (),
    **context: Any,
) -> HTMLResponse:
    """A page of ours; `framed_by` are the origins whose pages may show it in a frame."""
    project = request.app.state.board.settings.project
    text = render(template, language=language, base=project.service.base, project=project, **context)
    headers = {"Content-Security-Policy": content_policy(forms=True, framed_by=framed_by)}
    return HTMLResponse(text, status_code=status, headers=headers)
