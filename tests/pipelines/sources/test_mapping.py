"""The `select` of a source: what it yields, and errors that name the column."""

from __future__ import annotations

import pytest

from tenure.pipelines.sources.mapping import MappingError

TEXT = "client,when,what,shop,weight\n007,2024-01-01,visit,north,1.5"
SELECT = 'select client as customer_id, "when" as occurred_at, what as kind'


def test_columns_tenure_does_not_know_become_attributes(lake, rows):
    snapshot = lake.one(TEXT, SELECT + ", shop, weight, null as nothing from source")
    assert rows(snapshot, "attributes") == [[("shop", "north"), ("weight", "1.5")]]


def test_leading_zeros_of_an_id_are_kept(lake, rows):
    assert rows(lake.one(TEXT, SELECT + " from source"), "customer_id") == ["007"]


def test_an_id_stored_as_a_float_loses_its_point(lake, rows):
    select = 'select 17850.0::double as customer_id, "when" as occurred_at, what as kind from source'
    assert rows(lake.one(TEXT, select), "customer_id") == ["17850"]


def test_a_missing_column_is_named_with_the_nearest_one(lake):
    with pytest.raises(MappingError, match=r"source 'rows': `select` uses the column 'clint'.*did you mean 'client'\?"):
        lake.one(TEXT, SELECT.replace("client", "clint") + " from source")


def test_a_missing_view_is_named(lake):
    with pytest.raises(MappingError, match="reads from 'sauce', but `files` names source; did you mean 'source'"):
        lake.one(TEXT, SELECT + " from sauce")


def test_a_needed_column_that_is_not_yielded_is_named(lake):
    with pytest.raises(MappingError, match=r"must yield occurred_at .*it yields customer_id, kind"):
        lake.one(TEXT, "select client as customer_id, what as kind from source")


@pytest.mark.parametrize("select", ["drop table source", "select 1; select 2", "selec client from source"])
def test_only_one_select_is_accepted(lake, select):
    with pytest.raises(MappingError, match="select"):
        lake.one(TEXT, select)


def test_a_select_cannot_read_other_files(lake, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
    secret.write_text("customer_id\nx\n")
    with pytest.raises(MappingError, match="cannot run"):
        lake.one(TEXT, f"select customer_id, current_date as occurred_at, 'visit' as kind from read_csv('{secret}')")


def test_a_value_that_breaks_the_select_names_the_remedy(lake):
    with pytest.raises(MappingError, match="use try_cast"):
        lake.one(TEXT, 'select client as customer_id, "when" as occurred_at, what as kind, shop::int as n from source')
