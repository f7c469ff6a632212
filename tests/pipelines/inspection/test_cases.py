"""Cases that cannot be are counted and named before anything is trained on them."""

from __future__ import annotations

import pytest

from tenure.pipelines.inspection.check import check

HEAD = "customer_id,occurred_at,kind,case_id"
SOUND = "a,2024-01-01,contact_opened,k\na,2024-01-02,message_out,k\na,2024-01-03,resolved,k"


def notes(lake, *lines: str) -> tuple[str, ...]:
    """What `tenure check` notes about rows written as `customer,day,kind,case`."""
    source = {"name": "desk", "files": lake.write("d.csv", "\n".join([HEAD, *lines, "z,2024-01-01,purchase,"]))}
    return check(lake.project(source), lake.load(source)).notes


def test_sound_cases_are_not_mentioned(lake) -> None:
    assert notes(lake, SOUND) == ()


@pytest.mark.parametrize(
    "course",
    [
        "b,2024-02-03,resolved,m\nb,2024-02-05,contact_opened,m",
        "b,2024-02-01,contact_opened,m\nb,2024-02-03,resolved,m\nb,2024-02-05,message_out,m",
        "b,2024-02-01,contact_opened,m\nb,2024-02-03,resolved,m\nb,2024-02-05,assigned,m",
    ],
)
def test_a_case_closed_before_it_opened_or_was_answered_is_counted_and_named(lake, course: str) -> None:
    (note,) = notes(lake, SOUND, course, "\n".join(f"c{line[1:-1]}n" for line in course.split("\n")))
    assert note.startswith("2 cases were solved before they were opened or first answered (m, n): they are not trusted")


def test_an_answer_after_the_customer_asked_again_is_sound(lake) -> None:
    asked = (
        "b,2024-02-01,contact_opened,m\nb,2024-02-03,resolved,m\nb,2024-02-04,message_in,m\nb,2024-02-05,message_out,m"
    )
    assert notes(lake, asked) == ()


def test_the_order_of_rows_in_a_file_says_nothing(lake) -> None:
    assert notes(lake, *reversed(SOUND.splitlines())) == ()


def test_cases_that_change_their_customer_are_counted_and_named(lake) -> None:
    (note,) = notes(
        lake, SOUND, *(f"b,2024-01-05,message_in,{case}" for case in ("k", "q")), "c,2024-01-06,message_in,q"
    )
    assert note == "2 cases change their customer (k, q): each customer is told of the own rows only"


def test_what_was_corrected_since_is_judged_as_it_is_known_today(lake) -> None:
    text = """interaction_id,customer_id,occurred_at,known_at,kind,case_id
        1,a,2024-01-05,2024-01-06,contact_opened,k
        2,a,2024-01-03,2024-01-04,resolved,k
        2,a,2024-01-09,2024-01-10,resolved,k"""
    source = {"name": "desk", "files": lake.write("d.csv", text + "\n3,z,2024-01-01,2024-01-02,purchase,")}
    assert check(lake.project(source), lake.load(source)).notes == ()


def test_numbers_that_cannot_be_are_quarantined_and_counted(lake) -> None:
    text = """customer_id,occurred_at,kind,rating,wait_seconds,handle_seconds
        a,2024-01-01,survey_answered,5,,
        a,2024-01-02,survey_answered,0.8,,
        a,2024-01-03,survey_answered,-0.1,,
        a,2024-01-04,contact_opened,,-3,
        a,2024-01-05,contact_opened,,,-60
        a,2024-01-06,purchase,,30,60"""
    source = {"name": "desk", "files": lake.write("d.csv", text), "max_quarantined": 1}
    (note,) = (n for n in check(lake.project(source), lake.load(source)).notes if "quarantine" in n)
    assert note == (
        "desk: 4 of 6 rows are in quarantine (2 x rating is outside 0 to 1: map the scale, "
        "1 x handle_seconds is negative, 1 x wait_seconds is negative)"
    )
