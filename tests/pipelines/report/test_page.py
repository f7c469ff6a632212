"""The page as a whole: what it says, and that it needs nothing but itself."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

from tenure.models.verdict import Name
from tenure.pipelines.proof.document import document
from tenure.pipelines.report.page import write_report
from tenure.pipelines.report.words import GLOSSARY, MEANING, timeless_notes

DAY = dt.date(2017, 8, 7)
PLOTS = ["calibration", "gain", "roc-auc-by-origin", "scores"]


def page_of(result, folder: Path, **options) -> str:
    return write_report(result, document(result), folder, **options).read_text("utf-8")


def test_the_page_opens_on_the_question_and_the_verdict(page):
    assert "who will go quiet?" in page
    assert "no purchase in the 28 days from the date, among all customers seen before it." in page
    assert '<p class="big">Use</p>' in page
    assert MEANING["use"] in page


def test_the_verdict_sentence_is_escaped(page):
    assert "The shop &amp; its tills &lt;say&gt; so." in page


def test_every_verdict_has_its_plain_words():
    assert set(MEANING) == set(get_args(Name))


def test_a_page_without_signal_says_that_no_list_is_made(make_result, tmp_path):
    page = page_of(make_result(verdict="no signal"), tmp_path / "out", looks=3)
    assert '<p class="big">No signal</p>' in page
    assert "No scores and no list are made" in page
    assert "<dd>3 so far</dd>" in page


def test_nothing_is_fetched_from_elsewhere(page):
    addresses = set(re.findall(r"https?://[^\"' >]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"<(script|link|img|iframe)\b|@import|url\((?!#)", page)


def test_every_plot_is_in_the_page_and_beside_it(page, report):
    assert sorted(file.stem for file in (report / "plots").iterdir()) == PLOTS
    assert len(re.findall(r'<svg role="img" aria-label="[^"]{30,}"', page)) == len(PLOTS)
    assert len(re.findall(r"<figcaption>[^<]{20,}", page)) == len(PLOTS) + 1


def test_the_same_result_gives_the_same_bytes(make_result, page, report, tmp_path):
    assert page_of(make_result(), tmp_path) == page
    for name in PLOTS:
        assert (tmp_path / "plots" / f"{name}.svg").read_bytes() == (report / "plots" / f"{name}.svg").read_bytes()


def test_ids_are_unique_and_every_reference_leads_somewhere(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([^")]+)', page)) <= set(ids)


def test_tags_are_balanced(page):
    opened: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag != "meta":
                opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Reader().feed(page)
    assert opened == []


def test_a_timeless_source_that_is_no_feature_is_named(page):
    assert "The source forms has no dates" in page
    assert "do not depend on it" in page


def test_a_timeless_source_of_features_makes_figures_too_good(make_result):
    (note,) = timeless_notes(make_result(income={"type": "category", "role": "feature"}).study)
    assert "may learn from it (income)" in note
    assert "too good" in note


def test_looks_that_were_not_counted_are_not_mentioned(page):
    assert "Looks at these dates" not in page


def test_the_glossary_explains_every_word(page):
    assert all(f"<dt>{word}</dt>" in page for word in GLOSSARY)


def test_one_origin_is_enough_for_a_page(make_result, origin, tmp_path):
    assert "Date by date" in page_of(make_result(origin(DAY)), tmp_path / "out")


def test_an_origin_without_positives_is_not_measurable(make_result, origin, tmp_path):
    empty = origin(dt.date(2017, 9, 4), labels=(0,) * 8)
    page = page_of(make_result(origin(DAY), empty), tmp_path / "out")
    assert page.count(">not measurable</td>") == 12


def test_equal_scores_give_a_page(make_result, origin, tmp_path):
    page = page_of(make_result(origin(DAY, risk=(0.3,) * 8)), tmp_path / "out")
    assert "not measurable" in page


def test_scores_of_nought_and_one_give_a_page(make_result, origin, tmp_path):
    page = page_of(make_result(origin(DAY, risk=(1, 1, 0, 1, 0, 0, 0, 0))), tmp_path / "out")
    assert "Date by date" in page


def test_figures_that_are_nowhere_measurable_are_said_so(make_result, tmp_path):
    result = make_result()
    unknown = {model: dict.fromkeys(metrics, float("nan")) for model, metrics in result.summary.values.items()}
    drawn = {m: {k: v * float("nan") for k, v in metrics.items()} for m, metrics in result.summary.draws.items()}
    summary = dataclasses.replace(result.summary, values=unknown, draws=drawn)
    page = page_of(dataclasses.replace(result, summary=summary), tmp_path / "out")
    assert '<p class="value">not measurable</p>' in page
    assert ">nan" not in page


def test_more_dates_than_labels_and_more_capacity_than_customers(make_result, origin, tmp_path):
    days = [dt.date(2017, 1, 2) + dt.timedelta(days=7 * week) for week in range(20)]
    result = make_result(*[origin(day) for day in days])
    content = document(result) | {"capacity": 5000}
    page = write_report(result, content, tmp_path / "out").read_text("utf-8")
    assert "5,000 contacts" in page
    assert page.count('<th scope="row">2017-') == 2 * len(days)
