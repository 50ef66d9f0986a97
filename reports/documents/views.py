"""The page of printed documents: ask for one, watch it being made, download it."""

from __future__ import annotations

import contextlib
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.history.recording import Action, record_access
from accounts.models import Job
from reports.documents.answering import pdf_response
from reports.documents.forms import PrintForm
from reports.documents.heading import short_name
from reports.documents.models import PrintedDocument
from reports.documents.services import JOB_KIND, NotPrintable, request_document

DOCUMENTS_PER_PAGE = 20
RUNNING_SHOWN = 5


@require_GET
@requires(Permission.PRINT_REPORTS)
def documents(request: SignedInRequest) -> HttpResponse:
    """`?region=&month=&kind=` preset the form; `?job=` shows that job whether or not it is over."""
    initial = {
        name: request.GET[name] for name in ("kind", "region", "month") if name in request.GET
    }
    return _page(request, PrintForm(by=request.user, initial=initial))


@require_POST
@requires(Permission.PRINT_REPORTS)
def print_requested(request: SignedInRequest) -> HttpResponse:
    """Queue one document; from this page or from a button elsewhere."""
    form = PrintForm(request.POST, by=request.user)
    if not form.is_valid():
        return _page(request, form, status=422)
    origin = request.build_absolute_uri("/").rstrip("/")
    try:
        job = request_document(paper=form.paper(origin=origin), by=request.user, now=timezone.now())
    except NotPrintable as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, status=422)
    # The form keeps what was chosen: the other document of the same month is often wanted next.
    chosen = {name: form.data[name] for name in form.fields}
    return redirect(f"{reverse('documents')}?{urlencode({'job': job.pk} | chosen)}")


@require_GET
@requires(Permission.PRINT_REPORTS)
def download(request: SignedInRequest, document_id: UUID) -> HttpResponse:
    visible = PrintedDocument.objects.visible_to(request.user).select_related("region__province")
    document = get_object_or_404(visible, pk=document_id)
    record_access(Action.DOWNLOAD, by=request.user, at=timezone.now(), target=document)
    kind = document.get_kind_display()
    name = f"{short_name(document.region)}{document.month:%Y%m}{kind}.pdf"
    return pdf_response(bytes(document.content), name)


def _page(request: SignedInRequest, form: PrintForm, status: int = 200) -> HttpResponse:
    printed = (
        PrintedDocument.objects.visible_to(request.user)
        .defer("content", "figures")
        .select_related("region", "printed_as__user", "printed_as__organisation")
    )
    page = Paginator(printed, DOCUMENTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "reports/documents/documents.html",
        {"form": form, "jobs": _jobs(request), "page_obj": page, "documents": page.object_list},
        status=status,
    )


def _jobs(request: SignedInRequest) -> list[Job]:
    """One's own prints that are not over, and the one just asked for."""
    wanted = Q(state__in=[Job.State.QUEUED, Job.State.RUNNING])
    with contextlib.suppress(ValueError):
        wanted |= Q(pk=UUID(request.GET.get("job", "")))
    visible = Job.objects.visible_to(request.user)
    own = visible.filter(wanted, kind=JOB_KIND, requested_as=request.user.acting)
    return list(own[:RUNNING_SHOWN])
