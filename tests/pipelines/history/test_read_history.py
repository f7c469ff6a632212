"""From rows to the history of customers or of contracts."""

from __future__ import annotations

import datetime as dt

from histories import World, question, told

from tenure.pipelines.history.history import History
from tenure.pipelines.settings.outcome import Cancellation, Inactivity

AS_OF = dt.date(2024, 6, 1)
CHURN = Cancellation(type="cancellation", unit="contract", horizon_days=7)
LAPSE = Inactivity(type="inactivity", kinds=("purchase",), horizon_days=28)
TEXT = """
    a/1 signup   2024-01-01
    a/1 usage    2024-05-01
    a/2 signup   2024-03-01
    a   purchase 2024-05-02
    b   purchase 2024-05-03
"""


def history(text: str, outcome: Cancellation | Inactivity = CHURN) -> History:
    return World(told(text), (), AS_OF, question(outcome)).history()


def test_a_contract_has_its_own_rows_and_those_of_its_person_that_name_none() -> None:
    found = history(TEXT)
    assert found.unit_ids.tolist() == ["a/1", "a/2"]
    assert found.customer_ids.tolist() == ["a", "a"]
    assert found.as_of(AS_OF).any.count().tolist() == [3, 2]


def test_a_customer_has_all_rows_of_all_contracts() -> None:
    found = history(TEXT, LAPSE)
    assert found.unit_ids.tolist() == ["a", "b"]
    assert found.as_of(AS_OF).any.count().tolist() == [4, 1]


def test_contract_events_tell_own_from_other_contracts() -> None:
    view = history(TEXT).as_of(AS_OF)
    assert view.contract_events("signup").days_since().tolist() == [152, 92]
    assert view.contract_events("signup", own=False).days_since().tolist() == [92, 152]


def test_a_contract_event_that_names_no_contract_is_everyones_own() -> None:
    view = history(TEXT + "a price_changed 2024-05-31").as_of(AS_OF)
    assert view.contract_events("price_changed").count().tolist() == [1, 1]
    assert view.contract_events("price_changed", own=False).count().tolist() == [0, 0]


def test_rows_without_a_channel_are_not_rows_of_a_channel_that_nobody_used() -> None:
    view = history("a purchase 2024-05-02", LAPSE).as_of(AS_OF)
    assert view.channel("phone").count().tolist() == [0]


def test_a_knowing_in_between_milliseconds_is_not_too_early() -> None:
    late = {"customer_id": "a", "kind": "purchase", "occurred_at": dt.datetime(2024, 5, 1, tzinfo=dt.UTC)}
    just_after = dt.datetime(2024, 6, 1, 0, 0, 0, 1, tzinfo=dt.UTC)
    found = World((late | {"known_at": just_after},), (), AS_OF, question(LAPSE)).history()
    assert found.as_of(AS_OF).any.count().tolist() == [0]


def test_no_rows_make_an_empty_history() -> None:
    assert len(World((), (), AS_OF, question(LAPSE)).history()) == 0
