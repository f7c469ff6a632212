"""Where in a list the hold-out stands: worked out when a set is published, so that no page has to wait for it."""

from __future__ import annotations

import weakref
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, Connection, Engine, insert, select

from tenure.pipelines.decisions.hold_out import Draw
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.decision_tables import held_places as table
from tenure.pipelines.store.hold_outs import held_out, newest_pilot
from tenure.pipelines.store.leaving_sets import edition_of
from tenure.pipelines.store.tables import scores

MOST_REMEMBERED = 64

Places = NDArray[np.int64]
Fitting = tuple[tuple[str, str], ...]
"""Columns of scores, each with the value that is wanted."""


class Held(NamedTuple):
    """The units of a set that are held out, in the order of their ranks.

    `places` has 0 for a unit that has no place by gain, `bands` each unit's place in `names`.
    """

    ranks: Places
    places: Places
    bands: NDArray[np.int8]
    names: list[str]

    def of(self, place: Column[Any], band: str | None) -> Places:
        """Their ranks, or their places by gain, of one band or of all."""
        found = self.ranks if place is scores.c.rank else self.places
        if band is not None:
            found = found[self.bands == (self.names.index(band) if band in self.names else -1)]
        return found if place is scores.c.rank else np.sort(found[found > 0])


def keep_held_places(engine: Engine, score_set_id: int, draw: Draw) -> None:
    """Work out whom a draw holds out of a set, and keep it; to be called before the set is published.

    To be called again when a pilot was published, which holds out more.
    """
    with reading(engine) as connection:
        pilot = newest_pilot(connection, draw)
        if _nobody(draw, pilot):
            return
        held = _worked_out(connection, score_set_id, draw)
    row = {
        **_key(score_set_id, draw, pilot),
        "ranks": held.ranks.astype("<i4").tobytes(),
        "places": held.places.astype("<i4").tobytes(),
        "bands": held.bands.tobytes(),
        "names": held.names,
    }
    with alone(engine) as connection:
        if _kept(connection, score_set_id, draw, pilot) is None:
            connection.execute(insert(table), row)


def held_places(
    connection: Connection,
    score_set_id: int,
    draw: Draw,
    place: Column[Any] = scores.c.rank,
    fitting: Fitting = (),
) -> Places:
    """The ranks (or the places by gain) of whoever a draw holds out in a set and fits, in order.

    Worked out here where nobody kept it, as of a period that began after the set was published: seconds for a million.
    """
    pilot = newest_pilot(connection, draw)
    if _nobody(draw, pilot):
        return np.empty(0, dtype=np.int64)
    remembered = _REMEMBERED.setdefault(connection.engine, {})
    edition = edition_of(connection, score_set_id)
    whole, one = (score_set_id, edition, draw, pilot), (score_set_id, edition, draw, pilot, place.name, fitting)
    found = remembered.get(one)
    if found is None:
        kept = remembered.get(whole) or _kept(connection, score_set_id, draw, pilot)
        held = kept or _worked_out(connection, score_set_id, draw)
        bands = dict(fitting) if {name for name, _ in fitting} <= {"band"} else {}
        found = held.of(place, bands.get("band"))
        if fitting and not bands:
            wanted = [scores.c[name] == value for name, value in fitting]
            fits = select(place).where(scores.c.score_set_id == score_set_id, place.is_not(None), *wanted)
            found = found[np.isin(found, np.array(connection.scalars(fits).all(), dtype=np.int64), kind="table")]
        while len(remembered) >= MOST_REMEMBERED:
            remembered.pop(next(iter(remembered)), None)  # another thread may have done so by now
        remembered[whole], remembered[one] = held, found
    return found


_REMEMBERED: weakref.WeakKeyDictionary[Engine, dict[tuple[Any, ...], Any]] = weakref.WeakKeyDictionary()


def _nobody(draw: Draw, pilot: int | None) -> bool:
    return draw.share == 0 and pilot is None


def _key(score_set_id: int, draw: Draw, pilot: int | None) -> dict[str, Any]:
    return {"score_set_id": score_set_id, "draw": draw.starts.isoformat(), "pilot": pilot or 0}


def _kept(connection: Connection, score_set_id: int, draw: Draw, pilot: int | None) -> Held | None:
    key = _key(score_set_id, draw, pilot)
    row = connection.execute(
        select(table).where(*(table.c[name] == value for name, value in key.items()))
    ).one_or_none()
    if row is None:
        return None
    ranks, places = (np.frombuffer(data, dtype="<i4").astype(np.int64) for data in (row.ranks, row.places))
    return Held(ranks, places, np.frombuffer(row.bands, dtype=np.int8), list(row.names))


def _worked_out(connection: Connection, score_set_id: int, draw: Draw) -> Held:
    query = select(scores.c.rank, scores.c.place, scores.c.band).where(
        scores.c.score_set_id == score_set_id, scores.c.rank.is_not(None), held_out(connection, draw)
    )
    rows = connection.execute(query.order_by(scores.c.rank)).all()
    names = sorted({row.band for row in rows})
    codes = {name: code for code, name in enumerate(names)}
    return Held(
        np.array([row.rank for row in rows], dtype=np.int64),
        np.array([row.place or 0 for row in rows], dtype=np.int64),
        np.array([codes[row.band] for row in rows], dtype=np.int8),
        names,
    )
