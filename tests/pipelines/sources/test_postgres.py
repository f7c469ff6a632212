"""PostgreSQL tables, read from a real server."""

from __future__ import annotations

import pytest

from tenure.pipelines.sources.files import SourceFileError
from tenure.pipelines.sources.postgres import PostgresError

TABLE = "create table sales (nr int, who text, sold timestamptz, price numeric(8, 2), extra jsonb)"
FIRST = """insert into sales values
    (1, 'a', '2024-01-01 10:00+01', 12.50, '{"x": 1}'), (2, 'b', '2024-01-02 10:00+00', 3, null)"""
SELECT = """select nr as interaction_id, who as customer_id, sold as occurred_at, 'purchase' as kind,
    price::double as amount from source"""
SOURCE = {"name": "shop", "postgres": "SHOP_DATABASE", "table": "sales", "select": SELECT}


@pytest.fixture
def database(postgres, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE", postgres.get_uri())
    postgres.psql("drop table if exists sales")
    postgres.psql(TABLE)
    postgres.psql(FIRST)
    return postgres


def test_a_table_is_read_with_its_types(lake, rows, database):
    snapshot = lake.load(SOURCE)
    assert rows(snapshot, "customer_id", "occurred_at", "amount") == [
        ("a", "2024-01-01 09:00", 12.5),
        ("b", "2024-01-02 10:00", 3.0),
    ]


def test_with_a_cursor_only_new_rows_are_fetched(lake, rows, database):
    lake.load({**SOURCE, "cursor": "nr"})
    database.psql("update sales set who = 'changed' where nr = 1")
    database.psql("insert into sales values (3, 'c', '2024-01-03', 1, null)")
    snapshot = lake.load({**SOURCE, "cursor": "nr"})
    assert rows(snapshot, "customer_id") == ["a", "b", "c"]


def test_a_cursor_may_be_an_instant(lake, rows, database):
    lake.load({**SOURCE, "cursor": "sold"})
    database.psql("insert into sales values (3, 'c', '2024-01-03', 1, null)")
    assert rows(lake.load({**SOURCE, "cursor": "sold"}), "customer_id") == ["a", "b", "c"]


def test_no_new_rows_leave_the_snapshot_in_force(lake, database):
    first = lake.load({**SOURCE, "cursor": "nr"})
    assert lake.load({**SOURCE, "cursor": "nr"}).snapshot_id == first.snapshot_id


def test_an_address_that_is_not_set_is_named(lake):
    with pytest.raises(PostgresError, match="environment variable SHOP_ADDRESS is not set; export SHOP_ADDRESS="):
        lake.load({**SOURCE, "postgres": "SHOP_ADDRESS"})


def test_a_table_or_cursor_that_does_not_exist_is_named(lake, database):
    with pytest.raises(PostgresError, match='relation "nothing" does not exist'):
        lake.load({**SOURCE, "table": "nothing"})
    with pytest.raises(PostgresError, match="cursor column 'id' is not in sales; it has nr, who"):
        lake.load({**SOURCE, "cursor": "id"})


def test_an_empty_table_is_an_error(lake, database):
    database.psql("delete from sales")
    with pytest.raises(SourceFileError, match="the table sales is empty"):
        lake.load(SOURCE)
