"""Who is told of, and of whom nobody is told: on entering a state, once, by whichever process sees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from alerting import OUTCOME, SAID, Days
from sqlalchemy import insert, select

from tenure.pipelines.alerts.raising import raise_again
from tenure.pipelines.decisions.hold_out import Draw, is_held_out
from tenure.pipelines.store.alert_tables import alert_states
from tenure.pipelines.store.alerts import Wanted, counted_alerts
from tenure.pipelines.store.caring import take_care
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.decision_tables import hold_out_draws
from tenure.pipelines.store.score_sets import published_set

MakeDays = Callable[..., Days]


def test_nobody_is_told_of_the_first_set_and_then_of_whoever_enters_a_band(days: MakeDays) -> None:
    shop = days(kinds=["level"])
    assert shop.next(ann=0.3, bob=0.1, cid=0.6).alerts == 0
    assert shop.next(ann=0.3, bob=0.3, cid=0.6).alerts == 1
    [found] = shop.alerts()
    assert (found.customer_id, found.kind, found.from_band, found.band) == ("bob", "level", "medium", "high")
    assert (found.before, found.probability, found.reasons) == (0.1, 0.3, SAID)
    assert (found.day, found.owner, found.beyond) == ("2024-01-02", None, False)
    assert shop.next(ann=0.55, bob=0.55, cid=0.6).withheld == {"cool_down": 1}  # critical; of bob one was told lately
    assert shop.told() == [("bob", "level"), ("ann", "level")]


def test_a_set_is_looked_through_once(days: MakeDays) -> None:
    shop = days()
    shop.next(ann=0.1)
    assert shop.next(ann=0.4).alerts == 2
    assert shop.look().alerts == 0
    shop.publish(ann=0.4)  # the same day once more
    assert shop.look().alerts == 0


def test_a_change_of_model_alone_tells_nobody(days: MakeDays) -> None:
    shop = days(cool_down_days=0)
    for _ in range(10):
        shop.next(ann=0.1, bob=0.1)
    assert shop.next("m/2", ann=0.6, bob=0.1).alerts == 0
    assert shop.next("m/2", ann=0.6, bob=0.1).alerts == 0
    assert shop.next("m/2", ann=0.6, bob=0.3).alerts == 2  # bob's own doing, by the scores of one model
    assert shop.told() == [("bob", "level"), ("bob", "drop")]


def test_after_a_pause_of_more_than_a_week_nobody_has_just_entered(days: MakeDays) -> None:
    shop = days()
    shop.next(ann=0.1)
    shop.day += dt.timedelta(days=8)
    assert shop.next(ann=0.6).alerts == 0
    assert shop.next(ann=0.6, bob=0.6).alerts == 1  # a customer who is new


def test_other_limits_alone_tell_nobody(days: MakeDays) -> None:
    shop = days(kinds=["level"])
    shop.next(ann=0.2, bob=0.01)
    shop.project = days(kinds=["level"], bands=["medium", "high"]).project
    assert shop.next(ann=0.2, bob=0.01).alerts == 0
    assert shop.next(ann=0.2, bob=0.1).alerts == 1


def test_who_comes_back_is_told_of_again_after_the_cool_down_only(days: MakeDays) -> None:
    shop = days(kinds=["level"], cool_down_days=3)
    shop.next(ann=0.1)
    assert shop.next(ann=0.3).alerts == 1
    shop.next(ann=0.1)
    assert shop.next(ann=0.3).withheld == {"cool_down": 1}
    shop.next(ann=None)  # not asked about: in no band
    assert shop.next(ann=0.3).alerts == 1


def test_a_rise_within_a_week_counts_in_any_band_and_a_slow_one_does_not(days: MakeDays) -> None:
    shop = days(kinds=["drop"], cool_down_days=0, rise=0.05)
    shop.next(ann=0.01, bob=0.01)
    for place in range(1, 15):
        shop.next(ann=0.01, bob=0.01 + 0.004 * place)
    assert shop.told() == []
    shop.next(ann=0.07, bob=0.07)
    [found] = shop.alerts()
    assert (found.customer_id, found.band, found.before) == ("ann", "low", 0.01)
    assert shop.next(ann=0.08, bob=0.07).alerts == 0  # the same rise still
    for _ in range(8):
        shop.next(ann=0.07, bob=0.07)
    assert shop.next(ann=0.13, bob=0.07).alerts == 1  # another one


def test_a_rise_is_seen_of_somebody_too_low_to_be_remembered(days: MakeDays, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenure.pipelines.store.past.REMEMBERED", 1)
    shop = days(kinds=["drop"])
    shop.next(ann=0.9, bob=0.02)
    assert shop.next(ann=0.9, bob=0.2).alerts == 1


def test_a_score_unlike_the_customers_own_is_told_of_where_others_always_swing(days: MakeDays) -> None:
    shop = days(kinds=["baseline"])
    for place in range(9):
        shop.next(
            calm=0.02 + 0.001 * (place % 2), swinging=0.02 + 0.03 * (place % 3), young=None if place < 5 else 0.02
        )
    assert shop.next(calm=0.08, swinging=0.08, young=0.09).alerts == 1
    [found] = shop.alerts()
    assert (found.customer_id, found.kind, round(found.before or 0, 3)) == ("calm", "baseline", 0.02)
    assert shop.next(calm=0.07, swinging=0.02, young=0.09).alerts == 0


def test_the_kinds_are_apart_and_each_can_be_switched_off(days: MakeDays) -> None:
    shop = days()
    for _ in range(9):
        shop.next(ann=0.02)
    assert shop.next(ann=0.4).alerts == 3
    assert shop.told() == [("ann", "level"), ("ann", "drop"), ("ann", "baseline")]
    assert shop.told(kind="drop") == [("ann", "drop")]
    silent = days(kinds=[])
    silent.day = shop.day
    silent.number = shop.number
    assert silent.next(ann=0.02, bob=0.02).alerts == 0
    assert silent.next(ann=0.02, bob=0.9).alerts == 0


def test_of_several_contracts_the_riskiest_counts(days: MakeDays) -> None:
    shop = days(kinds=["level"])
    shop.next(ann__1=0.3, ann__2=0.1)
    assert shop.next(ann__1=0.1, ann__2=0.3).alerts == 0
    assert shop.next(ann__1=0.6, ann__2=0.3).alerts == 1
    assert shop.alerts()[0].unit_id == "ann__1"


def test_nobody_is_told_of_whoever_sleeps_is_done_with_or_is_held_out(days: MakeDays) -> None:
    shop = days(kinds=["level"])
    names = ("ann", "bob", "cid", "eve")
    draws = (Draw(dt.date(2023, 12, 25), 0.25, str(salt), dt.datetime(2023, 12, 25)) for salt in count())
    draw = next(one for one in draws if [name for name in names if is_held_out(one, name)] == ["eve"])
    with shop.engine.begin() as connection:
        connection.execute(insert(hold_out_draws), {**draw._asdict(), "starts": "2023-12-25"})
    shop.next(**dict.fromkeys(names, 0.1))
    care = {"who": "team", "now": shop.now}
    take_care(shop.engine, OUTCOME, ["ann"], status="snoozed", snoozed_until=dt.date(2024, 2, 1), **care)
    take_care(shop.engine, OUTCOME, ["bob"], status="addressed", **care)
    take_care(shop.engine, OUTCOME, ["cid"], status="snoozed", snoozed_until=dt.date(2024, 1, 2), owner="pat", **care)
    raised = shop.next(**dict.fromkeys(names, 0.3))
    assert raised.withheld == {"snoozed": 1, "addressed": 1, "hold_out": 1}
    assert [(one.customer_id, one.owner) for one in shop.alerts()] == [("cid", "pat")]


def test_beyond_an_owners_limit_of_a_day_only_the_number_is_told_the_highest_risks_first(days: MakeDays) -> None:
    shop = days(kinds=["level"], a_day=3)
    names = [f"c{place}" for place in range(9)]
    shop.next(**dict.fromkeys(names, 0.1))
    take_care(shop.engine, OUTCOME, names[:4], who="team", owner="pat", now=shop.now)
    raised = shop.next(**{name: 0.3 + 0.01 * place for place, name in enumerate(names)})
    assert (raised.alerts, raised.beyond) == (9, 3)
    assert {one.customer_id for one in shop.alerts(owner="pat", beyond=False)} == {"c1", "c2", "c3"}
    assert {one.customer_id for one in shop.alerts(owner="", beyond=False)} == {"c6", "c7", "c8"}


def again(shop: Days, name: str) -> int:
    with alone(shop.engine) as connection:
        found = published_set(connection, OUTCOME)
        assert found is not None
        return raise_again(connection, shop.project, found, [name], now=shop.now).alerts


def test_who_is_scored_again_within_the_day_is_told_of_once(days: MakeDays) -> None:
    shop = days()
    shop.next(ann=0.1, bob=0.1)
    shop.overlay("ann", 0.4)
    assert again(shop, "ann") == 2
    assert again(shop, "ann") == 0
    assert [(one.as_of, one.before) for one in shop.alerts()] == [("2024-01-02", 0.1)] * 2
    assert shop.next(ann=0.4, bob=0.1).alerts == 0  # the coming set says the same


def test_a_score_made_while_its_set_is_looked_through_is_judged_as_it_is_now(days: MakeDays) -> None:
    shop = days(kinds=["level"])
    shop.next(ann=0.1, bob=0.1)
    shop.day += dt.timedelta(days=1)
    shop.publish(ann=0.4, bob=0.1)
    shop.overlay("ann", 0.1)
    shop.overlay("bob", 0.4)
    assert again(shop, "bob") == 1
    assert shop.look().alerts == 0
    assert shop.told() == [("bob", "level")]


def test_an_overlay_before_the_first_look_says_nothing(days: MakeDays) -> None:
    shop = days()
    shop.publish(ann=0.1)
    shop.overlay("ann", 0.4)
    assert again(shop, "ann") == 0


def test_many_who_look_at_one_set_tell_of_each_once(days: MakeDays) -> None:
    shop = days()
    names = [f"c{place:04d}" for place in range(1_200)]
    shop.next(**dict.fromkeys(names, 0.1))
    shop.day += dt.timedelta(days=1)
    shop.publish(**dict.fromkeys(names, 0.4))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: shop.look(), range(4)))
    assert sum(one.alerts for one in found) == 2_400
    with reading(shop.engine) as connection:
        assert counted_alerts(connection, Wanted()) == {"level": 1_200, "drop": 1_200, "baseline": 0}


def test_states_are_kept_of_those_alone_who_are_in_one_or_were_told_of_lately(days: MakeDays) -> None:
    shop = days(cool_down_days=2)
    shop.next(ann=0.3, bob=0.01, cid=0.01)
    shop.next(ann=0.3, bob=0.3, cid=0.01)

    def kept() -> set[str]:
        with reading(shop.engine) as connection:
            return set(connection.scalars(select(alert_states.c.customer_id)))

    assert kept() == {"ann", "bob"}
    shop.next(ann=0.01, bob=0.01, cid=0.01)
    assert kept() == {"bob"}
    shop.next(ann=0.01, bob=0.01, cid=0.01)
    shop.next(ann=0.01, bob=0.01, cid=0.01)
    assert kept() == set()


def test_a_risk_that_wanders_about_a_limit_is_told_of_once(days: MakeDays) -> None:
    shop = days(kinds=["level"], cool_down_days=0)
    for risk in (0.1, 0.25, 0.24, 0.26, 0.231, 0.25):
        shop.next(ann=risk)
    assert shop.told() == [("ann", "level")]
    shop.next(ann=0.22)
    shop.next(ann=0.25)
    assert shop.told() == [("ann", "level")] * 2
