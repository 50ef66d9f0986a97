"""The answer to a request for a kept file: the file, or a page that says why not."""

from __future__ import annotations

import logging

from django.db import models
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access.guards import SignedInRequest
from accounts.files import serving, store
from accounts.history.recording import Action, Outcome, record_access
from accounts.models import Attachment, StoredFile

logger = logging.getLogger(__name__)
DAMAGED = "这个文件和上传时不一样，没有提供下载。请把文件名告诉本区县教育局的系统管理员。"


def attachment_response(request: SignedInRequest, attachment: Attachment) -> HttpResponse:
    """Hand out a file the person was found to see, and keep on record that it was asked for."""
    return stored_response(request, attachment.file, attachment.name, target=attachment)


def stored_response(
    request: SignedInRequest,
    stored: StoredFile,
    name: str,
    *,
    target: models.Model,
    reason: str = "",
) -> HttpResponse:
    """Like `attachment_response` for a file that belongs to something else: the `target`."""
    now = timezone.now()
    try:
        response = serving.file_response(stored, name)
    except serving.NotServed as refusal:
        record_access(
            Action.DOWNLOAD, by=request.user, at=now, outcome=Outcome.REFUSED, target=target,
            reason=serving.state_of(stored),
        )  # fmt: skip
        return _page(request, str(refusal), 409)
    except store.FileDamaged:
        logger.error("stored file %s is not as it was uploaded", stored.pk)
        record_access(
            Action.DOWNLOAD, by=request.user, at=now, outcome=Outcome.FAILED, target=target,
            reason="damaged",
        )  # fmt: skip
        return _page(request, DAMAGED, 500)
    record_access(Action.DOWNLOAD, by=request.user, at=now, target=target, reason=reason)
    return response


def _page(request: SignedInRequest, reason: str, status: int) -> HttpResponse:
    return render(request, "accounts/files/not_served.html", {"reason": reason}, status=status)
