"""The language of a text, told among the project's own: for reports, word lists and drift, never a gate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

LANGUAGES = ("en", "pl", "bg", "hi", "de", "es", "pt")
"""The languages a project has unless it names its own."""

ENOUGH = 300
"""Characters that are looked at: more of them do not change the answer."""

UNKNOWN = ""
"""The language of a text without letters."""


class LanguageUnknown(ValueError):
    """A project names a language that cannot be told."""


class Teller(Protocol):
    """Anything that tells the language of a text by its ISO 639-1 code."""

    def tell(self, text: str) -> str:
        """The code, `UNKNOWN` where there is nothing to tell it by."""
        ...


def teller(languages: Sequence[str] = LANGUAGES) -> Teller:
    """The teller of the given languages; the model is read once for each set of them.

    >>> told = teller(("en", "pl", "bg"))
    >>> [told.tell(text) for text in ("Nie działa od wczoraj", "Искам да прекратя договора", "12 :)")]
    ['pl', 'bg', '']
    """
    return _langid(tuple(sorted(set(languages))))


class _Langid:
    """py3langid, which answers with one of the languages it is restricted to."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier  # a second to read; only who tells waits

        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
        unknown = sorted(set(languages) - set(self._identifier.nb_classes))
        if unknown or not languages:
            raise LanguageUnknown(
                f"text.languages must be ISO 639-1 codes such as 'en' or 'pl', found {', '.join(unknown) or 'none'}; "
                f"{len(self._identifier.labels)} are known, among them {', '.join(self._identifier.labels[:10])}"
            )
        self._identifier.set_languages(list(languages))

    def tell(self, text: str) -> str:
        head = text[:ENOUGH]
        return self._identifier.classify(head)[0] if any(map(str.isalpha, head)) else UNKNOWN


@lru_cache(maxsize=8)
def _langid(languages: tuple[str, ...]) -> Teller:
    return _Langid(languages)
