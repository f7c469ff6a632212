"""The audit log: whoever touches an entry is found out."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, update

from tenure.pipelines.access.audit import ChainBroken, Entry, Pseudonyms, append_entries, read_entries, verify_chain
from tenure.pipelines.store.tables import audit

AT = dt.datetime(2026, 1, 5, 12)


def entry(number: int) -> Entry:
    return Entry(
        AT + dt.timedelta(seconds=number, microseconds=number), "ann", "risk", f"h{number}", {"n": number, "ą": None}
    )


def test_a_whole_chain_is_verified_and_read_back(engine: Engine) -> None:
    assert verify_chain(engine) == (0, "0" * 64)
    for start in (0, 3):
        append_entries(engine, [entry(start + n) for n in range(3)])
    assert verify_chain(engine)[0] == 6
    assert read_entries(engine, last=2) == [entry(4), entry(5)]


@pytest.mark.parametrize(
    "harm",
    [
        update(audit).where(audit.c.audit_id == 2).values(who="bob"),
        update(audit).where(audit.c.audit_id == 2).values(of=None),
        delete(audit).where(audit.c.audit_id == 2),
        insert(audit).values(audit_id=99, at=AT, who="x", what="risk", digest="0" * 64),
    ],
)
def test_a_change_a_gap_and_an_addition_are_found(engine: Engine, harm) -> None:  # type: ignore[no-untyped-def]
    append_entries(engine, [entry(n) for n in range(4)])
    with engine.begin() as connection:
        connection.execute(harm)
    with pytest.raises(ChainBroken, match="does not follow from those before it"):
        verify_chain(engine)


def test_writers_at_once_make_one_chain(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: append_entries(engine, [entry(n), entry(n)]), range(18)))
    assert verify_chain(engine)[0] == 36


def test_a_name_has_one_hash_in_a_project_and_another_elsewhere(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: Pseudonyms(tmp_path).of("ann"), range(16)))
    (here,) = found
    assert here != Pseudonyms(tmp_path / "other").of("ann")
    assert (tmp_path / "keys" / "pseudonyms.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["pseudonyms.key"]
