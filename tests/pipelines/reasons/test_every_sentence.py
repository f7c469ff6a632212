"""Every sentence of every theme can be said in every language, down to the last word."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import pytest
from babel.messages.pofile import read_po

from tenure.pipelines.languages import LANGUAGES
from tenure.pipelines.reasons.kinds import KINDS
from tenure.pipelines.reasons.saying import FOLDER, Message, say
from tenure.pipelines.reasons.sentences import SENTENCES, Facts, sentence, told
from tenure.pipelines.reasons.service_messages import AGES, AGO, COUNTS, HOURS, SECONDS, SHARES

OWN = {"qqq", "EUR"}
"""A kind and a meaning of a project's own, and its currency: the same in every language."""

OF_A_KIND = ("days_since_last", "days_since_first", "gap_mean", "count_28d", "count_91d", "amount_28d", "amount_91d")
VALUES: dict[str, tuple[float, ...]] = {
    r"contract_price_change": (-0.2, 0.2),
    r"repeat_odds": (-9.0, 0.3, 9.0),
    r"share|satisfaction_last$|under_notice|silent_last": (0.0, 0.25, 1.0),
    r"hours": (0.01, 0.02, 0.7, 5.0, 60.0),
    r"seconds": (1.0, 90.0, 9_000.0),
    r"amount": (-5.5, 0.0, 12.5, 1_234.0),
    r"gap_mean": (1.0, 4.2, math.nan),
    r"days_since_first": (0.0, 300.0),
    r"until_end": (-1.0, 1.0, 22.0),
    r"contract_day$": (-22.0, -1.0, 40.0),
    r"": (0.0, 1.0, 2.0, 5.0, 22.0),
}
"""Values by what the name of a feature has in it."""

FEATURES = tuple(
    [f"{kind}_{what}" for kind in (*KINDS, "qqq") for what in OF_A_KIND]
    + [f"{stem}_28d" for stem in (*COUNTS, *SHARES)]
    + [f"{stem}_mean_28d" for stem in (*HOURS, *SECONDS)]
    + [f"service_{name}" for names in AGES.values() for name in names]
    + [f"voice_{signal}_share_28d" for signal in ("leave", "effort", "complaint", "tone")]
    + [*AGO, "contract_day", "contract_days_until_renewal", "contract_days_until_end", "contract_under_notice"]
    + ["contract_price", "contract_price_change", "contract_failed_since_paid", "others_signup_count"]
    + ["others_cancellation_count", "repeat_odds_28d", "satisfaction_last", "satisfaction_last_days_since"]
    + ["satisfaction_silent_last", "voice_messages_count_28d", "voice_leave_days_since", "voice_name_share_91d"]
    + ["voice_apology_share_91d", "points"]
)


def _row(drawn: Random) -> dict[str, float]:
    left_out = "gap_mean" if drawn.random() < 0.2 else "nothing"
    return {
        name: next(drawn.choice(values) for part, values in VALUES.items() if re.search(part, name))
        for name in FEATURES
        if left_out not in name
    }


@pytest.fixture(scope="module")
def everything() -> list[Any]:
    """What is said of many rows, each once."""
    drawn, found = Random(1), set()
    for _ in range(60):
        row = _row(drawn)
        for facts in (Facts(row, feature, "qqq", drawn.choice(["", "EUR"])) for feature in row):
            for theme in (*SENTENCES, "loyalty"):
                said = told(theme, facts)
                assert sentence(theme, facts) == (None if said is None else say(said, "en"))
                found.add(json.dumps(said))
    return [json.loads(said) for said in sorted(found - {"null"})]


def _clauses(found: list[Any]) -> Iterator[list[Any]]:
    for clause in found:
        yield clause
        yield from _clauses([value for value in clause[-1].values() if isinstance(value, list)])


def test_every_message_of_the_code_is_said(everything: list[Any], messages: set[Message]) -> None:
    used = {Message(*clause[:-1]) for said in everything for clause in _clauses(said)}
    assert used == messages


@cache
def _vocabulary(language: str) -> frozenset[str]:
    with (FOLDER / f"{language}.po").open("rb") as file:
        entries = [entry for entry in read_po(file, locale=language) if entry.id]
    texts = [text for e in entries for text in ([e.string] if isinstance(e.string, str) else e.string)]
    return frozenset(word for text in texts for word in _words(re.sub(r"%\(\w+\)[sd]", "", text)))


def _words(text: str) -> set[str]:
    """What stands between spaces, without figures and signs at either end."""
    return {word for part in text.split() if (word := part.strip(".,;:'%-0123456789"))}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_word_of_a_sentence_is_one_of_its_catalogue(everything: list[Any], language: str) -> None:
    for said in everything:
        text = say(said, language)
        assert _words(text) <= _vocabulary(language) | OWN, text
        assert "%(" not in text and "nan" not in text


@pytest.mark.parametrize("language", ["bg", "hi"])
def test_no_latin_letter_is_left_where_another_alphabet_is_used(everything: list[Any], language: str) -> None:
    for said in everything:
        assert set(re.findall("[A-Za-z]+", say(said, language))) <= OWN
