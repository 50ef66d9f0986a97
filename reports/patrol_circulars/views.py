"""An issued circular as PDF."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.history.recording import Action, record_access
from reports.documents.answering import pdf_response
from reports.documents.pdf import PrintFailed, to_pdf
from reports.patrol_circulars import paper
from safety.models import PatrolCircular


@require_GET
@requires(Permission.READ_SAFETY)
def circular_pdf(request: SignedInRequest, circular_id: int) -> HttpResponse:
    """The same figures whenever it is printed; printing is recorded."""
    rows = PatrolCircular.objects.visible_to(request.user).select_related(
        "county__province", "county__city", "issued_as__organisation", "corrects", "corrected_by"
    )
    circular, now = get_object_or_404(rows, pk=circular_id), timezone.now()
    origin = request.build_absolute_uri("/").rstrip("/")
    try:
        pdf = to_pdf(paper.html(circular, origin=origin, printed_at=now))
    except PrintFailed as refusal:
        messages.error(request, str(refusal))
        return redirect("patrol-circular", circular_id=circular.pk)
    record_access(Action.PRINT, by=request.user, at=now, target=circular.county)
    return pdf_response(pdf.content, f"{paper.title(circular)}{circular}.pdf")
