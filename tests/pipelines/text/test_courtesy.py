"""Apologies and the customer's name in agents' messages, in the languages of the house."""

from __future__ import annotations

import pytest

from tenure.pipelines.text.courtesy import APOLOGIES, apologises, uses_name

SORRY = {
    "en": ("We are sorry for the delay", "Please accept our apologies", "I apologise."),
    "pl": ("Przepraszamy za opóźnienie", "Bardzo nam przykro", "Proszę przyjąć przeprosiny"),
    "bg": ("Извинете ни за забавянето", "Много съжаляваме", "Поднасяме извинение"),
    "hi": ("देरी के लिए हमें खेद है", "कृपया माफ़ करें", "हम क्षमा चाहते हैं"),
    "de": ("Wir entschuldigen uns", "Das tut uns sehr leid", "Wir bedauern das"),
    "es": ("Lo sentimos mucho", "Disculpe las molestias", "Le pedimos perdón"),
    "pt": ("Pedimos desculpas", "Sentimos muito", "Lamentamos o ocorrido"),
}
NOT = (
    "Your order is on its way", "Sorrento, Italy", "Zamówienie jest w drodze", "Поръчката е на път", "आपका ऑर्डर रास्ते में है",
    "Die Bestellung ist unterwegs", "Su pedido está en camino", "O pedido está a caminho", "", "No need to apologise!",
)  # fmt: skip


def test_every_language_has_its_apologies() -> None:
    assert {name for name, texts in SORRY.items() if all(map(apologises, texts))} == set(APOLOGIES)


@pytest.mark.parametrize("text", NOT)
def test_other_messages_hold_none(text: str) -> None:
    assert not apologises(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dear Ms Smith, thank you", "Jane Smith"),
        ("Dzień dobry Panie Piotrze", "Piotr Nowak"),
        ("Pani Anno!", "Anna"),
        ("Здравейте, Ивана", "Ивана Петрова"),
        ("Здравей Георги,", "ГЕОРГИ"),
        ("नमस्ते प्रिया जी", "प्रिया"),
        ("Hallo Jörg", "JÖRG"),
        ("Hi O'Hara", "Sean O'Hara"),
    ],
)
def test_a_name_is_found_as_it_is_used(text: str, name: str) -> None:
    assert uses_name(text, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("we will call", "Will"),
        ("Dear customer", "Jane Smith"),
        ("Annotated bill", "Ann Lee"),
        ("Mr J. is here", "J. M"),
        ("Pan jest w kolejce", "Pan Adam"),
        ("", "Anna"),
        ("Anna", ""),
        ("Anna", "!?"),
    ],
)
def test_a_word_that_is_no_name_is_none(text: str, name: str) -> None:
    assert not uses_name(text, name)
