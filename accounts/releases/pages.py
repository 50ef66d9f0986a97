"""The answer to “export this list”, for the page of any list of persons."""

from __future__ import annotations

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.access.guards import SignedInRequest
from accounts.downloads import send_file
from accounts.exports import CONTENT_TYPES, NotExported
from accounts.releases import services
from accounts.releases.registry import ExportKind


def release_response(request: SignedInRequest, kind: ExportKind, ending: str) -> HttpResponseBase:
    """The file with its watermark; the page that asks another person where that is needed.

    The view has checked the permission and asked for fresh proof.
    """
    if ending not in CONTENT_TYPES:
        raise Http404
    now = timezone.now()
    filters = kind.read(request.GET.dict(), now)
    try:
        written = services.export_now(
            kind=kind, filters=filters, ending=ending, by=request.user, now=now
        )
    except services.ApprovalNeeded:
        kept = urlencode({**{k: v for k, v in filters.items() if v}, "ending": ending})
        return redirect(f"{reverse('export-ask', args=[kind.code])}?{kept}")
    except services.ExportRefused as refusal:
        raise NotExported(str(refusal), "请回到名单再看一遍。", is_passing=True) from refusal
    return send_file(written)
