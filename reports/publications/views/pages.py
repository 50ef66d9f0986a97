"""What was published: the list, one with its figures, its bytes and its paper, and checking one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.history.recording import Action, record_access
from accounts.history.sentences import Subject, history_page
from indicators.models import Publication, PublicationDraft
from indicators.publications.content import FiguresBehind, collect
from indicators.publications.rules import changed_sections, differences
from indicators.publications.selectors import revisions, verified
from indicators.publications.services import PUBLISHING_LEVEL
from reports.dashboards.asking import must_read_returns
from reports.documents.answering import pdf_response
from reports.documents.pdf import PrintFailed, to_pdf
from reports.publications import paper, presenters

TITLE = "数据公布"
ROWS_PER_PAGE = 30
LONGEST_NUMBER, LONGEST_DIGEST = 40, 64


def publication_of(request: SignedInRequest, number: str) -> Publication:
    rows = Publication.objects.visible_to(request.user).select_related(
        "region__province", "region__city", "corrects", "corrected_by",
        "published_as__user", "published_as__organisation", "prepared_as__user",
    )  # fmt: skip
    rows = rows.defer("corrects__content", "corrected_by__content")
    return get_object_or_404(rows, number=number)


def draft_of(request: SignedInRequest, draft_id: int) -> PublicationDraft:
    rows = PublicationDraft.objects.visible_to(request.user).select_related(
        "region", "corrects", "prepared_as__user", "prepared_as__organisation"
    )
    rows = rows.defer("content", "corrects__content")  # read by the page that shows them
    return get_object_or_404(rows, pk=draft_id)


@require_GET
@requires(Permission.READ_FIGURES)
def publications(request: SignedInRequest) -> HttpResponse:
    """Of the person's area, the newest first; and what waits to be published at home."""
    home = home_region(request.user)
    found = (
        Publication.objects.visible_to(request.user)
        .defer("content", "corrects__content", "corrected_by__content")
        .select_related("region", "corrects", "corrected_by", "published_as__organisation")
    )
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    waiting = PublicationDraft.objects.visible_to(request.user).waiting()
    waiting = waiting.defer("content", "corrects__content")
    context = {
        "region": home,
        "page_obj": page,
        "rows": [
            (one, presenters.period_text(one.kind, one.month, one.school_year)) for one in page
        ],
        "waiting": waiting.select_related("region", "corrects", "prepared_as__user"),
        "may_prepare": request.user.can(Permission.PREPARE_PUBLICATIONS)
        and home is not None
        and home.level == PUBLISHING_LEVEL,
    }
    return render(request, "reports/publications/list.html", context)


def body_context(request: SignedInRequest, body: dict[str, Any]) -> dict[str, Any]:
    """What a body says, for the page of a draft and of a publication."""
    return {
        "body": body,
        "coverage": presenters.coverage_text(body),
        "computed_at": presenters.moment_of(body["computed_at"]),
        "reference_date": presenters.day_of(body["reference_date"]),
        "population_date": presenters.day_of(body["population"]["date"]),
        "figures": presenters.own_lines(body),
        "heads": presenters.rate_heads(body),
        "places": presenters.place_lines(body),
        # Single kindergartens are for those who may read their returns.
        "missing": presenters.missing_lines(body)
        if request.user.can(Permission.READ_RETURNS)
        else [],
        "missing_count": len(body["missing"]),
    }


def compared_with_now(
    request: SignedInRequest, found: Publication | PublicationDraft
) -> dict[str, Any]:
    """`?compare=now`: what differs from the figures of now, which are then read and added anew."""
    if request.GET.get("compare") != "now":
        return {}
    try:
        now = collect(found.region, found.month)
    except FiguresBehind:
        return {"compares": True, "recomputing": True}
    differing = differences(found.body, now)
    return {
        "compares": True,
        "changed": changed_sections(found.body, now),
        "differences": presenters.difference_lines(found.body, differing),
        "difference_count": len(differing),
    }


def how_it_ended(request: SignedInRequest, found: PublicationDraft) -> dict[str, Any]:
    """Who took it back or published it, when and why, and where it went on."""
    drafts = PublicationDraft.objects.visible_to(request.user).waiting()
    of_same = drafts.filter(region=found.region, kind=found.kind, month=found.month)
    return {
        "ended": history_page([Subject(PublicationDraft, [found.pk], "拟稿")], None)[0],
        "newer": of_same.first(),
        "published": Publication.objects.visible_to(request.user).filter(draft=found).first(),
    }


