"""The slips of a plate as PDF; printing is recorded."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.history.recording import Action, record_access
from reports.documents.answering import pdf_response
from reports.documents.pdf import PrintFailed, to_pdf
from reports.hazard_slips import paper
from safety.hazards.policies import may_print_slips
from safety.models import Hazard


@require_GET
@requires(Permission.READ_SAFETY)
def slip(request: SignedInRequest, number: str, kind: str) -> HttpResponse:
    """`kind` is a key of paper.KINDS; a plate that hangs has no delisting to print.

    For whoever prints, and for the kindergarten it is addressed to.
    """
    if kind not in paper.KINDS:
        raise Http404
    if not may_print_slips(request.user):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    hazard = get_object_or_404(
        Hazard.objects.visible_to(request.user).select_related(
            "county__city", "county__province", "kindergarten", "plate__supervisor"
        ),
        number=number,
        plate__isnull=False,
    )
    if kind == "delisting" and hazard.plate.delisted_on is None:
        raise Http404
    now = timezone.now()
    photo = paper.photo_of(hazard) if kind == "slip" else None
    text = paper.html(hazard, kind, printed_at=now, has_photo=photo is not None)
    try:
        pdf = to_pdf(text, {"found": photo} if photo is not None else None)
    except PrintFailed as refusal:
        messages.error(request, str(refusal))
        return redirect("hazard", number=number)
    record_access(Action.PRINT, by=request.user, at=now, target=hazard, reason=paper.KINDS[kind])
    name = f"{hazard.kindergarten.name}{paper.KINDS[kind]}{hazard.number}.pdf"
    return pdf_response(pdf.content, name)
