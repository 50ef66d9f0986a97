"""Public money, aid and audits of a region's kindergartens by year (经费和补助)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from fees.funding.selectors import Entry, entries, of_year, within
from fees.funding.views.of_one import year_asked, years_shown
from fees.models import FundingStandard
from kindergartens.models import Kindergarten
from reports.dashboards import asking
from reports.dashboards.presenters import LEVEL_WORDS
from reports.funding import presenters
from reports.funding.filtering import AUDIT_CHOICES, MONEY_CHOICES, asked
from reports.funding.lines import line
from reports.funding.resources import funding_table

ROWS_PER_PAGE = 50


def _entries(request: SignedInRequest, region: Region, year: int) -> list[Entry]:
    of = Kindergarten.objects.visible_to(request.user).filter(within(region), of_year(year))
    return entries(of, year, timezone.localdate())


@require_GET
@requires(Permission.READ_PROGRESS)
def funding(request: SignedInRequest, code: str | None = None) -> HttpResponse:
    """Sums, sums of the places below, and each kindergarten that ran in the year or was paid for it."""
    region, today = asking.region_in_scope(request, code), timezone.localdate()
    year, chosen = year_asked(request, today), asked(request.GET)
    found = _entries(request, region, year)
    shown = [one for one in found if chosen.takes(one)]
    level = Region.Level(min(region.level + 1, Region.Level.TOWN))
    page = Paginator(shown, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": region,
        "year": year,
        "years": years_shown(today),
        "is_over": year < today.year,
        "ways_up": asking.ways_up(request, region),
        "sums": presenters.sums(found),
        "by_scope": presenters.by_scope(found),
        "places": presenters.places(found, level) if region.level < Region.Level.TOWN else [],
        "level_word": LEVEL_WORDS[level][1],
        "shows_county": region.level < Region.Level.COUNTY,
        "chosen": chosen,
        "scope_choices": FundingStandard.Scope.choices,
        "money_choices": MONEY_CHOICES,
        "audit_choices": AUDIT_CHOICES,
        "page_obj": page,
        "lines": [line(one) for one in page],
        "may_pay": request.user.can(Permission.MANAGE_REGISTRY),
        "can_export": bool(shown) and request.user.can(Permission.EXPORT_FIGURES),
    }
    return render(request, "reports/funding/funding.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def funding_export(request: SignedInRequest, code: str, ending: str) -> FileResponse:
    """The rows of the page, as it is filtered."""
    if ending not in CONTENT_TYPES:
        raise Http404
    region, now = asking.region_in_scope(request, code), timezone.now()
    year, chosen = year_asked(request, timezone.localdate(now)), asked(request.GET)
    shown = [one for one in _entries(request, region, year) if chosen.takes(one)]
    table = funding_table((line(one) for one in shown), place=region.name, year=year)
    return download(table, ending, by=request.user, at=now, target=region)
