"""Model card and data sheet: written by a training, kept in the registry, and free of anybody's rows."""

from __future__ import annotations

import json

import pytest

from tenure.models.artefact import load
from tenure.pipelines.registry import Registry
from tenure.pipelines.report.sheet import Grid, Section, Sheet, as_markdown, as_page

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

NASTY = Sheet(
    "Model card", "shop & <b>co</b>", "Lead.", "them", (Section("Use", ("a *b*",), {}, (Grid(("x",), (("a|b",),)),)),)
)


@pytest.fixture
def kept(trained):
    """The folder of documents that the registry keeps of the champion."""
    registry = Registry(trained / ".tenure")
    return registry.documents(registry.with_alias("shop-lapse"))


def test_the_registry_keeps_card_and_sheet_as_page_and_as_markdown(kept):
    names = {file.name for file in kept.iterdir()}
    assert {f"{name}.{end}" for name in ("model-card", "data-sheet") for end in ("html", "md")} <= names


def test_the_card_says_what_the_model_is_how_good_and_for_whom(trained, kept):
    card = (kept / "model-card.md").read_text(encoding="utf-8")
    proof = json.loads((kept / "backtest.json").read_text(encoding="utf-8"))
    champion = load(Registry(trained / ".tenure").with_alias("shop-lapse").directory)
    assert champion.digest in card and champion.extra["learned_until"] in card
    assert f"{proof['summary']['risk']['roc_auc']['mean']:.3f} (" in card
    assert "no purchase in the 28 days from the date" in card
    assert "| region: r1 |" in card and "purchase" in card.split("## What it goes by")[1]


def test_the_sheet_counts_rows_by_source_and_tells_where_they_come_from(kept):
    sheet = (kept / "data-sheet.md").read_text(encoding="utf-8")
    assert "| sales | interactions |" in sheet and "files sales.csv" in sheet
    assert "The source members has no dates" in sheet


def test_no_document_of_a_training_names_a_customer(kept):
    for file in kept.rglob("*"):
        if file.is_file():
            assert b"c147" not in file.read_bytes(), file


def test_a_version_says_in_the_registry_what_it_is(trained):
    registry = Registry(trained / ".tenure")
    version = registry._client.get_model_version("shop-lapse", registry.with_alias("shop-lapse").version)
    assert version.description.startswith("lapse: no purchase in the 28 days from the date, among customers")
    assert "ROC AUC" in version.description


def test_marks_in_names_are_neither_html_nor_markdown():
    assert "<b>" not in as_page(NASTY).split("<main>")[1]
    text = as_markdown(NASTY)
    assert "\\<b>" in text and "a \\*b\\*" in text and "| a\\|b |" in text
