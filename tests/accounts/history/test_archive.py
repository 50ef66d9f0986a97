"""Retention: what is younger than 180 days cannot go; what goes to a file stays verifiable."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.history.archives import ArchiveRefused, archive, unfit
from accounts.history.chain import What, verify
from accounts.history.recording import Action, record_access
from accounts.models import AccessRecord, HistoryArchive, HistoryEntry, Organisation
from tests.accounts.history.conftest import close_chain, sql
from tests.acting_role import become
from tests.small_county import SmallCounty

# Archiving is an act of the owner; what the application gets to hear is tested at the end.
pytestmark = pytest.mark.as_owner
EVENTS = "accounts_organisationchange"


@pytest.fixture
def aged(small: SmallCounty, tamper) -> dt.datetime:
    """History of which a part is 400 days old; returns the moment between old and new."""
    office = Organisation.objects.create(name="更旧机构", kind="bureau", region=small.county)
    office.name = "旧机构"
    office.save()
    gone = Organisation.objects.create(name="撤销机构", kind="bureau", region=small.other_county)
    gone.delete()
    now = timezone.now()
    old = now - dt.timedelta(days=400)
    record_access(Action.PRINT, by=None, at=old)
    close_chain()
    # The rows are as old as their seals say: made so before they are sealed would need a clock
    # inside the database.
    age_everything(tamper, old)
    record_access(Action.EXPORT, by=None, at=now)
    Organisation.objects.create(name="新机构", kind="bureau", region=small.county)
    close_chain()
    assert verify().findings == []
    return now


def age_everything(tamper, moment: dt.datetime) -> None:
    from accounts.history.canonical import digest_sql
    from tests.accounts.history.test_verify import rewrite_from

    for (table,) in sql('SELECT DISTINCT "table" FROM accounts_historyshape'):
        if table.endswith("change"):
            tamper(f"UPDATE {table} SET pgh_created_at = %s", moment)
    for shape, table, columns in sql('SELECT id, "table", columns FROM accounts_historyshape'):
        key = "pgh_id" if table.endswith("change") else "id"
        tamper(
            f"UPDATE accounts_historyentry e SET digest = {digest_sql(columns, 'r')}"
            f" FROM {table} r WHERE r.{key}::text = e.row_id AND e.shape_id = %s",
            shape,
        )
    tamper("UPDATE accounts_historyblock SET sealed_at = %s", moment)
    tamper("UPDATE accounts_historyhead SET digest = ''")
    rewrite_from(tamper, 1)


def test_old_history_goes_to_a_file_and_still_verifies(aged: dt.datetime, tmp_path: Path) -> None:
    before = HistoryEntry.objects.count()
    before_rows = rows_kept()
    kept = archive(older_than=aged - dt.timedelta(days=365), path=tmp_path / "a.jsonl", now=aged)
    close_chain()
    assert kept is not None
    assert not AccessRecord.objects.filter(action="print").exists()
    assert AccessRecord.objects.filter(action="export").exists()
    assert HistoryEntry.objects.count() == before + 1  # the archive's own
    assert verify().findings == []
    lines = (tmp_path / "a.jsonl").read_bytes()
    assert hashlib.sha256(lines).hexdigest() == kept.file_digest
    rows = [json.loads(line) for line in lines.splitlines()]
    # The newest event of each row that still is stays here too.
    assert len(rows) > kept.rows >= 4
    assert HistoryArchive.objects.get().rows == before_rows - rows_kept()
    assert "旧机构" in {
        part for row in rows for part in json.loads(row["row"]) if isinstance(part, str)
    }
    for row in rows:
        entry = HistoryEntry.objects.get(pk=row["entry"])
        assert hashlib.sha256(row["row"].encode()).digest() == bytes(entry.digest)


def test_an_archived_entry_cannot_vanish(aged: dt.datetime, tmp_path: Path, tamper) -> None:
    archive(older_than=aged - dt.timedelta(days=365), path=tmp_path / "a.jsonl", now=aged)
    close_chain()
    left = set(sql("SELECT e.id, e.row_id FROM accounts_historyentry e JOIN accounts_historyshape s"
                   " ON s.id = e.shape_id WHERE s.\"table\" = %s", EVENTS))  # fmt: skip
    here = {str(key) for (key,) in sql(f"SELECT pgh_id FROM {EVENTS}")}
    archived = min(entry for entry, row_id in left if row_id not in here)
    tamper("DELETE FROM accounts_historyentry WHERE id = %s", archived)
    assert {What.ARCHIVE, What.ALTERED_BLOCK} <= {f.what for f in verify().findings}


def test_young_rows_deleted_after_an_archive_are_still_noticed(
    aged: dt.datetime, tmp_path: Path, tamper
) -> None:
    archive(older_than=aged - dt.timedelta(days=365), path=tmp_path / "a.jsonl", now=aged)
    close_chain()
    tamper("DELETE FROM accounts_accessrecord")
    assert [f.what for f in verify().findings] == [What.DELETED]


def test_rows_changed_past_the_triggers_after_an_archive_are_found(
    aged: dt.datetime, tmp_path: Path, tamper
) -> None:
    archive(older_than=aged - dt.timedelta(days=365), path=tmp_path / "a.jsonl", now=aged)
    close_chain()
    assert verify().findings == []
    offices = Organisation._meta.db_table
    old, new = (Organisation.objects.get(name=name) for name in ("旧机构", "新机构"))
    tamper(f"UPDATE {offices} SET name = '改过' WHERE id = %s", old.pk)
    assert found() == [(What.LIVE, offices, str(old.pk))]
    tamper(f"UPDATE {offices} SET name = '旧机构' WHERE id = %s", old.pk)
    tamper(
        f"INSERT INTO {offices} (id, name, kind, region_id) SELECT 77777, '混入', 'bureau', region_id"
        f" FROM {offices} WHERE id = %s",
        new.pk,
    )
    assert found() == [(What.LIVE, offices, "77777")]
    tamper(f"DELETE FROM {offices} WHERE id IN (77777, %s)", old.pk)
    assert found() == [(What.LIVE, offices, str(old.pk))]
    # Nor does it help to remove what the row must be.
    tamper(f"DELETE FROM {EVENTS} WHERE pgh_obj_id = %s", old.pk)
    assert [what for what, _, _ in found()] == [What.ARCHIVE]


def test_an_archive_made_up_excuses_nothing(aged: dt.datetime, tmp_path: Path, tamper) -> None:
    """Somebody who owns the database deletes a record and adds an archive that would hold it."""
    ((last,),) = sql("SELECT max(position) FROM accounts_historyblock")
    tamper("DELETE FROM accounts_accessrecord WHERE action = 'export'")
    made_up = HistoryArchive(
        at=aged,
        older_than=aged - dt.timedelta(days=181),
        last_block=last,
        tables=["accounts_accessrecord"],
        rows=1,
        entries_digest="0" * 64,
        file_name="a",
        file_digest="0" * 64,
    )
    made_up.save()
    close_chain()
    assert What.ARCHIVE in {what for what, _, _ in found()}


@pytest.mark.parametrize("changed", ["rows", "last_block", "older_than", "file_digest"])
def test_an_archive_of_ones_own_stretched_is_found(
    aged: dt.datetime, tmp_path: Path, tamper, changed: str
) -> None:
    archive(older_than=aged - dt.timedelta(days=365), path=tmp_path / "a.jsonl", now=aged)
    close_chain()
    value = {
        "rows": "rows + 1",
        "last_block": "last_block + 1",
        "older_than": "older_than + interval '1 day'",
        "file_digest": f"'{'1' * 64}'",
    }[changed]
    tamper(f"UPDATE accounts_historyarchive SET {changed} = {value}")
    assert What.ARCHIVE in {what for what, _, _ in found()}


def test_signed_archives_of_young_blocks_are_refused(
    aged: dt.datetime, tmp_path: Path, tamper
) -> None:
    """Even with the portal's key nothing younger than the days that must stay is excused."""
    kept = archive(older_than=aged - dt.timedelta(days=365), path=tmp_path / "a", now=aged)
    close_chain()
    assert kept is not None
    tamper("UPDATE accounts_historyblock SET sealed_at = %s WHERE position = 1", aged)
    assert list(unfit()) == [kept.pk]


