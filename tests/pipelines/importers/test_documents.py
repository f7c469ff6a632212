"""Files of an export, read record by record."""

from __future__ import annotations

import gzip
import json
import tracemalloc

import pytest

from tenure.pipelines.importers import scanner
from tenure.pipelines.importers.documents import Broken, ExportFolderError, find_exports, read_documents

LISTS = frozenset({"tickets", "data.payload"})


def read(folder, name, content, lists=LISTS):
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [
        d.reason if isinstance(d, Broken) else (d.collection, d.record) for d in read_documents(file, collections=lists)
    ]


def test_a_page_gives_the_records_of_its_lists(tmp_path):
    page = '{"count": 2, "tickets": [{"id": 1}, {"id": 2}], "users": [{"id": 3}], "end_of_stream": true}'
    assert read(tmp_path, "page.json", page) == [("tickets", {"id": 1}), ("tickets", {"id": 2})]


def test_a_list_may_lie_inside_an_object(tmp_path):
    assert read(tmp_path, "page.json", '{"data": {"meta": {"all": 1}, "payload": [{"id": 1}]}}') == [
        ("data.payload", {"id": 1})
    ]


def test_an_object_without_such_a_list_is_a_record_itself(tmp_path):
    assert read(tmp_path, "one.json", '{"id": 1, "Requestor": [{"id": "a"}]}') == [
        ("", {"id": 1, "Requestor": [{"id": "a"}]})
    ]


def test_a_page_with_an_empty_list_gives_nothing(tmp_path):
    assert read(tmp_path, "page.json", '{"tickets": [], "count": 0}') == []


@pytest.mark.parametrize("text", ['[{"id": 1}, {"id": 2}]', '{"id": 1}\n{"id": 2}\n', ' {"id": 1} {"id": 2} '])
def test_a_list_and_values_after_one_another_give_their_records(tmp_path, text):
    assert read(tmp_path, "some.json", text) == [("", {"id": 1}), ("", {"id": 2})]


def test_a_line_that_is_broken_costs_only_itself(tmp_path):
    lines = read(tmp_path, "some.ndjson", '{"id": 1}\n{"id": \n\n{"id": 3}\n')
    assert (lines[0], lines[2]) == (("", {"id": 1}), ("", {"id": 3}))
    assert lines[1].startswith("not JSON")


def test_a_page_that_was_cut_off_gives_what_came_before(tmp_path):
    assert read(tmp_path, "page.json", '{"tickets": [{"id": 1}, {"id"') == [
        ("tickets", {"id": 1}),
        "not JSON: Expecting ':' delimiter: line 1 column 30 (char 29)",
    ]


@pytest.mark.parametrize("bad", ["[" * 200_000, '{"tickets": [' + "9" * 10_000 + "]}", '{"tickets" [1]}', "\x00"])
def test_strange_json_is_broken_and_not_a_crash(tmp_path, bad):
    (found,) = read(tmp_path, "page.json", bad)
    assert found.startswith("not JSON")


def test_blocks_may_end_anywhere(tmp_path, monkeypatch):
    monkeypatch.setattr(scanner, "BLOCK", 3)
    page = '{"count": 12345, "tickets": [{"id": 1234567, "body": "żółw"}, {"id": -1.5e3}], "more": [1, 22, 333]}'
    assert read(tmp_path, "page.json", page) == [
        ("tickets", {"id": 1234567, "body": "żółw"}),
        ("tickets", {"id": -1500.0}),
    ]


def test_gzip_a_byte_order_mark_and_bytes_that_are_no_utf8_are_read(tmp_path):
    assert read(tmp_path, "some.ndjson.gz", gzip.compress(b'\xef\xbb\xbf{"id": 1}\n')) == [("", {"id": 1})]
    assert read(tmp_path, "bytes.json", b'{"id": "a\xff"}') == [("", {"id": "a\udcff"})]


def test_a_table_gives_a_record_a_row(tmp_path):
    assert read(tmp_path, "t.csv", 'id,body\n1,"two\nlines"\n2\n\n3,x,too much\n') == [
        ("", {"id": "1", "body": "two\nlines"}),
        "1 cells where the header has 2",
        ("", {"id": "3", "body": "x"}),
    ]
    assert read(tmp_path, "t.tsv", "id\tbody\n1\tx\n") == [("", {"id": "1", "body": "x"})]


def test_a_page_of_any_size_takes_the_memory_of_a_few_records(tmp_path):
    file = tmp_path / "large.json"
    with file.open("w") as out:
        out.write('{"tickets": [')
        out.write(",".join(json.dumps({"id": n, "body": "x" * 2000}) for n in range(20_000)))
        out.write("]}")
    tracemalloc.start()
    count = sum(1 for _ in read_documents(file, collections=LISTS))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < file.stat().st_size / 4


def test_a_folder_without_an_export_is_an_error(tmp_path):
    with pytest.raises(ExportFolderError, match="no such folder"):
        find_exports(tmp_path / "absent")
    (tmp_path / "picture.png").write_bytes(b"")
    with pytest.raises(ExportFolderError, match=r"holds no export; expected files ending in \.json"):
        find_exports(tmp_path)
