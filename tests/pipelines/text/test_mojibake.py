"""Damaged text is restored letter for letter; genuine text in any script stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from genuine import messages

from tenure.pipelines.text.mojibake import repair

SEEDS = Path(__file__).parents[3].parent / "shared" / "seeds"
HANZI = [
    bytes([lead, trail]).decode("gb2312")
    for lead in range(0xB0, 0xD8)
    for trail in range(0xA1, 0xFF)
    if lead < 0xD7 or trail < 0xFA
]
"""The 3,755 Chinese characters in everyday use (level 1 of GB 2312)."""


def chinese(text: str) -> int:
    return sum("\u4e00" <= letter <= "\u9fff" for letter in text)


def damaged(text: str) -> str:
    """UTF-8 read as GBK; what cannot be read is lost."""
    return text.encode("utf-8").decode("gb18030", "replace")


def by_line(text: str) -> str:
    """The road back by another way: line by line, and a line that resists stays."""

    def back(line: str) -> str:
        try:
            return line.encode("gb18030").decode("utf-8")
        except UnicodeDecodeError:
            return line

    return "".join(map(back, text.splitlines(keepends=True)))


def test_the_polish_seed_is_restored_letter_for_letter(require: Callable[[Path], Path]) -> None:
    found = require(SEEDS / "004_545c524c79b7d203.txt").read_bytes().decode("utf-8")
    repaired = repair(found)
    assert chinese(found) == 329
    changed = [(a, b) for a, b in zip(found, repaired.text, strict=True) if a != b]
    assert len(changed) == 329
    assert {b for _, b in changed} <= set("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")
    assert repaired.text == by_line(found)
    assert chinese(repaired.text) == repaired.text.count("\ufffd") == 0
    assert not repaired.flagged


@pytest.mark.parametrize("number", ["000", "001", "002", "003"])
def test_the_other_seeds_stay_byte_for_byte(number: str, require: Callable[[Path], Path]) -> None:
    (file,) = require(SEEDS).glob(f"{number}_*.txt")
    found = file.read_bytes()
    assert repair(found.decode("utf-8")).text.encode("utf-8") == found


def test_genuine_chinese_japanese_and_korean_messages_stay() -> None:
    every = messages()
    assert len(every) > 2_500
    assert [text for text in every if repair(text).text != text or repair(text).flagged] == []


@pytest.mark.parametrize("length", [1, 2, 3, 4, 6, 12])
@pytest.mark.parametrize("around", ["{}", "I think {} is good", "Anna: {}!", "（{}）", "{} спасибо"])
def test_random_hanzi_alone_or_inside_other_text_stay(length: int, around: str) -> None:
    drawn = np.random.default_rng(length).integers(len(HANZI), size=(600, length))
    texts = [around.format("".join(HANZI[place] for place in row)) for row in drawn]
    assert [text for text in texts if repair(text).text != text] == []


@pytest.mark.parametrize(
    "text",
    [
        "Chcę zrezygnować z umowy, obsługa jest fatalna",
        "Zgłaszam: żółć",
        "Nie działa",
        "Искам да прекратя договора си",
        "Θέλω να ακυρώσω τη σύνδεση",
        "Überhöhte Gebühren, bitte zurücküberweisen",
        "Después de tres años, adiós",
        "Não consigo acessar a aplicação, é péssimo",
        "We’re leaving now, don’t write, it’s over",
        "Świetnie 😀👍 dziękuję",
    ],
)
def test_what_gbk_made_of_other_scripts_is_undone(text: str) -> None:
    assert chinese(damaged(text))
    assert repair(damaged(text)).text == text


def test_a_letter_whose_tail_was_lost_is_marked_and_the_rest_restored() -> None:
    text = "Opłata za „Internet” jest zła"
    lost = damaged(text)
    assert lost.count("\ufffd") == 1
    assert repair(lost).text == "Opłata za „Internet\ufffd jest zła"


def test_one_damaged_letter_at_the_end_of_a_word_needs_evidence_from_elsewhere() -> None:
    assert repair("mam谩 no").text == "mam谩 no"
    assert repair("mam谩 no", evidence=True).text == "mamá no"
    assert repair("espa帽ol").text == "español"


def test_hindi_read_as_gbk_is_flagged_and_left() -> None:
    lost = damaged("मुझे अपना अनुबंध रद्द करना है, और पैसे वापस चाहिए। मैं तीन दिन से इंतज़ार कर रही हूँ")
    found = repair(lost)
    assert found.text == lost
    assert found.flagged


@pytest.mark.parametrize("codec", ["cp1252", "cp1250"])
def test_single_byte_damage_is_undone_and_nothing_else_is_touched(codec: str) -> None:
    text = "Übergröße für „Anna“, 20 €" if codec == "cp1252" else "Dziękuję, to już działa"
    assert repair(text).text == text
    assert repair(text.encode().decode(codec)).text == text
