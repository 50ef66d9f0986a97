"""Published fees: a page for everybody, one of a county, and the sheet for the gate."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.history.recording import Action, record_access
from accounts.models import Region
from fees.views import asked_day
from kindergartens.models import Kindergarten, KindergartenStatus
from reports.disclosure.views import KEPT_SECONDS
from reports.documents.answering import pdf_response
from reports.documents.heading import full_name
from reports.documents.pdf import PrintFailed, to_pdf
from reports.fee_sheets import paper, presenters, selectors

ROWS_PER_PAGE = 100
LONGEST_NAME = 40


@login_not_required
@require_GET
@cache_control(public=True, max_age=KEPT_SECONDS)
def public_fees(request: HttpRequest, code: str) -> HttpResponse:
    """Today's, the same page for everybody: rendered without the request, as public_staff is."""
    today = timezone.localdate()
    sheet = selectors.sheet(code, day=today, today=today)
    if sheet is None:
        raise Http404
    context = {
        "portal_name": settings.PORTAL_NAME,
        "sheet": sheet,
        "county": sheet.county,
        "type": presenters.type_words(sheet),
        "groups": presenters.groups(sheet),
        "coming": presenters.coming(sheet),
        "free_year": presenters.free_year(sheet),
    }
    return HttpResponse(render_to_string("reports/fee_sheets/public.html", context))


@login_not_required
@require_GET
@cache_control(public=True, max_age=KEPT_SECONDS)
def public_counties(request: HttpRequest) -> HttpResponse:
    """Where a parent begins: the counties whose kindergartens are here."""
    found = selectors.counties(today=timezone.localdate())
    counties = [(full_name(county), county) for county in found]
    context = {"portal_name": settings.PORTAL_NAME, "counties": counties}
    return HttpResponse(render_to_string("reports/fee_sheets/counties.html", context))


@login_not_required
@require_GET
@cache_control(public=True, max_age=KEPT_SECONDS)
def public_county(request: HttpRequest, code: str) -> HttpResponse:
    """A county's kindergartens (`?q=` part of a name, `?page=`), each leading to its fees."""
    county = get_object_or_404(Region.objects.active(), code=code, level=Region.Level.COUNTY)
    asked = request.GET.get("q", "").strip()[:LONGEST_NAME]
    rows = selectors.kindergartens_of(county, today=timezone.localdate(), asked=asked)
    context = {
        "portal_name": settings.PORTAL_NAME,
        "county": county,
        "asked": asked,
        "page": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "ownerships": dict(KindergartenStatus.Ownership.choices),
    }
    return HttpResponse(render_to_string("reports/fee_sheets/county.html", context))


@require_GET
@requires(Permission.READ_REGISTRY)
def fee_sheet(request: SignedInRequest, code: str) -> HttpResponse:
    """The sheet of a day (`?day=`, today without it) as PDF; printing is recorded.

    Not of a day to come: what will have been published by then nobody knows.
    """
    kindergarten = get_object_or_404(Kindergarten.objects.visible_to(request.user), code=code)
    now = timezone.now()
    today = timezone.localdate(now)
    day = asked_day(request.GET.get("day", ""), today)
    if day > today:
        said = f"{zhdate(day)}还没有到，没有打印。请改成今天或以前的一天。"
        return _not_printed(request, code, said)
    sheet = selectors.sheet(code, day=day, today=today)
    if sheet is None:
        return _not_printed(request, code, "这所幼儿园现在不在办或办学许可证已过期，不公示收费。")
    if not sheet.lines:
        said = f"{zhdate(day)}没有可以公示的收费标准，没有打印。请先登记标准和公示日期。"
        return _not_printed(request, code, said)
    address = request.build_absolute_uri(reverse("public-fees", args=[code]))
    try:
        pdf = to_pdf(paper.html(sheet, address=address, printed_at=now))
    except PrintFailed as refusal:
        return _not_printed(request, code, str(refusal))
    record_access(Action.PRINT, by=request.user, at=now, target=kindergarten, rows=len(sheet.lines))
    return pdf_response(pdf.content, f"{kindergarten.name}{paper.KIND}{day:%Y%m%d}.pdf")


def _not_printed(request: SignedInRequest, code: str, said: str) -> HttpResponse:
    messages.error(request, said)
    return redirect("kindergarten-fees", code=code)
