"""What the refresher says of a customer is what the batch says of the coming midnight, bit for bit."""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shop import TRAINED
from sqlalchemy import Engine, select

from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.live.delivery import deliver
from tenure.pipelines.live.refreshing import Refresher
from tenure.pipelines.registry import Registry
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.alerts import Wanted, listed_alerts
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.hold_outs import draw_on, held_out_among
from tenure.pipelines.store.score_sets import published_set, risk_of
from tenure.pipelines.store.tables import overlays
from tenure.serving.cli.opening import Opened
from tenure.serving.cli.scoring import score_and_publish

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")]

DAY = dt.date(2024, 12, 29)
NOON = dt.datetime(2024, 12, 29, 12, tzinfo=dt.UTC)


@pytest.fixture
def project(trained: Path, store_section: str) -> Project:
    """A trained shop to which purchases are now delivered one by one."""
    file = trained / "tenure.toml"
    text = (
        file.read_text()
        .replace('clock = "data"', 'clock = "system"')
        .replace("complete_until = 2024-12-29", "complete_until = 2025-12-31")
    )
    file.write_text(text + '[[source]]\nname = "till"\nlive = true\n[alerts]\nkinds = ["level"]\n' + store_section)
    return load_project(file)


@pytest.fixture
def engine(project: Project) -> Iterator[Engine]:
    engine = project_store(project)
    yield engine
    engine.dispose()


class Shop:
    """The shop from day to day."""

    def __init__(self, project: Project, engine: Engine) -> None:
        self.project, self.engine = project, engine
        self._models: dict[str, ScoringModel] = {}
        self.refresher = Refresher(project, engine, self.model)
        self.sent = 0

    def model(self, _outcome: str, version: str) -> ScoringModel:
        if version not in self._models:
            name, _, number = version.rpartition("/")
            self._models[version] = open_model(Registry(self.project.data).version(name, number).directory)
        return self._models[version]

    def roll(self, day: dt.date) -> Snapshot:
        """Import and score as of a midnight, as every night."""
        now = dt.datetime.combine(day, dt.time(1), dt.UTC)
        snapshot = import_sources(self.project, now=now, store=self.engine)
        opened = Opened(self.project, self.engine, snapshot)
        score_and_publish(opened, opened.study("lapse"), day, quiet=True, tried=TRAINED)
        return snapshot

    def send(self, *rows: dict[str, Any], now: dt.datetime = NOON) -> None:
        deliver(self.engine, "till", rows, now=now)

    def buy(self, customer: str, at: str, **more: Any) -> dict[str, Any]:
        self.sent += 1
        about = {"interaction_id": f"t{self.sent}", "customer_id": customer, "kind": "purchase", "channel": "web"}
        return {**about, "occurred_at": f"{at}+00:00", "amount": 10.0, **more}

    def refresh(self, now: dt.datetime = NOON) -> int:
        done = 0
        while (found := self.refresher.once(now)).customers:
            done += found.customers
        return done

    def overlaid(self) -> dict[str, Any]:
        """What was scored again, by unit: status, probability, band and the sentences of the reasons."""
        query = select(overlays).where(overlays.c.outcome == "lapse")
        with reading(self.engine) as connection:
            return {row.unit_id: _told(row) for row in connection.execute(query)}

    def batch(self, customers: list[str]) -> dict[str, Any]:
        """The same of the served set."""
        with reading(self.engine) as connection:
            served = published_set(connection, "lapse")
            assert served is not None
            found = [row for customer in customers for row in risk_of(connection, served.score_set_id, customer)]
        return {row.unit_id: _told(row) for row in found}


def _told(row: Any) -> tuple[Any, ...]:
    return row.status, row.probability, row.band, json.dumps(row.reasons)


@pytest.fixture
def shop(project: Project, engine: Engine) -> Shop:
    shop = Shop(project, engine)
    shop.roll(DAY)
    return shop


def test_a_purchase_is_seen_and_said_to_be_the_customers_doing(shop: Shop) -> None:
    before = shop.batch([f"c{number:03d}" for number in range(100)])
    name = max(before, key=lambda unit: before[unit][1] or 0.0)
    assert shop.refresh() == 0
    shop.send(shop.buy(name, "2024-12-29T11:00:00"), shop.buy(name, "2024-12-29T11:30:00"))
    assert shop.refresh() == 1
    assert shop.refresh() == 0
    assert list(shop.overlaid()) == [name]
    with reading(shop.engine) as connection:
        (row,) = connection.execute(select(overlays))
    assert (row.as_of, row.changed["since"]) == ("2024-12-30", "2024-12-29")
    assert row.changed["before"] == before[name][1]
    assert row.changed["before"] + row.changed["passing_time"] + row.changed["customer"] == pytest.approx(
        row.probability
    )
    assert row.changed["customer"] < 0 < row.probability


