"""A backup is made while the project is in use, is whole or refused, and brings back what it was made of."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from command import tenure
from service import get, serving, until_ready
from sqlalchemy import select

from tenure.pipelines.access.erasures import LedgerBroken, note_erasure, read_ledger
from tenure.pipelines.access.secret import kept_secret, readable_by_others
from tenure.pipelines.backup.archive import BackupDamaged, read_archive
from tenure.pipelines.backup.restoring import NotEmpty, restore_backup, verify_backup
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.schema import metadata

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")]


def silent(_what: str) -> None:
    """Say nothing."""


def rows_of(folder: Path) -> dict[str, list[Any]]:
    """All that the store of a project holds, but for the note that it was restored."""
    store = project_store(load_project(folder))
    with reading(store) as connection:
        found = {t.name: [tuple(row) for row in connection.execute(select(t))] for t in metadata.sorted_tables}
    store.dispose()
    return {name: sorted((r for r in rows if "restore" not in r), key=repr) for name, rows in found.items()}


@pytest.fixture
def backup(trained: Path, tmp_path: Path) -> Path:
    ran = tenure("backup", trained, "--to", tmp_path / "shop.tar")
    assert ran.code == 0, ran.err
    return tmp_path / "shop.tar"


def test_what_is_restored_equals_what_was_backed_up(trained: Path, backup: Path, tmp_path: Path) -> None:
    ran = tenure("restore", backup, "--into", tmp_path / "again", "--nothing-erased")
    assert ran.code == 0, ran.err
    assert rows_of(tmp_path / "again") == rows_of(trained)
    for name in ("lake", "registry/artifacts"):
        old, new = trained / ".tenure" / name, tmp_path / "again" / ".tenure" / name
        held = {f.relative_to(old): f.read_bytes() for f in old.rglob("*") if f.is_file() and f.name != "lock"}
        assert held == {f.relative_to(new): f.read_bytes() for f in new.rglob("*") if f.is_file()}
    first, second = (tenure("list", folder, "--format", "json").out for folder in (trained, tmp_path / "again"))
    assert json.loads(first) == json.loads(second) != []


def test_a_restored_project_serves_and_moves_to_the_other_database(
    trained: Path, backup: Path, tmp_path: Path, postgres_store: str
) -> None:
    other = tmp_path / "other.toml"
    other.write_text((trained / "tenure.toml").read_text() + postgres_store)
    ran = tenure("restore", backup, "--into", tmp_path / "moved", "--project-file", other, "--nothing-erased")
    assert ran.code == 0, ran.err
    assert rows_of(tmp_path / "moved") == rows_of(trained)
    shutil.rmtree(trained)
    with serving(tmp_path / "moved") as address:
        assert until_ready(address)[0] == 200
        assert get(f"{address}/v1/at-risk?limit=3")[1]["rows"]
    again = tenure("restore", backup, "--into", tmp_path / "twice", "--project-file", other, "--nothing-erased")
    assert again.code == 1
    assert "is not empty: table" in again.said
    assert not (tmp_path / "twice" / ".tenure").exists()


def test_a_whole_backup_is_told_and_a_changed_one_refused(backup: Path, tmp_path: Path) -> None:
    told = tenure("verify", backup)
    assert told.code == 0
    assert "is whole: shop as of" in told.said
    content = bytearray(backup.read_bytes())
    with tarfile.open(backup) as tar:
        member = next(m for m in tar if m.name.startswith("lake/") and m.size > 1000)
    content[member.offset_data + 500] ^= 1
    (tmp_path / "flipped.tar").write_bytes(content)
    (tmp_path / "cut.tar").write_bytes(content[: len(content) // 2])
    (tmp_path / "none.tar").write_text("hello")
    for name, said in (
        ("flipped", f"1 of .* differ from the manifest, first '{member.name}'"),
        ("cut", "backup"),
        ("none", "not a whole backup"),
    ):
        with pytest.raises(BackupDamaged, match=said):
            verify_backup(tmp_path / f"{name}.tar")
        with pytest.raises(BackupDamaged):
            restore_backup(tmp_path / f"{name}.tar", tmp_path / "into", ledger=None, say=silent)
        assert list((tmp_path / "into").iterdir()) == []


def test_a_backup_is_for_its_owner_only_and_never_half_there(backup: Path, tmp_path: Path, monkeypatch: Any) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [f.name for f in tmp_path.iterdir() if "unfinished" in f.name] == []
    with pytest.raises(NotEmpty, match="is not empty; give a new folder"):
        restore_backup(backup, tmp_path, ledger=None, say=silent)


def test_restored_secrets_are_for_their_owner_only(trained: Path, tmp_path: Path) -> None:
    secret = kept_secret(trained / ".tenure", "pseudonyms")
    assert tenure("backup", trained, "--to", tmp_path / "shop.tar").code == 0
    assert tenure("restore", tmp_path / "shop.tar", "--into", tmp_path / "again", "--nothing-erased").code == 0
    data = tmp_path / "again" / ".tenure"
    assert readable_by_others(data) == []
    assert kept_secret(data, "pseudonyms") == secret


def test_a_backup_taken_while_scores_are_written_is_of_one_state(trained: Path, tmp_path: Path) -> None:
    ended = threading.Event()

    def go_on() -> None:
        while not ended.is_set():
            (trained / "sales.csv").touch()
            assert tenure("score", trained).code == 0

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        for number in range(3):
            ran = tenure("backup", trained, "--to", tmp_path / f"{number}.tar")
            assert ran.code == 0, ran.err
    finally:
        ended.set()
        writer.join()
    for number in range(3):
        restore_backup(tmp_path / f"{number}.tar", tmp_path / f"into-{number}", ledger=None, say=silent)
        found = rows_of(tmp_path / f"into-{number}")
        sets = {row[0] for row in found["score_sets"]}
        assert {row[1] for row in found["published"]} <= sets
        assert {row[0] for row in found["scores"]} <= sets
        assert tenure("list", tmp_path / f"into-{number}").code == 0


def test_upgrade_leaves_what_is_up_to_date_as_it_is(trained: Path) -> None:
    before = rows_of(trained)
    ran = tenure("upgrade", trained)
    assert ran.code == 0, ran.err
    assert "shop is up to date, at snapshot" in ran.said
    assert rows_of(trained) == before


def test_a_member_that_climbs_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "evil.tar"
    with tarfile.open(file, "w") as tar:
        (tmp_path / "x").write_text("x")
        tar.add(tmp_path / "x", arcname="../../x")
    with pytest.raises(BackupDamaged, match="is no plain file below the backup"):
        read_archive(file, tmp_path / "into")


def test_without_the_ledger_of_erasures_nothing_is_restored(backup: Path, tmp_path: Path) -> None:
    ran = tenure("restore", backup, "--into", tmp_path / "again")
    assert ran.code == 2
    assert "people who were erased after the backup must not come back" in ran.said
    assert not (tmp_path / "again").exists()


def test_a_ledger_that_knows_of_nobody_since_is_taken_along(backup: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "erasures.ndjson"
    ledger.touch()
    assert tenure("restore", backup, "--into", tmp_path / "again", "--ledger", ledger).code == 0
    assert (tmp_path / "again" / "erasures.ndjson").is_file()
    entries = json.loads(tenure("audit", tmp_path / "again", "--json").out)
    assert (entries[-1]["what"], entries[-1]["detail"]["ledger"]) == ("restore", "0 erasures")


def test_people_who_were_erased_since_are_erased_again(trained: Path, backup: Path, tmp_path: Path) -> None:
    assert tenure("erase", "c007", trained, "--yes").code == 0
    ran = tenure("restore", backup, "--into", tmp_path / "again", "--ledger", trained / "erasures.ndjson")
    assert ran.code == 0, ran.err
    entries = json.loads(tenure("audit", tmp_path / "again", "--json").out)
    assert entries[-1]["detail"]["ledger"] == "1 erasures"
    assert rows_of(tmp_path / "again")["scores"] == rows_of(trained)["scores"]
    for name in ("tenure.toml", "sales.csv", "members.parquet"):
        shutil.copy(trained / name, tmp_path / "again" / name)
    assert tenure("erase", "c007", tmp_path / "again", "--yes").code == 0  # known as erased, and so not unknown
    checked = json.loads(tenure("check", tmp_path / "again", "--json").out)
    assert checked["customers"] == 519 and [s["suppressed"] for s in checked["sources"]] != [0, 0]


def test_a_ledger_by_another_key_is_refused_and_nothing_is_left(backup: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "erasures.ndjson"
    note_erasure(ledger, "a1b2", names=["a1b2"], key="another", now=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    ran = tenure("restore", backup, "--into", tmp_path / "again", "--ledger", ledger)
    assert ran.code == 1
    assert "the erasure of 2024-01-01T00:00:00+00:00 was noted with another key" in ran.said
    assert not any((tmp_path / "again").glob("*.toml")) and not (tmp_path / "again" / ".tenure").exists()


def test_a_ledger_that_was_touched_or_is_older_than_the_backup_is_refused(tmp_path: Path) -> None:
    ledger = tmp_path / "erasures.ndjson"
    for name in ("a1", "b2", "c3"):
        note_erasure(ledger, name, now=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    mark = read_ledger(ledger).mark()
    assert mark["count"] == 3 and read_ledger(ledger).since(mark) == []
    lines = ledger.read_text().splitlines(keepends=True)
    for wrong in ([lines[0], lines[2]], [lines[0], lines[1].replace("b2", "x9"), lines[2]], [*lines, "{}\n"]):
        ledger.write_text("".join(wrong))
        with pytest.raises(LedgerBroken, match="does not follow from those before it"):
            read_ledger(ledger)
    ledger.write_text("".join(lines[:2]))
    with pytest.raises(LedgerBroken, match="older than the backup"):
        read_ledger(ledger).since(mark)
