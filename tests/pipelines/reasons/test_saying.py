"""A reason in four languages, with the right plural of every figure in it."""

from __future__ import annotations

import json

import pytest

from tenure.pipelines.reasons.saying import figure, reason_text, say
from tenure.pipelines.reasons.sentences import Facts, told
from tenure.pipelines.reasons.spans import duration

DAYS = (1.0, 2.0, 5.0, 22.0)
SILENCE = {"purchase_days_since_last": 40.0, "purchase_gap_mean": 4.2}
MONEY = {"purchase_amount_28d": 12.5, "purchase_amount_91d": 3_412.5, "purchase_days_since_first": 300.0}


def reads(language: str, theme: str, feature: str, **row: float) -> str:
    known = {"purchase_days_since_last": 1.0, "visit_days_since_last": 1.0}
    found = told(theme, Facts(known | row, feature, "the meaning", "EUR"))
    assert found is not None
    return say(json.loads(json.dumps(found)), language)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["1 day", "2 days", "5 days", "22 days"]),
        ("pl", ["za 1 dzień", "za 2 dni", "za 5 dni", "za 22 dni"]),
        ("bg", ["след 1 ден", "след 2 дни", "след 5 дни", "след 22 дни"]),
        ("hi", ["1 दिन में", "2 दिनों में", "5 दिनों में", "22 दिनों में"]),
    ],
)
def test_days_to_come_have_their_plural(language: str, texts: list[str]) -> None:
    for days, text in zip(DAYS, texts, strict=True):
        assert text in reads(language, "contract", "contract_day", contract_day=-days)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("pl", ["brak zakupów od 1 dnia", "brak zakupów od 2 dni", "brak zakupów od 5 dni", "brak zakupów od 22 dni"]),
        ("bg", ["няма покупки от 1 ден", "няма покупки от 2 дни", "няма покупки от 5 дни", "няма покупки от 22 дни"]),
        (
            "hi",
            [
                "1 दिन से कोई खरीदारी नहीं",
                "2 दिनों से कोई खरीदारी नहीं",
                "5 दिनों से कोई खरीदारी नहीं",
                "22 दिनों से कोई खरीदारी नहीं",
            ],
        ),
    ],
)
def test_silence_is_counted_in_days(language: str, texts: list[str]) -> None:
    row = {"purchase_gap_mean": 0.5}
    found = [reads(language, "silence", "purchase_gap_cv", purchase_days_since_last=days, **row) for days in DAYS]
    assert [text.split("; ")[0] for text in found] == texts


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("pl", ["1 zakup", "2 zakupy", "5 zakupów", "22 zakupy"]),
        ("bg", ["1 покупка", "2 покупки", "5 покупки", "22 покупки"]),
        ("hi", ["1 बार खरीदारी", "2 बार खरीदारी", "5 बार खरीदारी", "22 बार खरीदारी"]),
    ],
)
def test_purchases_are_counted(language: str, texts: list[str]) -> None:
    for count, text in zip(DAYS, texts, strict=True):
        assert text in reads(language, "activity", "purchase_count_28d", purchase_count_28d=count)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "pl",
            ["1 otwarta sprawa, najstarsza: 1 dzień", "2 otwarte sprawy, najstarsza: 2 dni",
             "5 otwartych spraw, najstarsza: 5 dni", "22 otwarte sprawy, najstarsza: 22 dni"],
        ),
        (
            "bg",
            ["1 отворен случай, най-старият е от 1 ден", "2 отворени случая, най-старият е от 2 дни",
             "5 отворени случая, най-старият е от 5 дни", "22 отворени случая, най-старият е от 22 дни"],
        ),
        (
            "hi",
            ["1 मामला खुला है, सबसे पुराना 1 दिन से", "2 मामले खुले हैं, सबसे पुराना 2 दिन से",
             "5 मामले खुले हैं, सबसे पुराना 5 दिन से", "22 मामले खुले हैं, सबसे पुराना 22 दिन से"],
        ),
    ],
)  # fmt: skip
def test_open_cases_and_the_age_of_the_oldest_have_a_plural_each(language: str, texts: list[str]) -> None:
    rows = [{"service_open_cases": days, "service_open_days": days} for days in DAYS]
    assert [reads(language, "service", "service_open_days", **row) for row in rows] == texts


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["sounds like leaving", "sound like leaving", "sound like leaving"]),
        (
            "pl",
            [
                "1 z 22 wiadomości z ostatnich 28 dni brzmi",
                "2 z 22 wiadomości z ostatnich 28 dni brzmią",
                "5 z 22 wiadomości z ostatnich 28 dni brzmi",
            ],
        ),
        (
            "bg",
            [
                "1 от 22 съобщения през последните 28 дни звучи",
                "2 от 22 съобщения през последните 28 дни звучат",
                "5 от 22 съобщения",
            ],
        ),
        ("hi", ["22 में से 1 संदेश", "22 में से 2 संदेश", "22 में से 5 संदेश"]),
    ],
)
def test_the_verb_goes_with_the_number_of_messages(language: str, texts: list[str]) -> None:
    for count, text in zip((1, 2, 5), texts, strict=True):
        row = {"voice_leave_share_28d": count / 22, "voice_messages_count_28d": 22.0}
        assert text in reads(language, "voice", "voice_leave_mean_28d", **row)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "no purchase for 40 days; usually every 4 days"),
        ("pl", "brak zakupów od 40 dni; zwykle co 4 dni"),
        ("bg", "няма покупки от 40 дни; обичайно на всеки 4 дни"),
        ("hi", "40 दिनों से कोई खरीदारी नहीं; आमतौर पर हर 4 दिन में"),
    ],
)
def test_a_sentence_of_two_numbers_is_two_clauses(language: str, text: str) -> None:
    assert reads(language, "silence", "purchase_gap_cv", **SILENCE) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "spent 12.5 EUR in the last 28 days; before that on average 1,511 EUR in 28 days"),
        ("pl", "wydatki w ciągu ostatnich 28 dni: 12,5 EUR; wcześniej średnio 1\N{NO-BREAK SPACE}511 EUR na 28 dni"),
        ("bg", "разходи през последните 28 дни: 12,5 EUR; преди това средно 1\N{NO-BREAK SPACE}511 EUR за 28 дни"),
        ("hi", "पिछले 28 दिनों में 12.5 EUR का खर्च; उससे पहले 28 दिनों में औसतन 1,511 EUR"),
    ],
)
def test_figures_are_written_as_the_language_does(language: str, text: str) -> None:
    assert reads(language, "money", "purchase_amount_28d", **MONEY) == text


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["today", "yesterday", "2 days ago"]),
        ("pl", ["dzisiaj", "wczoraj", "2 dni temu"]),
        ("bg", ["днес", "вчера", "преди 2 дни"]),
        ("hi", ["आज", "बीते कल", "2 दिन पहले"]),
    ],
)
def test_today_and_yesterday_have_words(language: str, texts: list[str]) -> None:
    found = [
        reads(language, "offers", "contract_offers_days_since", contract_offers_days_since=d) for d in (0.0, 1.0, 2.0)
    ]
    assert all(sentence.endswith(text) for sentence, text in zip(found, texts, strict=True))


