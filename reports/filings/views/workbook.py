"""The return as a workbook: downloaded with the saved draft, uploaded into it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.exports import CONTENT_TYPES, spooled
from accounts.files import FileRefused
from accounts.files.intake import Accepted, scanned
from accounts.files.table import check_kind, read_sheets
from accounts.files.workbook_cells import Bounds
from accounts.history.recording import Action, Outcome, record_access
from kindergartens import policies
from kindergartens.models import MonthlyFiling
from kindergartens.policies import NotAllowedNow
from reports.filings import services, submitted
from reports.filings.forms import draft_from_post
from reports.filings.services import Conflicting, TooMuchText
from reports.filings.views.form_page import form_page, save_typed
from reports.filings.views.own import own_filing
from reports.filings.workbook.reading import FilledForm, read_form
from reports.filings.workbook.writing import write_workbook

MEGABYTE = 1024 * 1024
# A filled-in return is some 30 KB.
MOST_BYTES = 2 * MEGABYTE
BOUNDS = Bounds(rows=2000, columns=100, values_matter=False)


@require_http_methods(["GET", "POST"])
@requires(Permission.FILE_RETURN)
def filing_workbook(request: SignedInRequest, filing_id: int) -> HttpResponseBase:
    """The workbook of a return that is being filled in: GET hands it out, POST takes it in."""
    filing = own_filing(request, filing_id)
    now = timezone.now()
    if request.method == "POST":
        return _take_in(request, filing, now)
    try:
        policies.check_may_edit(filing, now)
    except NotAllowedNow as refusal:
        messages.error(request, f"没有下载填报表：{refusal}")
        return redirect("filing-edit", filing.pk)
    return _download(request, filing, now)


def _download(
    request: SignedInRequest, filing: MonthlyFiling, now: dt.datetime
) -> HttpResponseBase:
    # File and record together or neither, as in accounts/downloads.py.
    with transaction.atomic(), spooled() as out:
        last = submitted.last_submitted(filing.kindergarten, filing.month)
        write_workbook(filing, last, out, created=timezone.localtime(now))
        record_access(Action.DOWNLOAD, by=request.user, at=now, target=filing, reason="填报表")
    response = FileResponse(out, content_type=CONTENT_TYPES["xlsx"])
    name = f"{filing.kindergarten}_{filing.month:%Y年%-m月}月报填报表.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _take_in(request: SignedInRequest, filing: MonthlyFiling, now: dt.datetime) -> HttpResponse:
    """First what the page itself has, so that nothing typed is lost; then the file."""
    draft = filing.draft
    try:
        if "revision" in request.POST:
            draft = draft_from_post(request.POST)
            filing, came_in = save_typed(request, filing, draft, now)
            draft = filing.draft
            if came_in:
                messages.warning(request, came_in)
        # Nobody makes the portal read files for a return that is closed.
        policies.check_may_edit(filing, now)
        form = _read(request, filing, now)
        taken = services.take_in(filing_id=filing.pk, form=form, by=request.user, now=now)
    except Conflicting as conflict:
        refusal = "还没有读入：页面上填的和另一个窗口有冲突，请先选好，再上传填报表。"
        return form_page(
            request, conflict.filing, conflict.merged.draft, now,
            conflict=conflict, book_refusal=refusal, status=409,
        )  # fmt: skip
    except TooMuchText as refusal:
        return form_page(request, filing, draft, now, refusal=str(refusal), status=422)
    except FileRefused as refusal:
        _record_refusal(request, filing, refusal.code, now)
        return form_page(request, filing, draft, now, book_refusal=str(refusal), status=422)
    except NotAllowedNow as refusal:
        _record_refusal(request, filing, "not-now", now)
        return form_page(request, filing, draft, now, locked=str(refusal), status=409)
    if taken.conflict is not None:
        return form_page(
            request, taken.filing, taken.conflict.merged.draft, now,
            conflict=taken.conflict, taken=taken, status=409,
        )  # fmt: skip
    return form_page(request, taken.filing, taken.filing.draft, now, taken=taken)


def _read(request: SignedInRequest, filing: MonthlyFiling, now: dt.datetime) -> FilledForm:
    """What the uploaded file says, read in a process of its own. Raises FileRefused.

    The file is not kept: what it changes stands in the draft.
    """
    upload = request.FILES.get("workbook")
    if not isinstance(upload, UploadedFile):
        raise FileRefused("empty", "没有收到文件。请先选择填好的填报表（xlsx），再点上传。")
    if upload.size is None or upload.size > MOST_BYTES:
        raise FileRefused(
            "too-large",
            f"文件超过{MOST_BYTES // MEGABYTE}MB，不像是月报填报表。"
            "请去掉图片和多余的表，或重新下载填报表，把数粘贴过去再传。",
        )
    content = upload.read()
    name, ending = check_kind(upload.name or "", content)
    if ending != "xlsx":
        raise FileRefused("type-not-accepted", "填报表只收xlsx。请用WPS或Excel另存为xlsx再传。")
    scanned(Accepted(name, content, CONTENT_TYPES["xlsx"]))
    return read_form(read_sheets(content, BOUNDS))


def _record_refusal(
    request: SignedInRequest, filing: MonthlyFiling, code: str, now: dt.datetime
) -> None:
    record_access(
        Action.UPLOAD, by=request.user, at=now, outcome=Outcome.REFUSED, target=filing, reason=code
    )
