"""Keys: told once, kept as hashes, valid for as long as was said."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, select

from tenure.pipelines.access.keys import UnknownKey, all_keys, create_key, key_of, revoke_key, rotate_key
from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.tables import api_keys

NOW = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def test_a_key_opens_until_it_ends_and_only_its_hash_is_kept(engine: Engine) -> None:
    made, text = create_key(engine, "zendesk", Role.agent, now=NOW, days=2)
    known = all_keys(engine)
    assert text.startswith(f"tnr_{made.key_id}_")
    assert len(text.split("_", 2)[2]) == 43  # 256 bits
    assert key_of(text, known, now=NOW) == made == known[made.key_id]
    assert key_of(text, known, now=NOW + 2 * DAY) is None
    with reading(engine) as connection:
        (row,) = connection.execute(select(api_keys))
    assert text.split("_", 2)[2] not in str(row)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1],
        lambda t: t + "x",
        lambda t: t.replace("tnr", "abc"),
        lambda t: "",
        lambda t: "tnr_zz_" + t.split("_", 2)[2],
        lambda _t: "tnr__",
        lambda _t: "ł" * 50,
    ],
)
def test_any_other_text_opens_nothing(engine: Engine, change) -> None:  # type: ignore[no-untyped-def]
    _, text = create_key(engine, "zendesk", Role.agent, now=NOW, days=None)
    assert key_of(change(text), all_keys(engine), now=NOW) is None


def test_a_revoked_key_opens_nothing(engine: Engine) -> None:
    made, text = create_key(engine, "zendesk", Role.agent, now=NOW, days=None)
    revoke_key(engine, made.key_id, now=NOW)
    assert key_of(text, all_keys(engine), now=NOW) is None
    with pytest.raises(UnknownKey, match="no key has the id 'nope'; `tenure key list`"):
        revoke_key(engine, "nope", now=NOW)


def test_a_rotated_key_and_the_new_one_are_valid_together_for_a_while(engine: Engine) -> None:
    old, old_text = create_key(engine, "zendesk", Role.agent, now=NOW, days=None)
    new, new_text = rotate_key(engine, old.key_id, now=NOW, days=None, overlap_hours=24)
    known = all_keys(engine)
    assert (new.name, new.role) == (old.name, old.role)
    for moment, expected in ((NOW, True), (NOW + DAY, False)):
        assert (key_of(old_text, known, now=moment) is not None) is expected
        assert key_of(new_text, known, now=moment) == new


def test_roles_are_a_ladder_and_a_sender_stands_beside_it() -> None:
    ladder = [Role.agent, Role.retention, Role.scientist, Role.admin]
    for height, role in enumerate(ladder):
        assert [role.may(other) for other in ladder] == [n <= height for n in range(4)]
        assert role.may(Role.sender) is (role is Role.admin)
    assert [Role.sender.may(role) for role in (*ladder, Role.sender)] == [False, False, False, False, True]
