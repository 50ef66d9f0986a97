"""An issued circular of a campaign as PDF."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.history.recording import Action, record_access
from inspections.models import CampaignCircular
from reports.campaign_circulars import paper
from reports.documents.answering import pdf_response
from reports.documents.pdf import PrintFailed, to_pdf


@require_GET
@requires(Permission.READ_CAMPAIGNS)
def circular_pdf(request: SignedInRequest, circular_id: int) -> HttpResponse:
    """The same figures whenever it is printed; printing is recorded."""
    rows = CampaignCircular.objects.visible_to(request.user).select_related(
        "county__province", "county__city", "issued_as__organisation", "corrects", "corrected_by"
    )
    circular, now = get_object_or_404(rows, pk=circular_id), timezone.now()
    try:
        pdf = to_pdf(paper.html(circular, printed_at=now))
    except PrintFailed as refusal:
        messages.error(request, str(refusal))
        return redirect("campaign", campaign_id=circular.campaign_id)
    record_access(Action.PRINT, by=request.user, at=now, target=circular.county)
    return pdf_response(pdf.content, f"{paper.title(circular)}{circular}.pdf")