@pytest.mark.parametrize(
    ("hours", "texts"),
    [
        (0.02, ["72 seconds", "72 sekundy", "72 секунди", "72 सेकंड"]),
        (0.5, ["30 minutes", "30 minut", "30 минути", "30 मिनट"]),
        (22.0, ["22 hours", "22 godziny", "22 часа", "22 घंटे"]),
        (48.0, ["2.0 days", "2,0 dnia", "2,0 дни", "2.0 दिन"]),
    ],
)
def test_durations_have_the_unit_one_would_use(hours: float, texts: list[str]) -> None:
    assert [say([duration(hours)], language) for language in ("en", "pl", "bg", "hi")] == texts


def test_days_are_bare_digits_and_other_figures_are_grouped() -> None:
    assert (
        reads("en", "history", "purchase_days_since_first", purchase_days_since_first=1_234.0)
        == "first seen 1234 days ago"
    )
    assert reads("hi", "loyalty", "points", points=123_456.0) == "the meaning: 1,23,456"


@pytest.mark.parametrize("value", [0.25, 0.35, 2.95, 2.96, -0.04, 99.96, 100.5, 101.5, 1e6 + 0.5, 12.0, -1_234.5])
def test_an_english_figure_is_rounded_as_the_number_itself(value: float) -> None:
    whole = abs(value) >= 100 or value.is_integer()
    assert reads("en", "loyalty", "points", points=value) == f"the meaning: {value:,.{0 if whole else 1}f}"
    assert isinstance(figure(value), int) == whole


def test_a_reason_of_an_earlier_release_stays_english() -> None:
    assert reason_text({"theme": "silence", "text": "no visit for 2 days"}, "hi") == "no visit for 2 days"


def test_a_message_no_catalogue_has_stays_english() -> None:
    assert say([["%(n)d moon", "%(n)d moons", {"n": 2}]], "pl") == "2 moons"


def test_what_is_no_number_is_not_said() -> None:
    assert told("loyalty", Facts({"points": float("inf")}, "points", "points")) is None
