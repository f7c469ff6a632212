"""False churn and delay, on histories in which one can count them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from definitions import MONDAY, WEEKS, outcome, plan
from histories import World, question, told
from hypothesis import given
from hypothesis import strategies as st

from tenure.pipelines.defining.plan import Definition
from tenure.pipelines.defining.survey import Survey, survey_history
from tenure.pipelines.settings.outcome import AnyOutcome

PAUSES = """
    stays  purchase 2024-04-20
    stays  purchase 2024-05-19
    stays  purchase 2024-06-15
    pauses purchase 2024-04-20
    pauses purchase 2024-06-01
    rests  purchase 2024-04-20
    rests  purchase 2024-06-20
    gone   purchase 2024-04-20
    before purchase 2024-03-01
"""


def survey(
    text: str, *, zone: str = "UTC", about: AnyOutcome | None = None, gaps: Any = None, **changes: Any
) -> Survey:
    about = about or outcome()
    world = World(told(text), (), MONDAY, question(about, zone=zone, gaps=gaps))
    return survey_history(world.history(), plan(about, **changes))


def returning(found: Survey) -> dict[int, tuple[int, int, int]]:
    """By horizon: asked about, called lost with full follow-up, and who of them came back."""
    return {d.horizon_days: (c.asked, c.followed, c.returned) for d, c in found.counts.items()}


def test_whoever_was_called_lost_and_does_it_again_was_false() -> None:
    found = returning(survey(PAUSES))
    assert found == {14: (4, 3, 2), 28: (4, 2, 1)}  # pauses, rests and gone; after 28 days rests and gone


def test_only_what_happens_while_they_are_followed_is_a_return() -> None:
    assert returning(survey(PAUSES, followed_days=45)) == {14: (4, 3, 1), 28: (4, 2, 0)}  # the 45th day is too late


def test_a_wider_window_asks_about_those_who_had_been_lost_before() -> None:
    found = survey(PAUSES, windows=(28, 91)).counts
    assert {d: (c.asked, c.lost, c.gone) for d, c in found.items() if d.horizon_days == 28} == {
        Definition(28, 28): (4, 2, 0),
        Definition(28, 91): (5, 3, 1),
    }


def test_a_person_counts_as_one_over_all_dates() -> None:
    count = survey(PAUSES, judged=WEEKS[:2]).counts[Definition(14, 28)]
    # on 6 and on 13 May; nobody else was seen in the 28 days before the second date, and `stays` bought in both horizons
    assert (count.followed, count.people, count.lost_squared, count.lost_returned) == (6, 3, 12, 8)


def test_a_person_with_two_contracts_counts_as_one() -> None:
    asked = outcome(unit="contract")
    count = survey("a/1 purchase 2024-04-20\na/2 purchase 2024-04-21", about=asked).counts[Definition(14, 28)]
    assert (count.asked, count.lost, count.people, count.lost_squared) == (2, 2, 1, 4)


REAL = """
    left   purchase 2024-04-20
    left   purchase 2024-05-08
    sunday purchase 2024-05-12T23:59:00
    early  purchase 2024-05-05
    back   purchase 2024-05-08
    back   purchase 2024-08-30
    recent purchase 2024-08-01
    today  purchase 2024-05-09
    today  purchase 2024-09-02T09:00