def test_live_equals_batch_for_the_same_midnight(shop: Shop) -> None:
    generator = random.Random(3)
    names = [f"c{number:03d}" for number in generator.sample(range(520), 60)] + ["someone-new", "another-new"]
    history: list[dict[str, Any]] = []
    for day in range(3):
        now = NOON + dt.timedelta(days=day)
        for _ in range(4):
            rows = [
                shop.buy(
                    generator.choice(names), f"{now - dt.timedelta(hours=generator.randrange(12)):%Y-%m-%dT%H:%M:%S}"
                )
                for _ in range(9)
            ]
            rows.append(shop.buy(generator.choice(names), "2024-12-02T09:00:00"))  # late, and known only now
            rows[-1]["known_at"] = f"{now - dt.timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}+00:00"
            old = generator.choice(history or rows[:1])
            known = f"{now - dt.timedelta(minutes=generator.randrange(1, 60)):%Y-%m-%dT%H:%M:%S}+00:00"
            rows.append({**old, "amount": 99.0, "known_at": known})
            if history:
                gone = generator.choice(history)
                rows.append({**gone, "retracted": True, "known_at": f"{now:%Y-%m-%dT%H:%M:%S}+00:00"})
            history += rows[:9]
            generator.shuffle(rows)
            shop.send(*rows, now=now)
            shop.send(*generator.sample(rows, 3), now=now)
            shop.refresh(now)
        live = shop.overlaid()
        shop.roll(DAY + dt.timedelta(days=day + 1))
        batch = shop.batch(names)
        assert len(live) > 20
        assert live == {name: batch[name] for name in live}
        shop.refresh(now)
        assert shop.batch(names) == batch


def test_a_new_set_takes_the_place_of_what_was_on_top_of_the_old_one(shop: Shop) -> None:
    shop.send(shop.buy("c001", "2024-12-29T11:00:00"))
    shop.refresh()
    late = NOON + dt.timedelta(hours=13)
    shop.send(shop.buy("c002", "2024-12-30T00:30:00"), now=late)  # after the midnight of the roll
    shop.roll(DAY + dt.timedelta(days=1))
    assert shop.refresh(late) == 0  # the import brought it in already
    assert shop.overlaid() == {} or set(shop.overlaid()) == {"c001"}  # of the set before, so not shown
    shop.send(shop.buy("c003", "2024-12-30T00:40:00"), now=late)
    assert shop.refresh(late) == 1
    assert list(shop.overlaid()) == ["c003"]


def test_silent_days_with_the_roll_equal_a_project_built_that_day(shop: Shop, tmp_path: Path) -> None:
    for day in (1, 2, 9, 30):
        shop.roll(DAY + dt.timedelta(days=day))
        again = Shop(shop.project, shop.engine)
        names = [f"c{number:03d}" for number in range(0, 520, 40)]
        kept = again.batch(names)
        shutil.rmtree(shop.project.data / "lake")
        shop.roll(DAY + dt.timedelta(days=day))
        assert shop.batch(names) == kept


def test_a_hundred_at_a_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenure.pipelines.live.refreshing.CUSTOMERS_AT_ONCE", 7)
    names = [f"c{number:03d}" for number in range(0, 520, 26)]
    shop.send(*(shop.buy(name, "2024-12-29T11:00:00") for name in (*names, *names[:5])))
    assert shop.refresher.once(NOON).more
    shop.refresh()
    assert sorted(shop.overlaid()) == names


def test_a_row_nobody_can_read_costs_only_its_own_customer_the_score(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    good = shop.buy("c001", "2024-12-29T11:00:00")
    spoilt = shop.buy("c002", "2024-12-29T11:00:00", amount="secret")
    shop.send(good, spoilt, shop.buy("c003", "2024-12-29T11:00:00"))
    found = shop.refresher.once(NOON)
    assert (found.aside, sorted(shop.overlaid())) == (1, ["c001", "c003"])
    assert "lapse: the customer of event 2 cannot be scored (ArrowInvalid) and is left aside" in caplog.text
    assert "secret" not in caplog.text and "c002" not in caplog.text
    assert shop.refresh() == 0  # and is not tried again and again
    shop.send(shop.buy("c001", "2024-12-29T11:30:00"))
    assert shop.refresh() > 0


def test_whoever_is_excluded_stays_excluded_after_a_delivery(shop: Shop) -> None:
    everybody = shop.project.model_copy(update={"exclusions": {"staff": "customer_id = 'c001'"}})
    shop.project = everybody
    shop.roll(DAY)
    shop.send(shop.buy("c001", "2024-12-29T10:00:00"), shop.buy("c002", "2024-12-29T10:00:00"))
    shop.refresh()
    now = shop.overlaid()
    assert now["c001"] == ("excluded", None, None, "null")
    assert now["c002"][0] == "scored"
    assert shop.batch(["c001"])["c001"][:2] == ("excluded", None)


def test_whoever_enters_a_band_is_told_of_in_the_same_moment_and_once(shop: Shop) -> None:
    customers = [f"c{number:03d}" for number in range(0, 520, 2)]
    before = {unit: told[2] for unit, told in shop.batch(customers).items()}
    later = NOON + dt.timedelta(days=5)
    shop.send(*(shop.buy(name, "2025-01-03T09:00:00", kind="visit") for name in customers), now=later)
    assert shop.refresh(later) == len(customers)
    places = {None: 0, "low": 0, "medium": 0, "high": 1, "critical": 2}
    risen = {unit for unit, told in shop.overlaid().items() if places[told[2]] > places[before.get(unit)]}
    with reading(shop.engine) as connection:
        told = listed_alerts(connection, Wanted(kind="level"), limit=1_000)
        served = published_set(connection, "lapse")
        risen -= held_out_among(connection, served.score_set_id, draw_on(connection, later.date()), risen)
    assert risen and {one.customer_id for one in told} == risen and len(told) == len(risen)
    assert {one.at for one in told} == {later.replace(tzinfo=None)}
    shop.send(*(shop.buy(name, "2025-01-03T10:00:00", kind="visit") for name in customers), now=later)
    shop.refresh(later)
    shop.refresher.once(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))  # looks through the set, as after a crash
    with reading(shop.engine) as connection:
        assert len(listed_alerts(connection, Wanted(kind="level"), limit=1_000)) == len(risen)
