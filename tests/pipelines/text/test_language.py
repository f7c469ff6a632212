"""Languages are told among the project's own."""

from __future__ import annotations

import pytest

from tenure.pipelines.text.language import LANGUAGES, UNKNOWN, LanguageUnknown, teller

SAMPLES = {
    "en": "I would like to cancel my contract, please",
    "pl": "Chcę zrezygnować z umowy, obsługa jest fatalna",
    "bg": "Искам да прекратя договора си",
    "hi": "मुझे अपना अनुबंध रद्द करना है",
    "de": "Ich möchte meinen Vertrag kündigen",
    "es": "Quiero cancelar mi contrato ahora mismo, gracias",
    "pt": "Não estou satisfeito com o serviço de vocês",
}


def test_each_language_is_told() -> None:
    told = teller(LANGUAGES)
    assert {name: told.tell(text) for name, text in SAMPLES.items()} == {name: name for name in SAMPLES}


def test_only_languages_of_the_project_are_answered() -> None:
    told = teller(("en", "pl"))
    assert {told.tell(text) for text in SAMPLES.values()} <= {"en", "pl"}


@pytest.mark.parametrize("text", ["", "123", "😀", "?!", "\ufffd"])
def test_a_text_without_letters_has_no_language(text: str) -> None:
    assert teller().tell(text) == UNKNOWN


def test_a_language_nobody_can_tell_is_refused_by_name() -> None:
    with pytest.raises(LanguageUnknown, match="found klingon"):
        teller(("en", "klingon"))
