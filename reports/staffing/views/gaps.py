"""Missing staff of a region, its towns and kindergartens, down to classes and the return."""

from __future__ import annotations

import datetime as dt

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from indicators.selectors import figures, filing_progress, months_available
from indicators.selectors.judging import reference_date
from kindergartens.models import ClassCount, Kindergarten
from reports.dashboards import asking
from reports.dashboards.explaining import foot_text
from reports.dashboards.presenters import LEVEL_WORDS
from reports.dashboards.selectors import kindergarten_codes, readable_filings
from reports.staffing import presenters, ratios, resources, selectors, words
from staffing.standards.rules import ASKED

ROWS_PER_PAGE = 50


@require_GET
@requires(Permission.READ_FIGURES)
def gaps(request: SignedInRequest, code: str | None = None) -> HttpResponse:
    """People required, present and short by post; then the regions below, or the kindergartens."""
    region = asking.region_in_scope(request, code)
    months = months_available(region)
    month = asking.month_asked(request, months)
    whole, below = selectors.area(region, month)
    is_town = region.level == Region.Level.TOWN
    reads_returns = request.user.can(Permission.READ_RETURNS)
    home = home_region(request.user)
    level = Region.Level(min(region.level + 1, Region.Level.TOWN))
    progress = filing_progress(region, month)
    teachers = selectors.county_teachers(whole, reference_date(region, month) or month)
    complete = progress.accepted >= progress.expected
    context = {
        "region": region,
        "month": month,
        "months": months,
        "ways_up": asking.ways_up(request, region),
        "area": whole,
        "progress": progress,
        "lines": presenters.post_lines(whole),
        "county_teachers": teachers,
        "county_verdict": presenters.county_verdict(teachers, complete=complete)
        if teachers
        else None,
        "is_town": is_town,
        "rows": presenters.area_rows(below),
        "level_word": LEVEL_WORDS[level][1],
        "posts": [words.SHORT_POSTS[post] for post in ASKED],
        "can_read_returns": reads_returns,
        "can_plan": request.user.can(Permission.MANAGE_REGISTRY)
        and home is not None
        and home.level == Region.Level.COUNTY,
        "can_export": reads_returns and request.user.can(Permission.EXPORT_FIGURES),
    }
    if is_town and reads_returns:
        ordered = presenters.worst_first(selectors.gardens(region, month))
        page = Paginator(ordered, ROWS_PER_PAGE).get_page(request.GET.get("page"))
        context |= {"page_obj": page, "gardens": _garden_rows(request, list(page))}
    return render(request, "reports/staffing/gaps.html", context)


def _garden_rows(
    request: SignedInRequest, gardens: list[selectors.Garden]
) -> list[presenters.GardenRow]:
    codes = kindergarten_codes(request.user, [one.facts.kindergarten_id for one in gardens])
    filings = [one.facts.filing_version.filing_id for one in gardens]
    readable = readable_filings(request.user, filings)
    return [
        presenters.garden_row(
            one,
            codes.get(one.facts.kindergarten_id),
            readable=one.facts.filing_version.filing_id in readable,
        )
        for one in gardens
    ]


@require_GET
@requires(Permission.EXPORT_FIGURES)
def gaps_export(request: SignedInRequest, code: str, ending: str) -> FileResponse:
    """Every counted kindergarten of the region, a row each."""
    asking.must_read_returns(request)
    if ending not in CONTENT_TYPES:
        raise Http404
    region = asking.region_in_scope(request, code)
    month = asking.month_asked(request, months_available(region))
    now = timezone.now()
    [figure] = figures(region, month, ["children_per_staff"])
    table = resources.gaps_table(
        selectors.gardens_one_by_one(region, month),
        place=region.name,
        month=month,
        foot=foot_text(figure, now),
    )
    return download(table, ending, by=request.user, at=now, target=region)


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_gaps(request: SignedInRequest, code: str) -> HttpResponse:
    """One kindergarten: each post with its standard and counts, its classes, the return."""
    kindergarten = get_object_or_404(Kindergarten.objects.visible_to(request.user), code=code)
    month: dt.date | None = None
    if request.GET.get("month"):
        month = asking.month_asked(request, [])
    garden = selectors.garden_of(request.user, kindergarten, month)
    rooms: list[ClassCount] = []
    readable = False
    roster: selectors.Rostered | None = None
    if garden is not None:
        version = garden.facts.filing_version
        rooms = list(ClassCount.objects.visible_to(request.user).filter(filing_version=version))
        readable = version.filing_id in readable_filings(request.user, [version.filing_id])
        if request.user.can(Permission.READ_STAFF):
            day = version.filing.period.reference_date
            roster = selectors.on_roster(request.user, kindergarten, day)
    context = {
        "kindergarten": kindergarten,
        "garden": garden,
        "month": month,
        "lines": presenters.need_lines(garden, roster) if garden else [],
        "reads_roster": roster is not None,
        "verdict": garden.verdict if garden else "",
        "rooms": presenters.class_lines(rooms, roster),
        "readable": readable,
        "reads_figures": request.user.can(Permission.READ_FIGURES),
    }
    return render(request, "reports/staffing/kindergarten.html", context)


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_ratios(request: SignedInRequest, code: str) -> HttpResponse:
    """Class sizes and staff of the newest counted return, for the kindergarten's page."""
    kindergarten = get_object_or_404(Kindergarten.objects.visible_to(request.user), code=code)
    garden = selectors.garden_of(request.user, kindergarten, None)
    context = {
        "kindergarten": kindergarten,
        "facts": garden.facts if garden else None,
        "rows": ratios.ratio_lines(garden) if garden else [],
        "demands": ratios.target_lines(garden.facts) if garden else [],
    }
    template = "_ratios.html" if request.htmx else "ratios.html"
    return render(request, f"reports/staffing/{template}", context)
