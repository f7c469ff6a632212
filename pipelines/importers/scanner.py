"""Decoding JSON piece by piece from a stream, so that a page of any size needs the memory of one record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Set
from typing import Any, TextIO

BLOCK = 1 << 20
LARGEST = 1 << 28
"""No record has more characters than this; a file that seems to hold one is broken."""
BLANK = " \t\r\n"


class BrokenJson(ValueError):
    """The text is not JSON from here on."""


class Scanner:
    """Walks through the values of a stream; only the value at hand is in memory."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._held = ""
        self._at = 0
        self._lists = 0
        self._decoder = json.JSONDecoder(parse_constant=lambda _name: None)

    def records(self, collections: Set[str]) -> Iterator[tuple[str, Any]]:
        """Name of the list and record, for each list in `collections`; everything else under an empty name.

        Names are dotted: `data.payload` is a list inside an object. What a page holds beside
        its lists is about the page and left out; a list at the top gives its elements.
        """
        inner = {name[: i + 1] for name in collections for i in range(len(name)) if name[i + 1 : i + 2] == "."}
        while self._peek():
            if self._held[self._at] == "[":
                yield from self._elements("")
            elif self._held[self._at] == "{":
                rest: dict[str, Any] = {}
                lists = self._lists
                yield from self._object("", collections, inner, rest)
                if rest and lists == self._lists:  # an object without such a list is itself the record
                    yield "", rest
            else:
                yield "", self._value()

    def excerpt(self) -> str:
        """What stands where the scanner is."""
        return self._held[self._at : self._at + 200]

    def _object(
        self, path: str, collections: Set[str], inner: set[str], rest: dict[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        self._take("{")
        while self._must_peek() != "}":
            key = self._value()
            self._take(":")
            name = f"{path}{key}"
            opening = self._must_peek()
            if name in collections and opening == "[":
                self._lists += 1
                yield from self._elements(name)
            elif name in inner and opening == "{":
                yield from self._object(f"{name}.", collections, inner, rest.setdefault(str(key), {}))
            else:
                rest[str(key)] = self._value()
            if self._must_peek() != "}":
                self._take(",")
        self._take("}")

    def _elements(self, name: str) -> Iterator[tuple[str, Any]]:
        self._take("[")
        while self._must_peek() != "]":
            yield name, self._value()
            if self._must_peek() != "]":
                self._take(",")
        self._take("]")

    def _peek(self) -> str:
        """The next character that is not blank, or nothing at the end."""
        while True:
            while self._at < len(self._held) and self._held[self._at] in BLANK:
                self._at += 1
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._more(BLOCK):
                return ""

    def _must_peek(self) -> str:
        found = self._peek()
        if not found:
            raise BrokenJson("the file ends in the middle of a record")
        return found

    def _take(self, expected: str) -> None:
        found = self._must_peek()
        if found != expected:
            raise BrokenJson(f"expected {expected!r}, found {found!r}")
        self._at += 1

    def _value(self) -> Any:
        self._must_peek()
        size = BLOCK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._held, self._at)
            except (ValueError, RecursionError) as error:
                if not self._more(size):
                    raise BrokenJson(str(error)) from None
            else:
                # a number at the very end of the block may go on in the next one
                if end < len(self._held) or not self._more(size):
                    self._at = end
                    return value
            if len(self._held) - self._at > LARGEST:
                raise BrokenJson(f"a record of more than {LARGEST:,} characters")
            size *= 2

    def _more(self, size: int) -> bool:
        block = self._text.read(size)
        if not block:
            return False
        self._held = self._held[self._at :] + block
        self._at = 0
        return True
