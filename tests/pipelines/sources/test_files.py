"""Finding and reading files."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenure.pipelines.sources.files import SourceFileError

ROWS = "customer_id,occurred_at,kind\na,2024-01-01,visit\n"


def source(files, **more):
    return {"name": "shop", "files": files, **more}


def test_csv_may_be_zipped_and_globbed(lake):
    (lake.root / "one.csv.gz").write_bytes(gzip.compress(ROWS.encode()))
    (lake.root / "two.csv.gz").write_bytes(gzip.compress(ROWS.replace("a,", "b,").encode()))
    assert lake.load(source("*.csv.gz")).customers == 2


def test_folders_of_a_partition_become_columns(lake, rows):
    for shop in ("north", "south"):
        folder = lake.root / "sales" / f"shop={shop}"
        folder.mkdir(parents=True)
        pq.write_table(
            pa.table({"customer_id": ["a"], "kind": ["visit"], "occurred_at": ["2024-01-01"]}), folder / "0.parquet"
        )
    snapshot = lake.load(source("sales/**/*.parquet"))
    assert sorted(rows(snapshot, "attributes")) == [[("shop", "north")], [("shop", "south")]]


def test_several_files_can_be_joined_by_name(lake, rows):
    lake.write("sales.csv", "who,day\n1,2024-01-01")
    lake.write("people.csv", "nr,name\n1,anna")
    select = "select name as customer_id, day as occurred_at, 'visit' as kind from sales join people on nr = who"
    assert rows(lake.load(source({"sales": "sales.csv", "people": "people.csv"}, select=select)), "customer_id") == [
        "anna"
    ]


def test_files_inside_a_package_need_no_path(lake, monkeypatch):
    package = lake.root / "elsewhere" / "sold_things"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('finding data must not run code')")
    (package / "rows.csv").write_text(ROWS)
    monkeypatch.syspath_prepend(package.parent)
    assert lake.load(source("package:sold_things/rows.csv")).rows == 1


def test_a_package_that_is_not_installed_is_named(lake):
    with pytest.raises(SourceFileError, match=r"package 'no_such_package' .* is not installed"):
        lake.load(source("package:no_such_package/rows.csv"))


def test_text_files_are_lines(lake, rows):
    (lake.root / "rows.txt").write_text(" 0042  20240131 5.50\n")
    select = """select w[1] as customer_id, strptime(w[2], '%Y%m%d')::date as occurred_at, 'visit' as kind
                from (select string_split_regex(trim(line), ' +') as w from source)"""
    assert rows(lake.load(source("rows.txt", select=select)), "customer_id", "occurred_at") == [
        ("0042", "2024-01-31 00:00")
    ]


def test_a_missing_file_is_named_with_the_nearest_one(lake):
    lake.write("sales.csv", ROWS)
    with pytest.raises(SourceFileError, match=r"source 'shop': no file .*sale\.csv; did you mean 'sales\.csv'"):
        lake.load(source("sale.csv"))


def test_a_glob_that_matches_nothing_is_an_error(lake):
    with pytest.raises(SourceFileError, match="no file matches"):
        lake.load(source("*.parquet"))


@pytest.mark.parametrize(
    ("text", "said"), [("", "is empty .0 bytes."), ("customer_id,occurred_at,kind\n", "has a header and no rows")]
)
def test_an_empty_file_is_an_error(lake, text, said):
    (lake.root / "rows.csv").write_text(text)
    with pytest.raises(SourceFileError, match=said):
        lake.load(source("rows.csv"))


def test_an_unreadable_file_is_an_error(lake):
    (lake.root / "rows.parquet").write_bytes(b"this is not parquet")
    with pytest.raises(SourceFileError, match=r"source 'shop': cannot read .*rows\.parquet as parquet"):
        lake.load(source("rows.parquet"))
    (lake.root / "rows.csv").write_bytes(ROWS.encode() + b"\xff\xfe\xfa,2024-01-01,visit\n")
    with pytest.raises(SourceFileError, match="UTF-8"):
        lake.load(source("rows.csv"))


def test_an_unknown_ending_is_an_error(lake):
    lake.write("rows.xls", ROWS)
    with pytest.raises(SourceFileError, match=r"expected one of \.parquet"):
        lake.load(source("rows.xls"))
