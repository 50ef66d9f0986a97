"""Tables in: template, upload, dry run with its report, confirmation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.downloads import allow_time
from accounts.exchange import presenters, registry, reports, services
from accounts.exchange.declaring import Importable
from accounts.exchange.workbooks import write_template
from accounts.exports import CONTENT_TYPES, spooled
from accounts.files.pages import stored_response
from accounts.files.refusal import FileRefused
from accounts.history.recording import Action, record_access
from accounts.jobs.presenters import present
from accounts.models import ImportBatch, StoredFile

BATCHES_PER_PAGE = 20


def _importable(request: SignedInRequest, code: str) -> Importable:
    try:
        return services.importable_for(code, request.user)
    except services.Refused:
        raise Http404 from None


@require_GET
@requires(Permission.IMPORT_TABLES)
def import_list(request: SignedInRequest) -> HttpResponse:
    """What the person may import, and what was uploaded for the own organisation."""
    offered = registry.permitted(request.user)
    labels = {one.code: one for one in offered}
    batches = (
        ImportBatch.objects.visible_to(request.user)
        .filter(kind__in=labels)
        .select_related("uploaded_by", "job")
        .defer("report")
    )
    page = Paginator(batches, BATCHES_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/exchange/list.html",
        {
            "importables": offered,
            "page_obj": page,
            "batches": [_line(batch, labels[batch.kind]) for batch in page],
        },
    )


def _line(batch: ImportBatch, importable: Importable) -> dict[str, Any]:
    checked = batch.row_count is not None
    return {
        "batch": batch,
        "label": importable.label,
        "state": f"import_{batch.state}",
        "summary": services.summary(batch, importable) if checked else batch.refusal,
    }


@require_GET
@requires(Permission.IMPORT_TABLES)
def import_template(request: SignedInRequest, code: str) -> HttpResponseBase:
    """The empty template of a kind."""
    importable = _importable(request, code)
    return _workbook(request, importable, filled=False)


@require_GET
@requires(Permission.IMPORT_TABLES)
def import_current(request: SignedInRequest, code: str) -> HttpResponseBase:
    """The template with everything that is there, to be changed and uploaded again."""
    importable = _importable(request, code)
    if importable.sealed:
        raise Http404
    return _workbook(request, importable, filled=True)


def _workbook(
    request: SignedInRequest, importable: Importable, *, filled: bool
) -> HttpResponseBase:
    now = timezone.now()
    context = services.context_of(importable, request.user, now)
    name = f"{importable.label}模板_第{importable.version}版.xlsx"
    # File and record together or neither, as in accounts/downloads.py.
    with transaction.atomic(), spooled() as out:
        allow_time()
        rows = importable.rows(context) if filled else ()
        count = write_template(importable, context, out, created=now, rows=rows)
        if filled:
            name = f"{importable.label}_{context.today:%Y%m%d}_{count}{importable.noun}.xlsx"
            record_access(
                Action.EXPORT,
                by=request.user,
                at=now,
                rows=count,
                reason=f"{importable.label}（可改后导入）",
            )
    response = FileResponse(out, content_type=CONTENT_TYPES["xlsx"])
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_TABLES)
def import_upload(request: SignedInRequest, code: str) -> HttpResponse:
    """The page of one kind: its template, its columns, and the upload."""
    importable = _importable(request, code)
    context: dict[str, Any] = {
        "importable": importable,
        "most_megabytes": services.MOST_BYTES // 1024 // 1024,
    }
    if request.method == "GET":
        return render(request, "accounts/exchange/upload.html", context)
    file = request.FILES.get("table")
    if file is None:
        context["refusal"] = "请先选择填好的xlsx或csv文件，再点上传。"
    elif file.size is None or file.size > services.MOST_BYTES:
        context["refusal"] = f"文件超过{context['most_megabytes']}MB。请分成几个文件再传。"
    else:
        try:
            batch = services.upload(
                code=code,
                raw_name=file.name or "",
                content=file.read(),
                by=request.user,
                now=timezone.now(),
            )
        except FileRefused as refusal:
            context["refusal"] = str(refusal)
        else:
            return redirect("import-batch", batch_id=batch.pk)
    return render(request, "accounts/exchange/upload.html", context, status=422)


def _batch(request: SignedInRequest, batch_id: UUID) -> tuple[ImportBatch, Importable]:
    batch = get_object_or_404(
        ImportBatch.objects.visible_to(request.user).select_related(
            "file", "marked", "uploaded_by", "uploaded_as__organisation", "job"
        ),
        pk=batch_id,
    )
    return batch, _importable(request, batch.kind)


@require_GET
@requires(Permission.IMPORT_TABLES)
def import_batch(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """How far a table is, what its dry run found, and the button that writes it."""
    batch, importable = _batch(request, batch_id)
    now = timezone.now()
    looked_up = services.context_of(importable, request.user, now)
    report = reports.unpack(importable, batch)
    acting = request.user.acting
    is_open = batch.state in {ImportBatch.State.CHECKING, ImportBatch.State.WRITING}
    return render(
        request,
        "accounts/exchange/batch.html",
        {
            "batch": batch,
            "importable": importable,
            "state": f"import_{batch.state}",
            "is_open": is_open,
            "job": present(batch.job) if batch.job is not None and is_open else None,
            "report": report,
            "shown": presenters.shown(
                importable, looked_up, batch, report,
                view=request.GET.get("view", ""), page=request.GET.get("page"),
            ),
            "adds": importable.adds(looked_up, report.new)
            if batch.state in ImportBatch.CONFIRMABLE
            else [],
            "waits": batch.state in ImportBatch.CONFIRMABLE,
            "may_confirm": batch.state in ImportBatch.CONFIRMABLE
            and acting is not None
            and batch.uploaded_as_id == acting.pk,
            "written": (batch.new_count or 0) + (batch.changed_count or 0),
        },
    )  # fmt: skip


@require_GET
@requires(Permission.IMPORT_TABLES)
def import_marked(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """The copy of the uploaded table with its faults coloured."""
    batch, _ = _batch(request, batch_id)
    if batch.marked is None:
        raise Http404
    stem = batch.name.rpartition(".")[0]
    return _kept(request, batch, batch.marked, f"{stem}_检查结果.xlsx")


@require_GET
@requires(Permission.IMPORT_TABLES)
def import_original(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """The table as it was uploaded."""
    batch, importable = _batch(request, batch_id)
    if importable.sealed:
        raise Http404
    return _kept(request, batch, batch.file, batch.name)


def _kept(
    request: SignedInRequest, batch: ImportBatch, file: StoredFile, name: str
) -> HttpResponse:
    """A kept file of the batch as a download, on record."""
    return stored_response(request, file, name, target=batch, reason=f"下载{name}")


@require_POST
@requires(Permission.IMPORT_TABLES)
def import_confirm(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """Write what the page showed, in a worker."""
    batch, _ = _batch(request, batch_id)
    try:
        services.confirm(
            batch_id=batch.pk,
            seen=request.POST.get("seen", ""),
            by=request.user,
            now=timezone.now(),
        )
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("import-batch", batch_id=batch.pk)
