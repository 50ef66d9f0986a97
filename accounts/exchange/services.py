"""A table's way in: uploaded, checked, confirmed, written once."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Callable
from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.exchange import registry, reports
from accounts.exchange.checking import (
    Checked,
    check_again,
    check_table,
    fingerprint,
    refused,
)
from accounts.exchange.declaring import Context, Fault, Importable
from accounts.exchange.workbooks import write_marked
from accounts.exports import CONTENT_TYPES
from accounts.files import store
from accounts.files.intake import Accepted, scanned
from accounts.files.refusal import FileRefused
from accounts.files.table import ReadTable, check_kind, read_table
from accounts.files.workbook_cells import Bounds
from accounts.history.context import because
from accounts.history.recording import Action, record_access
from accounts.jobs.services import enqueue
from accounts.models import ImportBatch, StoredFile, User

State = ImportBatch.State
FILE_COLUMN = "accounts.importbatch.file"
MOST_BYTES = 10 * 1024 * 1024
# Beside the rows that count: title, heads, notes below.
ROWS_BESIDES = 200
MOST_COLUMNS = 80
MOST_CELLS = 1_000_000

Progress = Callable[[int, int, str], None]


class Refused(Exception):
    """Not now, not like this; the text says why and what to do.

    `row` is the row of the table it is about; 0 for the whole of it.
    """

    def __init__(self, text: str, *, row: int = 0) -> None:
        self.row = row
        super().__init__(text)


def importable_for(code: str, by: User) -> Importable:
    """The importable of this code. Raises Refused for none, PermissionDenied without the right."""
    importable = registry.find(code)
    if importable is None:
        raise Refused("没有这种表格。请从导入页面重新选择。")
    if not (by.can(Permission.IMPORT_TABLES) and by.can(importable.permission)):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    return importable


def context_of(importable: Importable, by: User, now: dt.datetime) -> Context:
    """Everything looked up for this person at this moment."""
    context = Context(by, now, timezone.localdate(now))
    importable.prepare(context)
    return context


def upload(*, code: str, raw_name: str, content: bytes, by: User, now: dt.datetime) -> ImportBatch:
    """Keep an uploaded table and ask a worker to check it.

    Raises FileRefused for what is no table, and PermissionDenied. Call it outside of a transaction:
    the virus scanner may take a while.
    """
    importable = importable_for(code, by)
    if len(content) > MOST_BYTES:
        raise FileRefused(
            "too-large", f"文件超过{MOST_BYTES // 1024 // 1024}MB。请分成几个文件再传。"
        )
    name, ending = check_kind(raw_name, content)
    accepted = scanned(Accepted(name, content, CONTENT_TYPES[ending].partition(";")[0]))
    key = uuid.uuid4()
    if importable.sealed:
        accepted = replace(accepted, content=_sealed(content, key))
    with transaction.atomic():
        post = by.acting
        if post is None:
            raise PermissionDenied("您现在的岗位没有这项权限。")
        batch = ImportBatch(
            pk=key,
            kind=importable.code,
            name=name,
            uploaded_by=by,
            uploaded_as=post,
            uploaded_at=now,
            file=store.keep(accepted, post=post, now=now),
        )
        batch.save(force_insert=True)
        _ask(batch, "import-check", f"检查{importable.label}：{name}", now)
        record_access(Action.IMPORT, by=by, at=now, target=batch, reason=f"上传{name}")
    return batch


def _sealed(content: bytes, key: uuid.UUID) -> bytes:
    return reports.sealed_bytes(content, FILE_COLUMN, ImportBatch(pk=key))


def _ask(batch: ImportBatch, kind: str, title: str, now: dt.datetime) -> None:
    batch.job = enqueue(
        kind=kind,
        key=f"{kind}:{batch.pk}",
        title=title[:200],
        arguments={"batch": str(batch.pk)},
        requested_as=batch.uploaded_as,
        now=now,
    )
    batch.save(update_fields=["job"])


def _locked(batch_id: uuid.UUID, by: User) -> ImportBatch:
    batch = (
        ImportBatch.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("file", "uploaded_as")
        .filter(pk=batch_id)
        .first()
    )
    if batch is None:
        raise Refused("没有这份表格。请重新上传。")
    return batch


@transaction.atomic
def check_batch(
    *, batch_id: uuid.UUID, by: User, now: dt.datetime, progress: Progress = lambda *_: None
) -> ImportBatch:
    """The dry run, in a worker. Safe to run twice: it only looks and writes its report."""
    batch = _locked(batch_id, by)
    importable = importable_for(batch.kind, by)
    # Also once it was given up: whoever tries the job again wants it checked.
    if batch.state not in {State.CHECKING, State.REFUSED}:
        return batch
    batch.refusal = ""
    progress(0, 4, "正在读取文件")
    if batch.file.state == StoredFile.State.INFECTED:
        return _refuse(batch, "这个文件被查出病毒，没有读取。请先杀毒，重新制作文件后再传。", now)
    bounds = Bounds(
        rows=importable.most_rows + ROWS_BESIDES,
        columns=MOST_COLUMNS,
        values_matter=False,
        cells=MOST_CELLS,
    )
    try:
        content = store.read(batch.file)
        if importable.sealed:
            content = reports.opened_bytes(content, FILE_COLUMN, batch)
        table = read_table(content, bounds)
    except FileRefused as refusal:
        return _refuse(batch, str(refusal), now)
    except store.FileDamaged:
        return _refuse(batch, "保存的文件读不出来了。请重新上传。", now)
    progress(1, 4, "正在逐格检查，并和现有数据比较")
    context = context_of(importable, by, now)
    try:
        checked = check_table(importable, table, context)
    except Refused as refusal:
        return _refuse(batch, str(refusal), now)
    progress(3, 4, "正在写检查结果")
    batch.template_version = checked.file_version
    _keep_report(batch, importable, checked, now)
    if checked.fault_count and not importable.sealed:
        batch.marked = _marked(batch, importable, context, table, checked, now)
    batch.save()
    progress(4, 4, f"检查完毕：{summary(batch, importable)}")
    return batch


def _refuse(batch: ImportBatch, reason: str, now: dt.datetime) -> ImportBatch:
    batch.state, batch.refusal, batch.checked_at = State.REFUSED, reason[:300], now
    batch.save()
    return batch


def _keep_report(
    batch: ImportBatch, importable: Importable, checked: Checked, now: dt.datetime
) -> None:
    plan = checked.plan
    batch.checked_at = now
    batch.fingerprint = fingerprint(plan)
    batch.report, batch.digest = reports.pack(importable, checked, batch)
    batch.row_count = len(checked.lines)
    batch.new_count, batch.changed_count = len(plan.new), len(plan.changed)
    batch.same_count, batch.fault_count = plan.same, checked.fault_count
    if checked.fault_count:
        batch.state = State.FAULTY
    elif plan.new or plan.changed:
        batch.state = State.READY
    else:
        batch.state = State.UNCHANGED


def _marked(
    batch: ImportBatch,
    importable: Importable,
    context: Context,
    table: ReadTable,
    checked: Checked,
    now: dt.datetime,
) -> StoredFile:
    out = io.BytesIO()
    write_marked(importable, context, table, checked, out, created=batch.uploaded_at)
    made = Accepted("检查结果.xlsx", out.getvalue(), CONTENT_TYPES["xlsx"], is_scanned=True)
    return store.keep(made, post=batch.uploaded_as, now=now)


def summary(batch: ImportBatch, importable: Importable) -> str:
    """In one line: what would be, or was, done."""
    if batch.fault_count and not batch.row_count:
        return f"没有读到内容：表头或整张表有{batch.fault_count}处要改，打开看怎么改"
    if batch.fault_count:
        # What refuses the whole table stands in none of its rows.
        wrong = f"有误{batch.wrong_count}行，" if batch.wrong_count else ""
        return f"{batch.row_count}行，{wrong}{batch.fault_count}处要改"
    noun = importable.noun
    return (
        f"新增{batch.new_count}{noun}，有变化{batch.changed_count}{noun}，"
        f"没有变化{batch.same_count}{noun}"
    )


@transaction.atomic
def confirm(*, batch_id: uuid.UUID, seen: str, by: User, now: dt.datetime) -> ImportBatch:
    """Let a checked table be written, by whoever uploaded it. Raises Refused.

    `seen` is the fingerprint of what the page showed.
    """
    batch = _locked(batch_id, by)
    importable = importable_for(batch.kind, by)
    if by.acting is None or batch.uploaded_as_id != by.acting.pk:
        raise Refused("这份表格是同事上传的，由上传的人确认。您也可以自己上传一次。")
    if batch.state not in ImportBatch.CONFIRMABLE:
        raise Refused(f"这份表格现在是“{batch.get_state_display()}”，不用确认。请刷新页面。")
    if seen != batch.fingerprint:
        raise Refused("检查结果已经更新，请看过新的结果再确认。")
    batch.state, batch.confirmed_at = State.WRITING, now
    batch.save(update_fields=["state", "confirmed_at"])
    _ask(batch, "import-write", f"写入{importable.label}：{batch.name}", now)
    return batch


@transaction.atomic
def not_checked(*, batch_id: uuid.UUID, job_id: uuid.UUID, reason: str, now: dt.datetime) -> None:
    """The dry run was given up: say so on the table's page instead of waiting for ever."""
    batch = _waiting_for(batch_id, job_id, State.CHECKING)
    if batch is not None:
        _refuse(batch, f"检查没有做完：{reason[:250]}请重新上传。", now)


