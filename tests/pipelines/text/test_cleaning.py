"""Whatever arrives as text becomes plain text of bounded length, and nothing makes it fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.pipelines.text.cleaning import READ, Cut, clean
from tenure.pipelines.text.html import MOST
from tenure.pipelines.text.reading import readable

OUTLOOK = """<html><head><style>p.MsoNormal {margin:0}</style><title>Re</title></head><body>
<![if !mso]><p class=MsoNormal>Dzień&nbsp;dobry,<br>nie dzia&#322;a <b>od trzech dni</b>.</p><![endif]>
<!-- hidden --><script>alert("x < y")</script>
<div class="gmail_quote">On Monday Anna wrote:<blockquote>have you <p>tried</p></blockquote></div>
<ul><li>router</li><li>telewizor</li></ul></body></html>"""


def test_an_html_mail_is_read_as_a_person_reads_it() -> None:
    assert clean(OUTLOOK).split("\n") == ["Dzień dobry,", "nie działa od trzech dni.", "router", "telewizor"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x07c", "a b c"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("\ud83d\ude00 whole", "😀 whole"),
        ("", ""),
        (" \n\t ", ""),
        ("\x00", ""),
        ("😡😡", "😡😡"),
        ("لا يعمل الإنترنت\u200f منذ أمس", "لا يعمل الإنترنت\u200f منذ أمس"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("a & b &amp; c", "a & b &amp; c"),
        ("<p>a &amp; b", "a & b"),
        ("<p>", ""),
        ("<![", "<!["),
        ("line one\r\nline two", "line one\n\nline two"),
    ],
)
def test_odd_input_is_made_readable(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    "head",
    [
        "On Mon, 3 Jun 2024 at 10:11 Anna <anna@example.org> wrote:",
        "Am 3. Juni 2024 um 10:11 schrieb Anna Muster:",
        "W dniu 3.06.2024 o 10:11, Anna pisze o napisała:",
        "Dnia 3 czerwca 2024 Obsługa Klienta napisał(a):",
        "На 3 юни 2024, Анна написа:",
        "El lun, 3 jun 2024, Ana escribió:",
        "-----Original Message-----",
        "3 जून 2024 को अन्ना ने लिखा:",
    ],
)
def test_what_a_reply_repeats_is_left_out(head: str) -> None:
    assert clean(f"Still broken\n\n{head}\n> have you tried\nthe button") == "Still broken"


def test_a_message_that_is_nothing_but_a_quote_is_kept() -> None:
    assert clean("> you wrote this\n> and that") == "> you wrote this\n> and that"


def test_lines_quoted_between_answers_are_left_out() -> None:
    assert clean("> does it work?\nno\n> since when?\nyesterday") == "no\nyesterday"


@pytest.mark.parametrize(
    "unit", ["word ", "<p>", "<!--", "<a ", "&amp;", "\x00", "好", "<![", "> \n", "<script>", "-- \nOn a wrote:\n"]
)
def test_a_megabyte_is_cut_to_the_stated_length(unit: str) -> None:
    text = unit * (2 * READ // len(unit))
    assert len(clean(text, Cut(500))) <= 500
    assert len(readable(f"<p>{text}", Cut(500))) <= 500


def test_a_page_of_styles_before_the_first_word_does_not_hide_it() -> None:
    style = "p {margin: 0}\n" * (2 * MOST // 10)
    assert clean(f"<html><head><style>{style}</style></head><body><p>cancel it</p></body></html>") == "cancel it"


PIECES = [
    "<",
    ">",
    "</",
    "<p",
    "<![",
    "<!--",
    "-->",
    "&#",
    "&amp",
    "\x00",
    "\ud800",
    "\udfff",
    "> ",
    "\n",
    " ",
    '="',
    "'",
    "]]>",
    "<?",
    "a",
    "好",
    "style>",
    "script",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join))
def test_nothing_makes_reading_fail_and_what_is_read_can_be_written(text: str) -> None:
    found = readable(text, Cut(60))
    assert len(found) <= 60
    assert found.encode("utf-8").decode("utf-8") == found
    assert "\x00" not in found


def test_nothing_is_read_from_nothing() -> None:
    assert readable(None) == readable("") == ""
