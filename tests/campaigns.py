"""Published lists with a hold-out, written straight into the store, and purchases that say who left."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, insert

from tenure.pipelines.store.decision_tables import actions
from tenure.pipelines.store.desk_tables import list_members, lists

FIRST = dt.date(2024, 3, 4)
UNTIL = dt.date(2024, 6, 3)
PROJECT = """
[project]
name = "shop"
clock = "data"
[[source]]
name = "till"
files = "till.csv"
complete_until = 2024-06-03
select = "select customer_id, occurred_at::timestamptz as occurred_at, 'purchase' as kind from source"
[outcome.lapse]
type = "inactivity"
kinds = ["purchase"]
horizon_days = 28
eligible = { active_days = 28 }
"""


@dataclass(frozen=True)
class Place:
    """A place on a list: who, in which arm, whether they left, and what was known of them."""

    customer_id: str
    held_out: bool
    left: bool
    contacted: bool | None = None
    risk: float = 0.3
    propensity: float | None = 0.9
    value: float | None = None
    segment: str | None = None
    playbook: str | None = None


@dataclass(frozen=True)
class Published:
    """A list as of a day."""

    as_of: dt.date
    places: tuple[Place, ...]
    sort: str = "gain"
    draw: str | None = "as_of"
    outcome: str = "lapse"


def places(held_out: tuple[int, int], contacts: tuple[int, int], name: str = "c", **more: Any) -> tuple[Place, ...]:
    """So many places of both arms, and how many of them left."""
    made = []
    for arm, (count, left) in (("h", held_out), ("t", contacts)):
        made += [Place(f"{name}{arm}{n:04d}", arm == "h", n < left, **more) for n in range(count)]
    return tuple(made)


def drawn(count: int, *, seed: int, name: str = "c", base: float = 0.3, saved: float = 0.3) -> tuple[Place, ...]:
    """Places as they come: a tenth held out, risks that come true, and contacts that keep a share of who would leave."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(count):
        risk = float(np.clip(base + generator.normal(0, 0.12), 0.02, 0.95))
        held_out = bool(generator.random() < 0.1)
        contacted = bool(generator.random() < (0.02 if held_out else 0.9))
        left = bool(generator.random() < risk * (1 - saved * contacted))
        segment, playbook = str(generator.choice(["north", "south"])), str(generator.choice(["call", "letter"]))
        value = round(float(generator.lognormal(4.5, 0.5)), 2)
        made.append(Place(f"{name}{number:04d}", held_out, left, contacted, risk, 0.9, value, segment, playbook))
    return tuple(made)


def write_campaign(folder: Path, found: list[Published], *, store_section: str = "") -> Path:
    """The project file and a till in which whoever left buys nothing in the 28 days after a list."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tenure.toml").write_text(PROJECT + store_section)
    with (folder / "till.csv").open("w", newline="") as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("customer_id", "occurred_at"))
        for one in found:
            for place in one.places:
                rows.writerow((place.customer_id, f"{one.as_of - dt.timedelta(days=3)}T12:00:00Z"))
                if not place.left and one.as_of + dt.timedelta(days=28) <= UNTIL:
                    rows.writerow((place.customer_id, f"{one.as_of + dt.timedelta(days=9)}T12:00:00Z"))
    return folder


def publish_campaign(engine: Engine, found: list[Published]) -> None:
    """Write the lists, their members, and the contacts that were made on the day after."""
    for number, one in enumerate(found, start=1):
        noon = dt.datetime.combine(one.as_of, dt.time(12))
        draw = str(one.as_of) if one.draw == "as_of" else one.draw
        head = {"list_id": number, "outcome": one.outcome, "as_of": str(one.as_of), "score_set_id": number, "model_version": "7", "created_at": noon,
                "created_by": "ann", "capacity": 100, "sort": one.sort, "draw": draw}  # fmt: skip
        with engine.begin() as connection:
            connection.execute(insert(lists), head)
            connection.execute(
                insert(list_members), [_member(number, rank, p) for rank, p in enumerate(one.places, start=1)]
            )
            made = [
                _action(f"{number}-{p.customer_id}", one.outcome, p, noon + dt.timedelta(days=1))
                for p in one.places
                if _contacted(p)
            ]
            if made:
                connection.execute(insert(actions), made)


def _contacted(place: Place) -> bool:
    return not place.held_out if place.contacted is None else place.contacted


def _member(number: int, rank: int, place: Place) -> dict[str, Any]:
    return {"list_id": number, "unit_id": place.customer_id, "customer_id": place.customer_id, "rank": rank, "probability": place.risk,
            "band": "high", "held_out": place.held_out, "owner": None, "reasons": [], "value": place.value, "segment": place.segment,
            "playbook": place.playbook, "propensity": place.propensity}  # fmt: skip


def _action(name: str, outcome: str, place: Place, at: dt.datetime, **more: Any) -> dict[str, Any]:
    return {"action_id": name, "received_at": at, "at": at, "outcome": outcome, "customer_id": place.customer_id, "who": "ann",
            "channel": "phone", "held_out": place.held_out, "digest": "0" * 32, "result": "reached", **more}  # fmt: skip


def act(engine: Engine, place: Place, at: dt.datetime, **more: Any) -> None:
    """Log one more contact."""
    with engine.begin() as connection:
        connection.execute(
            insert(actions),
            _action(f"more-{at:%s}-{place.customer_id}", more.pop("outcome", "lapse"), place, at, **more),
        )
