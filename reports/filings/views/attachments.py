"""Supporting documents of a return: sent by script one by one, and downloaded by whoever may read it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files import FileRefused, intake, serving
from accounts.files.pages import attachment_response
from accounts.history.recording import Action, Outcome, record_access
from kindergartens import policies
from kindergartens.models import FilingAttachment, MonthlyFiling
from kindergartens.policies import NotAllowedNow
from reports.filings import services
from reports.filings.room import MOST_ATTACHMENTS, check_room
from reports.filings.views.own import own_filing


def attachments_context(
    filing: MonthlyFiling, *, version: int | None = None, error: str = ""
) -> dict[str, Any]:
    """The attachments of a version, to be read, or of the one being filled in, to be changed."""
    changes = version is None
    version = filing.version + 1 if version is None else version
    found = filing.attachments.of_version(version)
    return {
        "attachments": [
            {
                "name": attachment.name,
                "size": attachment.file.size,
                "url": reverse("filing-attachment", args=[filing.pk, attachment.pk]),
                "state": serving.state_of(attachment.file),
                "remove_name": "detach" if changes else "",
                "remove_value": attachment.pk,
            }
            for attachment in found.select_related("file")
        ],
        "attachment_error": error,
        "attachment_accept": intake.ACCEPT,
        "attachments_most": MOST_ATTACHMENTS,
        "attach_url": reverse("filing-attach", args=[filing.pk]),
    }


def take_file(
    request: SignedInRequest, filing: MonthlyFiling, upload: UploadedFile, now: dt.datetime
) -> None:
    """Look at one upload and attach it. A refusal is kept on record. Raises what refuses it."""
    try:
        # First the state and the room there is, so that nobody makes the portal read files for a
        # return that is closed or full; and outside of any lock, because reading takes a while.
        policies.check_may_edit(filing, now)
        check_room(filing, upload.size or 0)
        if upload.size is not None and upload.size > intake.largest():
            raise intake.too_large(upload.size)
        accepted = intake.accept(upload.name or "", upload.read())
        services.attach(filing_id=filing.pk, accepted=accepted, by=request.user, now=now)
    except FileRefused as refusal:
        record_access(
            Action.UPLOAD,
            by=request.user,
            at=now,
            outcome=Outcome.REFUSED,
            target=filing,
            reason=refusal.code,
        )
        raise


@require_POST
@requires(Permission.FILE_RETURN)
def attach_file(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """One file from the script; the answer is the list of attachments, with the refusal if any."""
    filing = own_filing(request, filing_id)
    upload = request.FILES.get("attachments")
    error = ""
    if upload is None:
        error = "没有收到文件。请重新选择文件。"
    else:
        try:
            take_file(request, filing, upload, timezone.now())
        except FileRefused as refusal:
            error = f"{upload.name}没有上传：{refusal.reason}"
        except NotAllowedNow as refusal:
            error = f"{upload.name}没有上传：{refusal}"
    return render(
        request,
        "reports/filings/_attach.html",
        attachments_context(filing, error=error),
        status=422 if error else 200,
    )


@require_GET
@requires(Permission.READ_RETURNS)
def download_attachment(
    request: SignedInRequest, filing_id: int, attachment_id: UUID
) -> HttpResponse:
    attachment = get_object_or_404(
        FilingAttachment.objects.visible_to(request.user).select_related("file"),
        pk=attachment_id,
        filing=filing_id,
    )
    return attachment_response(request, attachment)
