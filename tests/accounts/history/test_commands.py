"""verify_history and anchor_history as an operator runs them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.history.chain import verify
from accounts.history.recording import Action, record_access
from accounts.history.tracking import TRACKED
from accounts.models import AccessRecord, HistoryAnchor, HistoryCheck
from tests.accounts.history.conftest import close_chain
from tests.acting_role import as_owner
from tests.small_county import SmallCounty


@pytest.fixture
def record(db: None) -> AccessRecord:
    kept = record_access(Action.PRINT, by=None, at=timezone.now())
    close_chain()
    return kept


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    code = 0
    try:
        call_command("verify_history", *arguments, stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue()


def test_sound_history_ends_with_0_and_is_noted(record: AccessRecord) -> None:
    code, text = run()
    assert code == 0
    assert "核对了1行记录、1块" in text
    assert HistoryCheck.objects.get().findings == 0
    assert AccessRecord.objects.get(action="verify_history").outcome == "done"


def test_a_bad_row_ends_with_1_and_is_named(record: AccessRecord, tamper) -> None:
    tamper("UPDATE accounts_accessrecord SET reason = 'x'")
    code, text = run()
    assert code == 1
    assert f"accounts_accessrecord {record.pk}：内容被改动" in text
    check = HistoryCheck.objects.get()
    assert (check.findings, check.shown[0]["id"]) == (1, str(record.pk))
    assert AccessRecord.objects.get(action="verify_history").outcome == "failed"


def test_json_for_programs(record: AccessRecord, tamper) -> None:
    tamper("DELETE FROM accounts_accessrecord")
    code, text = run("--json")
    said = json.loads(text)
    assert code == 1
    assert said["sound"] is False
    assert said["findings"][0]["table"] == "accounts_accessrecord"
    assert said["findings"][0]["what"] == "deleted"


def test_a_printed_anchor_is_checked_from_a_file(
    record: AccessRecord, tmp_path: Path, caplog, tamper
) -> None:
    out = io.StringIO()
    with caplog.at_level("INFO"):
        call_command("anchor_history", stdout=out)
    close_chain()
    assert out.getvalue().strip() in caplog.text
    file = tmp_path / "anchors.txt"
    file.write_text(f"2026-11-26 INFO {out.getvalue()}", encoding="utf-8")
    assert run("--anchor", str(file))[0] == 0
    tamper("DELETE FROM accounts_historyanchor")
    file.write_text(out.getvalue().replace(" 1 ", " 9 "), encoding="utf-8")
    code, text = run("--anchor", str(file))
    assert code == 1
    assert "锚点的签名不对" in text


def test_a_file_that_holds_no_anchor_is_refused_with_its_line(
    record: AccessRecord, tmp_path: Path
) -> None:
    file = tmp_path / "x"
    file.write_text("\nnot an anchor\n", encoding="utf-8")
    with pytest.raises(CommandError, match="第2行不是锚点"):
        run("--anchor", str(file))
    with pytest.raises(CommandError, match="读不了"):
        run("--anchor", str(tmp_path / "missing"))


def test_anchors_are_kept_and_chain_themselves(record: AccessRecord) -> None:
    call_command("anchor_history", stdout=io.StringIO())
    close_chain()
    call_command("anchor_history", stdout=io.StringIO())
    close_chain()
    assert [a.position for a in HistoryAnchor.objects.order_by("pk")] == [1, 2]
    assert run()[0] == 0


def test_rows_from_before_history_are_entered_once(small: SmallCounty, tamper) -> None:
    small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 24)
    close_chain()
    # As if the tables had stood before history did.
    for table in ("accounts_historyentry", "accounts_historyblock", "accounts_historyhead"):
        tamper(f"DELETE FROM {table}")
    for tracked in TRACKED.values():
        tamper(f"DELETE FROM {tracked.event._meta.db_table}")
    assert verify().findings
    out = io.StringIO()
    with pytest.raises(CommandError, match="OWNER_DATABASE_URL"):
        call_command("begin_history")
    with as_owner():
        call_command("begin_history", stdout=out)
    close_chain()
    assert verify().findings == []
    assert "已把原有的" in out.getvalue()
    with as_owner(), pytest.raises(CommandError, match="已经运行过"):
        call_command("begin_history")


@pytest.mark.django_db(transaction=True)
def test_the_timetable_anchors_and_verifies() -> None:
    from accounts.history import tasks
    from config.celery import app

    named = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {tasks.anchor.name, tasks.verify.name} <= named
    record_access(Action.PRINT, by=None, at=timezone.now())
    tasks.anchor()
    tasks.verify()
    assert HistoryAnchor.objects.get().position == 1
    assert HistoryCheck.objects.get().findings == 0
    assert AccessRecord.objects.filter(action="verify_history", outcome="done").exists()
