"""HTML bodies as the text a person reads."""

from __future__ import annotations

import re
from html.parser import HTMLParser

MOST = 32_768
"""Characters of markup that are read: what follows is past every cut, and the time for it is bounded."""

_MARKUP = re.compile(
    r"<(?:!doctype|/?(?:html|head|body|div|p|br|span|a|b|i|u|em|strong|font|table|tr|td|ul|ol|li|img|blockquote|pre|code"
    r"|h[1-6]|hr|style|script|meta))(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BREAKING = frozenset(
    ("p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "blockquote")
)
_UNREAD = frozenset(("script", "style", "head", "title", "template", "noscript"))
_WITHOUT_END = frozenset(("br", "hr", "img", "meta", "input", "link", "area", "base", "col", "source", "wbr"))
_QUOTED = frozenset(("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote"))
_HIDDEN = re.compile(r"<(?:(script|style|head)\b[^<>]*>|!--)", re.IGNORECASE)
_UNENDED = re.compile(r"<(?=[^<>]*(?:<|\Z))")
"""A bracket that another one follows before it is closed: thousands of them would cost the parser minutes."""


def is_html(text: str) -> bool:
    """Whether a text carries markup: a tag of the usual ones, not merely an angle bracket.

    >>> is_html("<p>Hello</p>"), is_html("price <100 and >50"), is_html("write to <anna@example.org>")
    (True, False, False)
    """
    return "<" in text and _MARKUP.search(text, 0, MOST) is not None


def html_to_text(markup: str) -> str:
    """What a reader sees: tags gone, entities resolved, blocks on lines of their own.

    Scripts, styles and what the writer only quoted (a cited block) are left out. Broken markup gives
    what can be read of it and never an error.

    >>> html_to_text("<style>p {}</style><p>I am &uuml;ber<b>happy</b></p><blockquote>old</blockquote>")
    'I am überhappy'
    """
    reader = _Reader()
    reader.feed(_UNENDED.sub("&lt;", _without_hidden(markup)[:MOST]))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _without_hidden(markup: str) -> str:
    """Take out comments, scripts, styles and heads: mail programs write pages of them before the first word."""
    parts, place, lower = [], 0, markup.lower()
    while found := _HIDDEN.search(markup, place):
        end = lower.find(f"</{found[1].lower()}" if found[1] else "-->", found.end())
        if end < 0:
            break
        parts.append(markup[place : found.start()])
        place = lower.find(">", end) + 1 or len(markup)
    return "".join(parts) + markup[place:]


class _Reader(HTMLParser):
    """Collects text; `depth` counts the open elements since one that is not read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _WITHOUT_END:
            self.parts.append("\n" if tag in _BREAKING and not self.unread else "")
        elif self.unread:
            self.unread += [tag] if tag == self.unread[0] else []
        elif tag in _UNREAD or tag == "blockquote" or _QUOTED & set((dict(attrs).get("class") or "").split()):
            self.unread.append(tag)
        elif tag in _BREAKING:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.unread:
            if tag == self.unread[0]:
                self.unread.pop()
        elif tag in _BREAKING:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.parts.append(data)

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """Skip `<![if mso]>` and its like; the parser of the library raises on unknown ones."""
        end = self.rawdata.find(">", i)
        return end + 1 if end >= 0 else -1