def found() -> list[tuple[What, str, str]]:
    return [(f.what, f.table, f.id) for f in verify().findings]


def rows_kept() -> int:
    """Rows of history that an archive may take, but for those of the archive itself."""
    from accounts.history.archives import _archivable

    return sum(model._base_manager.count() for model in _archivable().values())


def test_less_than_180_days_is_refused(aged: dt.datetime, tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match="180天"):
        archive(older_than=aged - dt.timedelta(days=179), path=tmp_path / "a", now=aged)
    with pytest.raises(CommandError, match="180天"):
        call_command("archive_history", tmp_path / "a", "--days", "179")
    assert not (tmp_path / "a").exists()


def test_the_database_refuses_to_remove_young_rows_even_for_the_archive(
    small: SmallCounty,
) -> None:
    record_access(Action.PRINT, by=None, at=timezone.now())
    sql("SET LOCAL history.archiving = 'on'")
    for table in ("accounts_accessrecord", EVENTS):
        small.officer()
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            sql(f"DELETE FROM {table}")


def test_old_rows_cannot_be_removed_without_the_archive(aged: dt.datetime) -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        AccessRecord.objects.filter(action="print").delete()


def test_an_altered_row_is_not_archived(aged: dt.datetime, tmp_path: Path, tamper) -> None:
    tamper("UPDATE accounts_accessrecord SET reason = 'x' WHERE action = 'print'")
    with pytest.raises(ArchiveRefused, match="verify_history"):
        archive(older_than=aged - dt.timedelta(days=365), path=tmp_path / "a", now=aged)
    assert AccessRecord.objects.filter(action="print").exists()
    assert not HistoryArchive.objects.exists()


def test_nothing_old_enough_changes_nothing(small: SmallCounty, tmp_path: Path) -> None:
    close_chain()
    with time_machine.travel(timezone.now(), tick=False):
        call_command("archive_history", tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_an_export_copies_and_removes_nothing(aged: dt.datetime, tmp_path: Path) -> None:
    before = AccessRecord.objects.count()
    file = tmp_path / "e.jsonl"
    call_command("export_history", file, "--since", f"{timezone.localdate(aged)}")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    # What is 400 days old was sealed then.
    assert {row["table"] for row in rows} == {"accounts_accessrecord", EVENTS}
    assert any("新机构" in row["row"] for row in rows)
    assert not any("旧机构" in row["row"] for row in rows)
    assert AccessRecord.objects.count() == before + 1
    assert AccessRecord.objects.latest("pk").rows == len(rows) == 2
    with pytest.raises(CommandError, match="已经存在"):
        call_command("export_history", file, "--since", f"{timezone.localdate(aged)}")


def test_the_application_cannot_archive(aged: dt.datetime, tmp_path: Path) -> None:
    become(settings.APPLICATION.role)
    before = AccessRecord.objects.count()
    with pytest.raises(CommandError, match="OWNER_DATABASE_URL"):
        call_command("archive_history", tmp_path / "old.jsonl", "--days", "200")
    assert AccessRecord.objects.count() == before
    assert not (tmp_path / "old.jsonl").exists()
    assert verify().findings == []
    become(None)
