"""The languages in which agents read, and their catalogues: `.po` files, read when first asked for."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("en", "pl", "bg", "hi")
"""English is the language of the messages themselves and has no file."""


@cache
def translations(folder: Path, language: str) -> NullTranslations:
    """The messages of `LANGUAGE.po` in a folder, plural forms included; the messages themselves without such a file.

    >>> translations(Path("nowhere"), "en").ngettext("%(n)d day", "%(n)d days", 2) % {"n": 2}
    '2 days'
    """
    file = folder / f"{language}.po"
    if language not in LANGUAGES or not file.is_file():
        return NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written, locale=language, abort_invalid=True))
    compiled.seek(0)
    return GNUTranslations(compiled)


def best_language(wanted: Iterable[str | None]) -> str:
    """The first language we have among those wanted, as browsers and tools write them; English without any.

    >>> best_language(["pl-PL"]), best_language([None, "de", "hi_IN"]), best_language(["fr"])
    ('pl', 'hi', 'en')
    """
    given = [tag.replace("-", "_") for tag in wanted if tag]
    return negotiate_locale(given, LANGUAGES) or "en"
