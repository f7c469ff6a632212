"""What a later replay adds and corrects of what was delivered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tenure.pipelines.live.corrections import corrections

AT = dt.datetime(2024, 6, 5, tzinfo=dt.UTC)


def row(name: str, known: str = "01", text: str = "hello", **more: Any) -> dict[str, Any]:
    about = {"interaction_id": name, "customer_id": "ann", "kind": "visit", "occurred_at": "2024-06-01T00:00:00+00:00"}
    return {**about, "known_at": f"2024-06-{known}T00:00:00+00:00", "text": text, **more}


def standing(delivered: list[dict[str, Any]]) -> dict[str, Any]:
    """What holds in the end, by interaction."""
    last = {r["interaction_id"]: r for r in sorted(delivered, key=lambda r: dt.datetime.fromisoformat(r["known_at"]))}
    return {name: (r["customer_id"], r["text"]) for name, r in last.items() if not r.get("retracted")}


def test_what_is_told_as_before_is_not_delivered_again() -> None:
    found, told = corrections({}, [row("a"), row("b")], at=AT)
    assert found == [row("a"), row("b")]
    assert corrections(told, [row("a"), row("b")], at=AT) == ([], told)


def test_a_row_that_changed_is_a_version_known_from_the_arrival_on() -> None:
    _, told = corrections({}, [row("a")], at=AT)
    found, told = corrections(told, [row("a", customer_id="bob")], at=AT)
    assert found == [row("a", "05", customer_id="bob")]
    back, _ = corrections(told, [row("a")], at=AT)
    assert back == [{**row("a"), "known_at": "2024-06-05T00:00:00.000001+00:00"}]


def test_an_older_version_that_comes_late_changes_nothing_that_stands() -> None:
    _, told = corrections({}, [row("a", "03", "edited")], at=AT)
    found, _ = corrections(told, [row("a", "01", "first"), row("a", "03", "edited")], at=AT)
    assert found == [row("a", "01", "first")]


def test_what_vanished_is_withdrawn_once() -> None:
    _, told = corrections({}, [row("a"), row("b")], at=AT)
    found, told = corrections(told, [row("b")], at=AT)
    gone = {name: value for name, value in row("a", "05").items() if name != "text"}
    assert found == [{**gone, "retracted": True}]
    assert corrections(told, [row("b")], at=AT) == ([], told)
    again, _ = corrections(told, [row("a"), row("b")], at=AT)
    assert [r["interaction_id"] for r in again] == ["a"]


def test_a_case_whose_records_were_forgotten_loses_nothing() -> None:
    _, told = corrections({}, [row("a"), row("b")], at=AT)
    assert corrections(told, [row("c")], at=AT, whole=False)[0] == [row("c")]


ROWS = st.lists(
    st.builds(row, st.sampled_from("abc"), st.sampled_from(["01", "02", "03"]), st.sampled_from(["x", "y"])),
    max_size=5,
    unique_by=lambda r: (r["interaction_id"], r["known_at"]),
)


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_what_stands_is_what_the_last_replay_gave(replays: list[list[dict[str, Any]]]) -> None:
    told: dict[str, Any] = {}
    delivered: list[dict[str, Any]] = []
    for days, rows in enumerate(replays):
        found, told = corrections(told, rows, at=AT + dt.timedelta(days=days))
        delivered += found
        assert standing(delivered) == standing(rows)
        assert corrections(told, rows, at=AT + dt.timedelta(days=days)) == ([], told)
    keys = [(r["interaction_id"], r["known_at"]) for r in delivered]
    assert len(keys) == len(set(keys))
