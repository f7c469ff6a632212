"""Sentences as data: what is to be said is kept as clauses, and said in whichever language is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from babel.numbers import format_decimal

from tenure.pipelines.languages import translations

FOLDER = Path(__file__).parent / "languages"
"""The catalogues, a file a language."""

Clause = list[Any]
"""`[message, values]`, or `[one, many, values]` where `n` of the values is counted; all of it plain JSON.

A value is a number, a text, or a clause that is said in its place. A whole number is said whole, any other with one
decimal; `%(x)s` writes it as the language does, `%(x)d` as digits alone.
"""

Said = list[Clause]
"""What a sentence says; each clause counts one thing, so that each has a plural of its own."""


@dataclass(frozen=True)
class Message:
    """English words with places for values, by which the catalogues know them; `many` where `n` is counted.

    >>> Message("%(n)d day", "%(n)d days")(n=2)
    ['%(n)d day', '%(n)d days', {'n': 2}]
    """

    one: str
    many: str | None = None

    def __call__(self, **values: float | str | Clause) -> Clause:
        """The clause that says this of some values."""
        plain = {name: float(value) if isinstance(value, float) else value for name, value in values.items()}
        return [self.one, plain] if self.many is None else [self.one, self.many, plain]


def say(said: Sequence[Clause], language: str) -> str:
    """The sentence in a language; what its catalogue does not have stays English.

    >>> silent = Message("no purchase for %(n)d day", "no purchase for %(n)d days")
    >>> say([silent(n=19)], "en"), say([silent(n=22)], "pl")
    ('no purchase for 19 days', 'brak zakupów od 22 dni')
    """
    return "; ".join(_clause(clause, language) for clause in said)


def reason_text(reason: Mapping[str, Any], language: str) -> str:
    """The sentence of a reason in a language; its English `text` where an earlier release has kept no more.

    >>> reason_text({"text": "no visit for 19 days"}, "pl")
    'no visit for 19 days'
    """
    said = reason.get("said")
    return str(reason["text"]) if language == "en" or not said else say(said, language)


def figure(value: float) -> float:
    """A number as one would say it: whole where it is whole or large, else for one decimal.

    >>> figure(12.0), figure(3.456), figure(1234.5)
    (12, 3.456, 1234)
    """
    return round(value) if abs(value) >= 100 or float(value).is_integer() else value


class _Number(float):
    """A number on its way into a message."""

    whole: bool
    language: str

    @classmethod
    def of(cls, value: float, language: str) -> Self:
        made = cls(value)
        made.whole, made.language = isinstance(value, int), language
        return made

    def __str__(self) -> str:
        # rounded before it is written: Babel would round the decimal digits, not the number itself
        return _written(f"{float(self):.{0 if self.whole else 1}f}", self.language)


@lru_cache(maxsize=10_000)
def _written(digits: str, language: str) -> str:
    return format_decimal(Decimal(digits), format="0.0" if "." in digits else None, locale=language)


def _clause(clause: Clause, language: str) -> str:
    *forms, values = clause
    words = translations(FOLDER, language)
    pattern = words.ngettext(forms[0], forms[1], values["n"]) if len(forms) > 1 else words.gettext(forms[0])
    return pattern % {name: _value(value, language) for name, value in values.items()}


def _value(value: float | str | Clause, language: str) -> str | _Number:
    if isinstance(value, list):
        return _clause(value, language)
    return value if isinstance(value, str) else _Number.of(value, language)
