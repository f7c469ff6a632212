"""Repair of text that was decoded wrongly: single-byte code pages by ftfy, UTF-8 read as GBK here.

UTF-8 read as GBK turns every letter beyond ASCII into a Chinese character. Runs of characters that
GB18030 writes in two bytes are written back to bytes and read as UTF-8; the repairs of a message
are accepted all together, or none is, by rules that genuine Chinese, Japanese and Korean do not meet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ftfy import fix_encoding

FAIL = 0.1
"""The share of Chinese-looking characters in a message that may resist the repair."""

LEAST_LATIN, LEAST_OTHER = 2, 4
"""Characters a message must have for a repair into Latin letters, and into another script.

谢谢 ("thank you") is byte for byte two Cyrillic letters, so two characters prove nothing there.
"""

_CJK = r"\u2e80-\u2fdf\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ue000-\uf8ff"
_ANY_CJK = re.compile(f"[{_CJK}]")
_SIGNS = frozenset("\u00a0\u200d\ufe0f«»„“”‚‘’‹›–—…•·°§€£©®™¿¡№×।॥")
_EMOJI = ((0x2600, 0x27BF), (0x1F1E6, 0x1FAFF))
_SCRIPTS = {
    "latin": ((0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x17F), (0x218, 0x21B), (0x1E00, 0x1EFF)),
    "greek": ((0x386, 0x3CE),),
    "cyrillic": ((0x401, 0x45F), (0x490, 0x491)),
    "hebrew": ((0x5D0, 0x5EA),),
    "arabic": ((0x621, 0x652), (0x660, 0x669), (0x671, 0x6D3)),
    "devanagari": ((0x901, 0x963), (0x966, 0x96F)),
}


@dataclass(frozen=True)
class Repaired:
    """A text after repair. `flagged` says that it looks damaged beyond what could be repaired."""

    text: str
    flagged: bool = False


@dataclass(frozen=True)
class _Run:
    """A run of two-byte characters, what it becomes (None: it resists), and whether Latin letters touch it."""

    start: int
    end: int
    chinese: int
    decoded: str | None
    touches: bool
    between: bool


def repair(text: str, *, evidence: bool = False) -> Repaired:
    """Undo wrong decoding where that is beyond doubt; anything else comes back as it is.

    With `evidence` (the same import holds messages that were repaired) one character is enough.

    >>> repair("Obs艂uga klienta to bezpo艣rednia interakcja").text
    'Obsługa klienta to bezpośrednia interakcja'
    >>> repair("谢谢 for the 好 service").text
    '谢谢 for the 好 service'
    >>> repair("naÃ¯ve cafÃ©").text
    'naïve café'
    """
    if text.isascii():
        return Repaired(text)
    fixed = fix_encoding(text)
    return repair_gbk(fixed, evidence=evidence) if _ANY_CJK.search(fixed) else Repaired(fixed)


def repair_gbk(text: str, *, evidence: bool = False) -> Repaired:
    """Undo UTF-8 read as GBK (GB18030); see the head of this file."""
    runs = [run for run in _runs(text) if run.chinese]
    if not runs or not _plausible(runs, evidence):
        return Repaired(text, flagged=_damaged(text, runs))
    pieces, place = [], 0
    for run in runs:
        pieces += [text[place : run.start], text[run.start : run.end] if run.decoded is None else run.decoded]
        place = run.end
    return Repaired("".join(pieces) + text[place:])


def _plausible(runs: list[_Run], evidence: bool) -> bool:
    chinese = sum(run.chinese for run in runs)
    done = [run for run in runs if run.decoded is not None]
    if not done or chinese - sum(run.chinese for run in done) > FAIL * chinese:
        return False
    scripts = {script for run in done for script in map(_script, run.decoded or "") if script not in ("ascii", "sign")}
    if len(scripts) > 1:
        return False
    if scripts <= {"latin"}:
        touching = sum(run.touches for run in done)
        alone = any(run.between for run in done)
        enough = chinese >= LEAST_LATIN or alone or evidence
        return enough and 2 * touching >= len(done)
    lost = sum("\ufffd" in (run.decoded or "") for run in done)  # of a Hindi text a tenth is gone for good
    enough = chinese >= LEAST_OTHER or evidence
    return enough and lost <= FAIL * len(done) and not any(run.touches for run in done)


def _runs(text: str) -> list[_Run]:
    """The maximal runs of two-byte characters; a lost tail (U+FFFD or a question mark) belongs to its run."""
    found: list[_Run] = []
    place, end = 0, len(text)
    while match := _ANY_CJK.search(text, place):
        start = match.start()
        while start > place and _two_bytes(text[start - 1]):
            start -= 1
        stop = match.end()
        while stop < end and _two_bytes(text[stop]):
            stop += 1
        found.append(_run(text, start, stop))
        place = found[-1].end
    return found


def _run(text: str, start: int, stop: int) -> _Run:
    chinese = len(_ANY_CJK.findall(text, start, stop))
    tail = stop < len(text) and text[stop] in "\ufffd?"
    decoded, lost = _decode(text[start:stop], tail=tail)
    before, after = text[start - 1 : start], text[stop : stop + 1]
    if decoded is not None and before.islower() and decoded[0].isupper():
        decoded, lost = None, 0  # no word goes on with a capital
    letters = [bool(side) and side.isascii() and side.isalpha() for side in (before, after)]
    inner = decoded is not None and any(c.isascii() and c.isalpha() for c in decoded)
    return _Run(start, stop + lost, chinese, decoded, any(letters) or inner, all(letters))


def _decode(run: str, *, tail: bool) -> tuple[str | None, int]:
    """The run read as UTF-8, None where it resists, and how many characters after it belong to it."""
    coded = run.encode("gb18030")
    lost = 0
    try:
        decoded = coded.decode("utf-8")
    except UnicodeDecodeError as error:
        if not tail or error.end != len(coded) or error.reason != "unexpected end of data":
            return None, 0
        decoded, lost = coded[: error.start].decode("utf-8") + "\ufffd", 1
    if not all(_script(letter) for letter in decoded) or decoded[0] in "\u0300\u0301":
        return None, 0
    return decoded, lost


@lru_cache(maxsize=4_096)
def _script(letter: str) -> str | None:
    """The script of a letter a repair may give; `sign` for usual punctuation, None for anything else."""
    code = ord(letter)
    if 0x40 <= code <= 0x7E:  # the second byte of a two-byte character may be ASCII
        return "ascii"
    if letter in _SIGNS or letter == "\ufffd" or any(a <= code <= b for a, b in _EMOJI):
        return "sign"
    return next((name for name, spans in _SCRIPTS.items() if any(a <= code <= b for a, b in spans)), None)


@lru_cache(maxsize=65_536)
def _two_bytes(letter: str) -> bool:
    return not letter.isascii() and letter != "\ufffd" and len(letter.encode("gb18030", "replace")) == 2


def _damaged(text: str, runs: list[_Run]) -> bool:
    """Whether most of what the runs hold is another script: damage seen, and too much lost to repair it."""
    coded = b" ".join(text[run.start : run.end].encode("gb18030", "replace") for run in runs)
    letters = [c for c in coded.decode("utf-8", "replace") if not c.isascii() and c != "\ufffd"]
    known = [script for script in map(_script, letters) if script not in (None, "sign")]
    read = sum(len(c.encode()) for c in letters)
    return len(known) >= LEAST_OTHER and 4 * len(known) > 3 * len(letters) and 2 * read > len(coded)