@require_GET
@requires(Permission.READ_FIGURES)
def draft(request: SignedInRequest, draft_id: int) -> HttpResponse:
    """What would be published and what it corrects; asked for, whether the figures are still those."""
    found = draft_of(request, draft_id)
    waits = found.state == PublicationDraft.State.WAITING
    context = body_context(request, found.body)
    if waits:
        context |= compared_with_now(request, found)
    if found.corrects is not None:
        changes = differences(found.corrects.body, found.body)
        context |= presenters.correction(found.corrects.body, found.body, changes)
    if not waits:
        context |= how_it_ended(request, found)
    context |= {
        "draft": found,
        "waits": waits,
        "period": presenters.period_text(found.kind, found.month, found.body["school_year"]),
        "may_publish": waits and request.user.can(Permission.PUBLISH_FIGURES),
        "may_withdraw": waits,
    }
    return render(request, "reports/publications/draft.html", context)


@require_GET
@requires(Permission.READ_FIGURES)
def publication(request: SignedInRequest, number: str) -> HttpResponse:
    found = publication_of(request, number)
    context = body_context(request, found.body) | compared_with_now(request, found)
    reads_returns = request.user.can(Permission.READ_RETURNS)
    if found.corrects is not None:
        changes = [presenters.Difference(**one) for one in found.body["changes"]]
        context |= presenters.correction(found.corrects.body, found.body, changes)
    context |= {
        "publication": found,
        "month": found.month,
        "period": presenters.period_text(found.kind, found.month, found.school_year),
        "revisions": revisions(found),
        "verify_url": _verify_path(found),
        "may_correct": request.user.can(Permission.PREPARE_PUBLICATIONS)
        and found.region == home_region(request.user),
        "correct_query": urlencode({"kind": found.kind, "month": f"{found.month:%Y-%m}"}),
        "may_print": request.user.can(Permission.PRINT_REPORTS) and reads_returns,
        "may_export": request.user.can(Permission.EXPORT_FIGURES) and reads_returns,
    }
    return render(request, "reports/publications/publication.html", context)


def _verify_path(found: Publication) -> str:
    asked = urlencode({"number": found.number, "digest": found.digest})
    return f"{reverse('public-publications')}?{asked}"


@require_GET
@requires(Permission.EXPORT_FIGURES)
def data(request: SignedInRequest, number: str) -> HttpResponse:
    """The very bytes that were published, which name who was missing; taking them is recorded."""
    must_read_returns(request)
    found = publication_of(request, number)
    record_access(Action.DOWNLOAD, by=request.user, at=timezone.now(), target=found.region)
    response = HttpResponse(bytes(found.content), content_type="application/json")
    response["Content-Disposition"] = (
        content_disposition_header(True, f"{found.number}.json") or "attachment"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@requires(Permission.PRINT_REPORTS)
def paper_pdf(request: SignedInRequest, number: str) -> HttpResponse:
    """The same figures and names whenever it is printed; printing is recorded."""
    must_read_returns(request)
    found, now = publication_of(request, number), timezone.now()
    address = request.build_absolute_uri(_verify_path(found))
    try:
        pdf = to_pdf(paper.html(bytes(found.content), address=address, printed_at=now))
    except PrintFailed as refusal:
        messages.error(request, str(refusal))
        return redirect("publication", number=number)
    record_access(Action.PRINT, by=request.user, at=now, target=found.region)
    return pdf_response(pdf.content, f"{found.number}.pdf")


@login_not_required
@require_GET
@never_cache
def public_verify(request: HttpRequest) -> HttpResponse:
    """Whether a number and a digest belong together. Rendered without the request, for everybody.

    A number alone, or a wrong digest, tells nothing: whoever asks holds the paper or the file.
    """
    number = request.GET.get("number", "").strip()[:LONGEST_NUMBER]
    digest = request.GET.get("digest", "").strip().lower()[:LONGEST_DIGEST]
    found = verified(number, digest) if number and digest else None
    context = {
        "portal_name": settings.PORTAL_NAME,
        "number": number,
        "digest": digest,
        "asked": bool(number or digest),
        "found": found,
        "period": found and presenters.period_text(found.kind, found.month, found.school_year),
    }
    return HttpResponse(render_to_string("reports/publications/verify.html", context))
