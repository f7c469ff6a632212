"""Saves from published lists in the store and purchases in the lake."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from campaigns import FIRST, UNTIL, Place, Published, act, drawn, places, publish_campaign, write_campaign

from tenure.pipelines.decisions.saves import SavesReport, report_saves
from tenure.pipelines.decisions.saves_document import document, keep_saves, kept_saves
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store

NOW = dt.datetime(2024, 6, 3, tzinfo=dt.UTC)
LATE = dt.date(2024, 5, 20)
"""Its horizon ends after the data."""
Measure = Callable[..., SavesReport]


@pytest.fixture
def measure(tmp_path: Path) -> Measure:
    """Write lists, import the purchases, and measure."""

    def measure(
        found: list[Published],
        *,
        more: Sequence[tuple[Place, dt.datetime, dict[str, Any]]] = (),
        before_import: Callable[[Path], None] = lambda folder: None,
        store_section: str = "",
        **asked: Any,
    ) -> SavesReport:
        project = load_project(write_campaign(tmp_path, found, store_section=store_section))
        before_import(tmp_path)
        store = project_store(project)
        publish_campaign(store, found)
        for place, at, what in more:
            act(store, place, at, **what)
        study = Study.of(project, import_sources(project, now=NOW, store=store))
        report = report_saves(study, store, **asked)
        store.dispose()
        return report

    return measure


def test_members_of_a_list_are_compared_by_what_became_of_them(measure: Measure, store_section: str) -> None:
    report = measure([Published(FIRST, places((50, 20), (200, 50), value=100.0))], store_section=store_section)
    assert report.saves is not None
    assert (report.saves.held_out, report.saves.left_held_out) == (50, 20)
    assert (report.saves.contacts, report.saves.left_contacts) == (200, 50)
    assert report.saves.saved.value == pytest.approx(30)
    assert report.saves.value is not None
    assert report.saves.value.value == pytest.approx(3_000)
    assert (report.saves.contacted, report.saves.contacted_held_out) == (1.0, 0.0)
    assert report.counted.measured == 250
    assert [(one.list_id, one.ripe, one.contacts) for one in report.lists] == [(1, True, 200)]


def test_a_list_whose_horizon_has_not_passed_waits(measure: Measure) -> None:
    early, late = Published(FIRST, places((30, 9), (90, 18))), Published(LATE, places((10, 0), (40, 0), name="d"))
    report = measure([early, late])
    assert (report.counted.measured, report.counted.too_early) == (120, 50)
    assert report.next_ripe == LATE + dt.timedelta(days=28)
    assert [(one.ripe, one.saves is None) for one in report.lists] == [(True, False), (False, True)]


def test_with_none_passed_yet_it_is_too_early(measure: Measure) -> None:
    report = measure([Published(LATE, places((10, 0), (40, 0)))])
    assert report.verdict is None
    assert report.sentence == "Too early: the first outcomes will be known when the data are complete until 2024-06-17."


def test_without_lists_there_is_nothing_to_measure(measure: Measure) -> None:
    report = measure([Published(FIRST, places((1, 0), (1, 0)), outcome="other")])
    assert report.sentence.startswith("Nothing to measure: no list was published")
    assert report.lists == ()


def test_who_is_never_held_out_and_lists_from_before_are_left_out(measure: Measure) -> None:
    members = places((30, 9), (90, 18))
    always = tuple(replace(one, customer_id=f"key{n}", propensity=1.0) for n, one in enumerate(members[-5:]))
    old = places((0, 0), (7, 2), name="old", propensity=None)
    report = measure([Published(FIRST, members + always), Published(FIRST, old, draw=None)])
    assert (report.counted.measured, report.counted.never_held_out, report.counted.without_draw) == (120, 5, 7)
    assert [one.list_id for one in report.lists] == [1]


def test_where_nobody_could_be_held_out_it_says_what_to_set(measure: Measure) -> None:
    report = measure([Published(FIRST, places((0, 0), (20, 2), propensity=1.0))])
    assert "Set [hold_out] share in the project file" in report.sentence


def test_a_person_on_two_lists_of_a_period_counts_once_on_the_first(measure: Measure) -> None:
    members = places((30, 9), (90, 18))
    again = (*members[:30], *places((10, 2), (80, 9), name="new"))  # who was contacted is not on the next list
    report = measure([Published(FIRST, members), Published(FIRST, again, draw=str(FIRST))])
    assert (report.counted.measured, report.counted.repeated) == (210, 30)
    assert [(one.contacts, one.held_out) for one in report.lists] == [(90, 30), (80, 10)]
    assert [(one.people, one.held_out) for one in report.ratios] == [(210, 40)]


def test_a_pilot_is_a_draw_of_its_own_after_which_the_ratio_cannot_be_checked(measure: Measure) -> None:
    pilot = Published(FIRST, places((40, 9), (40, 5), name="p", propensity=0.5), sort="random")
    after = Published(FIRST, places((30, 9), (90, 18)))
    report = measure([pilot, after])
    assert [(one.share, one.people) for one in report.ratios] == [(0.5, 80)]
    assert report.counted.measured == 200


def test_contacts_against_the_draw_are_counted_and_only_those_in_the_horizon(
    measure: Measure, store_section: str
) -> None:
    members = places((30, 9), (90, 18), contacted=False)
    noon = dt.datetime.combine(FIRST, dt.time(12))
    told: list[tuple[Place, dt.datetime, dict[str, Any]]] = [
        (members[0], noon, {}),
        (members[1], noon - dt.timedelta(days=1), {}),
        (members[2], noon + dt.timedelta(days=28), {}),
        (members[3], noon + dt.timedelta(days=27), {}),
        (members[4], noon, {"result": "no_answer"}),
        (members[5], noon, {"outcome": "other"}),
    ]
    report = measure([Published(FIRST, members)], more=told, store_section=store_section)
    assert report.contamination.held_out_contacted == 2
    assert report.contamination.not_contacted == 90


def test_since_leaves_older_lists_out(measure: Measure) -> None:
    older, newer = (
        Published(FIRST, places((30, 9), (90, 18))),
        Published(dt.date(2024, 4, 1), places((20, 5), (60, 9), name="d")),
    )
    report = measure([older, newer], since=dt.date(2024, 4, 1))
    assert [one.list_id for one in report.lists] == [2]
    assert report.counted.measured == 80


def test_a_member_of_whom_the_data_know_nothing_is_unknown(measure: Measure, tmp_path: Path) -> None:
    known = Published(FIRST, places((30, 9), (90, 18)))
    gone = replace(known.places[0], customer_id="gone", left=False)

    def forget(folder: Path) -> None:
        rows = (folder / "till.csv").read_text().splitlines()
        (folder / "till.csv").write_text("\n".join(row for row in rows if not row.startswith("gone,")) + "\n")

    report = measure([replace(known, places=(*known.places, gone))], before_import=forget)
    assert (report.counted.measured, report.counted.unknown) == (120, 1)


def test_playbooks_and_segments_are_looked_at_apart(measure: Measure) -> None:
    north = places((40, 20), (90, 20), name="n", segment="north", playbook="call")
    south = places((40, 10), (90, 22), name="s", segment="south", playbook="call")
    report = measure([Published(FIRST, north + south)])
    assert [(one.name, one.saves.contacts) for one in report.by_segment] == [("north", 90), ("south", 90)]
    assert [one.name for one in report.by_playbook] == ["call"]
    assert report.by_segment[0].verdict == "kept"
    assert report.by_segment[1].verdict == "cannot tell"


def test_the_document_is_plain_and_kept_for_the_desk(measure: Measure, tmp_path: Path) -> None:
    report = measure([Published(FIRST, drawn(300, seed=1))])
    project = load_project(tmp_path)
    assert kept_saves(project, "lapse") is None
    keep_saves(project, report)
    held = kept_saves(project, "lapse")
    assert held == json.loads(json.dumps(document(report)))
    assert held["saves"]["saved"]["value"] == pytest.approx(report.saves.saved.value if report.saves else 0)
    assert held["complete_until"] == str(UNTIL)
    assert held["verdict"]["name"] in ("kept", "cannot tell yet")
