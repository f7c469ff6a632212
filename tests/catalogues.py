"""Looking into catalogues: the files of languages beside the code that speaks."""

from __future__ import annotations

from gettext import c2py
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from tenure.pipelines.languages import LANGUAGES

TRANSLATED = tuple(language for language in LANGUAGES if language != "en")


def catalogue(folder: Path, language: str) -> Catalog:
    """The catalogue of a language in a folder."""
    with (folder / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def forms(text: object) -> tuple[str, ...]:
    """The forms of a message or of its translation: one, or one for each plural."""
    return (text,) if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]


def plurals_are_right(found: Catalog, language: str) -> bool:
    """Whether a catalogue has the plural forms of its language, and takes the right one for every number."""
    expected = get_plural(language)
    own, known = c2py(found.plural_expr), c2py(expected.plural_expr)
    return found.num_plurals == expected.num_plurals and all(own(n) == known(n) for n in range(1_000))