"""


def test_the_delay_is_from_the_last_activity_to_the_day_on_which_the_definition_says_lost() -> None:
    found = survey(REAL)
    assert found.real_losses == 2  # one left before the first date, the others came back or were silent for too short
    delays = {d.horizon_days: sorted(c.delays.tolist()) for d, c in found.counts.items()}
    assert delays == {14: [15, 19], 28: [29, 33]}  # asked on 13 May, known on 27 May or 10 June


def test_a_real_loss_that_was_never_eligible_is_missed() -> None:
    asked = outcome(eligible={"active_days": 28, "min_history_days": 21})
    found = survey(REAL + "once purchase 2024-05-07", about=asked).counts[Definition(14, 28)]
    # `left` is known for 21 days on 13 May; `once` and `sunday` only when 28 days of silence are nearly over
    assert sorted(found.delays.tolist()) == [19, 36, 41]
    never = outcome(eligible={"active_days": 14, "min_history_days": 21})
    missed = survey(REAL + "once purchase 2024-05-07", about=never, windows=(14,))
    assert (missed.real_losses, missed.counts[Definition(14, 14)].delays.tolist()) == (3, [19])


def test_lead_and_maturity_make_a_loss_known_later_but_are_asked_about_sooner() -> None:
    found = survey(REAL, about=outcome(lead_days=7, maturity_days=2))
    # asked on 6 May about 13 to 26 May: `left`, active on 20 April, is called lost on 29 May
    assert sorted(found.counts[Definition(14, 28)].delays.tolist()) == [21, 24]


def test_days_begin_at_midnight_in_the_zone_of_the_project() -> None:
    text = "a purchase 2024-04-20\na purchase 2024-05-20T03:00:00"  # still 19 May in New York
    assert returning(survey(text, zone="UTC"))[14] == (1, 1, 1)
    assert returning(survey(text, zone="America/New_York"))[14] == (1, 0, 0)
    late = "a purchase 2024-05-20T03:00:00"
    assert survey(late, zone="UTC").counts[Definition(14, 28)].delays.tolist() == [21]
    assert survey(late, zone="America/New_York").counts[Definition(14, 28)].delays.tolist() == [15]


def test_those_who_declined_come_back_when_a_later_horizon_is_no_decline() -> None:
    asked = outcome(type="decline", measure="count", below=0.5)
    half = "\n".join(f"{name} purchase 2024-04-{day}" for name in ("a", "b") for day in (23, 25, 27, 29))
    text = f"{half}\na purchase 2024-05-08\na purchase 2024-06-04\na purchase 2024-06-05\nb purchase 2024-05-21"
    assert returning(survey(text, about=asked, horizons=(14,))) == {14: (2, 2, 1)}


def test_where_a_gap_hides_the_return_nobody_is_counted_as_followed() -> None:
    hidden = {"purchase": ((1_718_000_000_000, 1_718_100_000_000),)}  # 10 and 11 June
    found = survey(PAUSES, gaps=hidden).counts
    assert {d.horizon_days: (c.lost, c.followed) for d, c in found.items()} == {14: (3, 0), 28: (2, 0)}


HISTORIES = st.lists(st.lists(st.integers(-40, 110), min_size=1, max_size=6), min_size=1, max_size=6)


def _drawn(days: list[list[int]]) -> str:
    lines = [(f"c{n}", MONDAY + dt.timedelta(day)) for n, some in enumerate(days) for day in sorted(some)]
    return "\n".join(f"{name} purchase {day}" for name, day in lines)


@given(HISTORIES)
def test_a_longer_horizon_is_never_wrong_about_a_larger_share(days: list[list[int]]) -> None:
    found = survey(_drawn(days), horizons=(1, 7, 14, 28), judged=WEEKS[:3], asked=WEEKS[:3]).counts.values()
    shares = np.array([c.returned / c.followed if c.followed else 0.0 for c in found])
    kept = np.array([c.followed - c.returned for c in found])
    assert (np.diff(shares) <= 1e-12).all()
    assert len(set(kept.tolist())) == 1  # the same customers are really lost, whatever the horizon


@given(HISTORIES, st.sampled_from([14, 28]))
def test_whoever_is_followed_for_longer_can_only_come_back_more_often(days: list[list[int]], horizon: int) -> None:
    dates = {"judged": WEEKS[:2], "asked": WEEKS[:2]}
    looked = [survey(_drawn(days), horizons=(horizon,), followed_days=followed, **dates) for followed in (28, 40, 84)]
    assert (np.diff([sum(c.returned for c in found.counts.values()) for found in looked]) >= 0).all()


@pytest.mark.parametrize("known", ["2024-05-12", "2024-07-30"])
def test_a_return_counts_whenever_it_became_known(known: str) -> None:
    assert returning(survey(f"a purchase 2024-04-20\na purchase 2024-05-25 known={known}"))[14] == (1, 1, 1)
