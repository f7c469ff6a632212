"""What an agent's message does for the customer: it apologises, it uses the customer's name."""

from __future__ import annotations

import re
from functools import lru_cache

APOLOGIES = {
    "en": (
        "sorry|apologi[sz]e|apologi[sz]ing|apolog(?:y|ies)|regret (?:that|the|any|to)|forgive us|our (?:mistake|fault)"
    ),
    "pl": (
        r"przepraszam|przepraszamy|przeprosiny|przeprosić|przykro (?:mi|nam)|(?:mi|nam) (?:bardzo |ogromnie )?przykro"
        r"|wybacz\w*|ubolewa\w*"
    ),
    "bg": r"извин\w*|съжалява\w*|простете|моля за прошка|поднас\w+ извинени\w*",
    "hi": r"माफ\w*|माफ़\w*|मुआफ\w*|क्षमा\w*|खेद|अफसोस|अफ़सोस|maaf|maafi|kshama",
    "de": r"entschuldig\w*|tut (?:mir|uns) (?:sehr |wirklich )?leid|bedauer\w*|verzeih\w*",
    "es": r"lo siento|lo sentimos|sentimos (?:mucho|las|la|el|los)|disculp\w*|perd[óo]n\w*|lament(?:o|amos)\b",
    "pt": r"desculp\w*|lament(?:o|amos)\b|sentimos muito|sinto muito|perd(?:ão|oe\w*)|pedimos perdão",
}
"""Words of apology by language. All languages are tried on every text: agents mix them."""

_NOT_ONE = re.compile(
    r"\b(?:no need to apologi[sz]e|nie (?:ma )?za co przepraszać|you(?:'ll| will) be sorry|not sorry)\b", re.IGNORECASE
)
_EDGE_BEFORE, _EDGE_AFTER = r"(?<![^\W_])", r"(?![^\W_])"
_APOLOGY = re.compile(
    "|".join(f"{_EDGE_BEFORE}(?:{words}){_EDGE_AFTER if name != 'hi' else ''}" for name, words in APOLOGIES.items()),
    re.IGNORECASE,
)

_WORD = re.compile(r"[^\s.,;:!?()\[\]\"„”“«»<>/|…।]+")
ENDING = 3
"""Letters by which a name may be longer than itself when it is declined: Piotr, Piotrze."""


def apologises(text: str) -> bool:
    """Whether a text holds an apology in one of the languages of `APOLOGIES`.

    >>> [apologises(t) for t in ("We are sorry.", "Bardzo nam przykro", "Извинете за забавянето", "Sorrento")]
    [True, True, True, False]
    """
    return _APOLOGY.search(_NOT_ONE.sub(" ", text)) is not None


def uses_name(text: str, name: str) -> bool:
    """Whether a text calls the customer by any part of the name, declined forms included.

    Where letters have case, a declined form must begin with a capital, so that names which are
    words too are not found in the middle of a sentence.

    >>> uses_name("Pani Anno, dziękujemy", "Anna Kowalska"), uses_name("Dear Mr Will,", "Will")
    (True, True)
    >>> uses_name("we will help", "Will"), uses_name("राहुल जी, नमस्ते", "राहुल शर्मा")
    (False, True)
    """
    return any(_names(word, part) for part in _parts(name) for word in _WORD.findall(text))


@lru_cache(maxsize=65_536)
def _parts(name: str) -> tuple[str, ...]:
    """The parts of a name that can be recognised: titles and initials are none."""
    return tuple(
        part for part in _WORD.findall(name) if sum(map(str.isalpha, part)) >= 2 and part.lower() not in _TITLES
    )


_TITLES = frozenset(("mr", "mrs", "ms", "dr", "pan", "pani", "herr", "frau", "sr", "sra", "dona", "shri", "smt"))


def _names(word: str, part: str) -> bool:
    if word[:1] != word[:1].upper():
        return False
    low, wanted = word.casefold(), part.casefold()
    if low == wanted:
        return True
    stem = wanted[: max(3, len(wanted) - 1)]
    return (
        len(wanted) >= 3 and low.startswith(stem) and len(low) <= len(wanted) + ENDING and word[:1] != word[:1].lower()
    )
