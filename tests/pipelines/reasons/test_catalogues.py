"""The catalogues have what the code says, no more and no less."""

from __future__ import annotations

import re

import pytest
from catalogues import TRANSLATED, catalogue, forms, plurals_are_right

from tenure.pipelines.reasons.saying import FOLDER, Message

AS_THEY_ARE = {"%(meaning)s: %(value)s", "%(number)s %(currency)s"}
"""Messages without a word."""


def places(text: str) -> list[str]:
    """The places for values with their formats, and signs of per cent."""
    return sorted(set(re.findall(r"%\(\w+\)[sd]|%%", text)))


def test_every_language_but_english_has_a_file() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {f"{language}.po" for language in TRANSLATED}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_the_messages_of_the_code_and_no_others(language: str, messages: set[Message]) -> None:
    kept = {forms(entry.id) for entry in catalogue(FOLDER, language) if entry.id}
    assert kept == {(m.one,) if m.many is None else (m.one, m.many) for m in messages}
    assert len({message.one for message in messages}) == len(messages)  # a catalogue knows them by that


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_form_of_a_message_is_there_and_has_its_places(language: str) -> None:
    found = catalogue(FOLDER, language)
    for entry in found:
        if entry.id:
            told = forms(entry.string)
            assert len(told) == (found.num_plurals if len(forms(entry.id)) > 1 else 1)
            assert not entry.fuzzy and all(text.strip() == text != "" for text in told)
            assert told[0] != forms(entry.id)[0] or told[0] in AS_THEY_ARE
            for text in told:
                assert set(places(text)) - {"%%"} == set(places(forms(entry.id)[0])) - {"%%"}, text
                assert text.count("%") == 2 * text.count("%%") + len(re.findall(r"%\(\w+\)[sd]", text)), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_plurals_are_those_of_the_language(language: str) -> None:
    assert plurals_are_right(catalogue(FOLDER, language), language)
