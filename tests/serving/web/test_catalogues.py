"""The catalogues of the panel have what its code and templates say, no more and no less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from catalogues import TRANSLATED, catalogue, forms, plurals_are_right

from tenure.pipelines.outcomes.sentence import WITHIN
from tenure.serving.web import rendering

PANEL = {"card.py", "panel.py", "card.html"}


def said() -> Iterator[tuple[str, ...]]:
    """The messages of code and templates, and what the outcomes mean."""
    yield from WITHIN.values()
    methods = [("**.py", "python"), ("**.html", "jinja2")]
    keywords = {"_": None, "several": (1, 2), "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(
        str(rendering.HERE), methods, keywords=keywords, options_map={"**.html": {"trimmed": "true"}}
    )
    for file, _line, message, _comments, _context in found:
        if Path(file).name in PANEL and any(forms(message)):
            yield forms(message)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_the_messages_of_the_panel_and_no_others(language: str) -> None:
    assert {forms(entry.id) for entry in catalogue(rendering.LANGUAGES, language) if entry.id} == set(said())


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_form_of_a_message_is_there_and_has_its_places(language: str) -> None:
    found = catalogue(rendering.LANGUAGES, language)
    for entry in found:
        if entry.id:
            told = forms(entry.string)
            assert len(told) == (found.num_plurals if len(forms(entry.id)) > 1 else 1)
            assert all(told) and told[0] != forms(entry.id)[0]
            for text in told:
                assert set(re.findall(r"%\(\w+\)\+?[sd]", text)) == set(
                    re.findall(r"%\(\w+\)\+?[sd]", forms(entry.id)[0])
                )


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_plurals_are_those_of_the_language(language: str) -> None:
    assert plurals_are_right(catalogue(rendering.LANGUAGES, language), language)