@transaction.atomic
def not_written(*, batch_id: uuid.UUID, job_id: uuid.UUID) -> None:
    """Writing was given up, and nothing was written: whoever uploaded it may confirm again.

    Why stands with the job.
    """
    batch = _waiting_for(batch_id, job_id, State.WRITING)
    if batch is not None:
        batch.state = State.INTERRUPTED
        batch.save(update_fields=["state"])


def _waiting_for(batch_id: uuid.UUID, job_id: uuid.UUID, state: str) -> ImportBatch | None:
    """The table, locked, if this very job is what it still waits for."""
    tables = ImportBatch.objects.unscoped("the table a job in hand was asked to work on")
    return (
        tables.select_for_update(of=("self",)).filter(pk=batch_id, job=job_id, state=state).first()
    )


def _lock_key(batch: ImportBatch, by: User) -> str:
    home = home_region(by)
    return f"import:{batch.kind}:{home.county_id or home.pk if home else 'none'}"


@transaction.atomic
def write_batch(
    *, batch_id: uuid.UUID, by: User, now: dt.datetime, progress: Progress = lambda *_: None
) -> ImportBatch:
    """Write a confirmed table, all of it or nothing, in a worker. Again, it writes nothing.

    What exists is compared once more under a lock. When something else came out than was
    confirmed, nothing is written and the new result waits for another look.
    """
    batch = _locked(batch_id, by)
    importable = importable_for(batch.kind, by)
    # Also once it was given up: it was confirmed, and is compared again before it is written.
    if batch.state not in {State.WRITING, State.INTERRUPTED}:
        progress(3, 3, f"这份表格现在是“{batch.get_state_display()}”，这次没有写入。")
        return batch
    progress(0, 3, "正在再次和现有数据比较")
    with connection.cursor() as cursor:
        # One table of a kind at a time in a county: the second is compared with what the first
        # wrote, and no county waits for another's.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_lock_key(batch, by)]
        )
    if not reports.is_as_checked(importable, batch):
        return _refuse(
            batch, "保存的检查结果和检查时不一样，没有写入。请重新上传，并告诉系统管理员。", now
        )
    report = reports.unpack(importable, batch)
    context = context_of(importable, by, now)
    try:
        checked = check_again(importable, report.lines, context)
    except Refused as refusal:
        return _refuse(batch, str(refusal), now)
    checked.notices = report.notices
    if checked.fault_count or fingerprint(checked.plan) != batch.fingerprint:
        _keep_report(batch, importable, checked, now)
        if batch.state == State.READY:
            batch.state = State.STALE
        batch.confirmed_at = None
        batch.save()
        progress(3, 3, "检查以后数据有变，没有写入。请看新的检查结果。")
        return batch
    progress(1, 3, "正在写入")
    try:
        # Of its own, so that the reason stays when everything written is taken back.
        with transaction.atomic(), because(f"表格导入：{batch.name}"):
            importable.write(context, checked.plan, batch)
    except Refused as refusal:
        importable.taken_back(context, refusal)
        refused(checked, Fault(refusal.row, 0, "", "", str(refusal)))
        _keep_report(batch, importable, checked, now)
        batch.confirmed_at = None
        batch.save()
        progress(3, 3, f"没有写入：{refusal}"[:200])
        return batch
    batch.state, batch.written_at = State.WRITTEN, now
    if importable.sealed:
        batch.report = b""
    batch.save(update_fields=["state", "written_at", "report"])
    record_access(
        Action.IMPORT,
        by=by,
        at=now,
        target=batch,
        rows=len(checked.plan.new) + len(checked.plan.changed),
        reason=f"写入{batch.name}",
    )
    progress(3, 3, f"写入完毕：{summary(batch, importable)}")
    return batch
