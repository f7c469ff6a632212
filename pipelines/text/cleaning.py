"""Cleaning: whatever arrives as text becomes plain text of a bounded length, and nothing makes it fail."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tenure.pipelines.text.html import html_to_text, is_html

READ = 1_000_000
"""Characters looked at of one text at the most; what follows is past every cut."""

_CONTROLS = {code: " " for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A, 0x85)}
_CONTROLS |= {0x0D: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n", 0xFEFF: "", 0x200B: "", 0xAD: ""}
_SURROGATE = re.compile("[\ud800-\udfff]")

_QUOTE_BEGINS = re.compile(
    r"""^[ \t]*(?:
      -{2,}[ ]?(?:original[ ]message|forwarded[ ]message|urspr[üu]ngliche[ ]nachricht|wiadomo[śs][ćc][ ]oryginalna
        |mensaje[ ]original|mensagem[ ]original|оригинално[ ]съобщение|मूल[ ]संदेश)[ ]?-{2,}
      |on[ ].{6,120}[ ]wrote:
      |am[ ].{6,120}[ ]schrieb[ ].{1,80}:
      |(?:dnia|w[ ]dniu)[ ].{6,120}[ ]napisa[łl](?:\(a\)|a)?:
      |на[ ].{6,120}[ ](?:написа|пише):
      |el[ ].{6,120}[ ]escribi[óo]:
      |em[ ].{6,120}[ ]escreveu:
      |.{6,120}[ ]ने[ ]लिखा:
      |_{20,}[ \t]*$
      |--[ ]?$
    )""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)


@dataclass(frozen=True)
class Cut:
    """How much of a text is kept: signals are made from its first `characters`."""

    characters: int = 1_000


def clean(text: str, cut: Cut | None = None) -> str:
    """Plain text of at most the cut's length: no NUL, no lone surrogates, no markup, no quoted tail.

    Control characters become spaces and halves of a surrogate pair U+FFFD. A megabyte costs no more
    than its first part. Text that is plain already comes back as it is, apart from its ends.

    >>> clean("<p>Nie dzia&#322;a\\x00!</p>")
    'Nie działa !'
    >>> clean("Still broken.\\n\\nOn Mon, 3 Jun 2024 Anna wrote:\\n> have you tried")
    'Still broken.'
    """
    kept = without_surrogates(text[:READ])
    kept = html_to_text(kept) if is_html(kept) else kept
    limit = (cut or Cut()).characters
    kept = kept[: 4 * limit].translate(_CONTROLS)
    return without_quotes(kept).strip()[:limit].rstrip()


def without_surrogates(text: str) -> str:
    """Join pairs of surrogates into their character; one without its other half becomes U+FFFD.

    >>> without_surrogates("\\ud83d\\ude00 \\ud800") == "\\U0001f600 \\ufffd"
    True
    """
    if text.isascii() or _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def without_quotes(text: str) -> str:
    """Leave out what a reply only repeats: lines begun by `>`, and all from the head of a quoted message on.

    A text that would have nothing left keeps everything.
    """
    found = _QUOTE_BEGINS.search(text) if "\n" in text else None
    kept = text[: found.start()] if found else text
    if "\n>" in kept or kept.startswith(">"):
        kept = "\n".join(line for line in kept.split("\n") if not line.lstrip().startswith(">"))
    return kept if kept.strip() else text
