"""The free last year (学前一年免保教费) of a region: computed, claimed, approved, paid."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from fees.free_year.selectors import months_of_region
from fees.free_year.services.deciding import approve_as_filed
from fees.free_year.sums import sums
from fees.models import SubsidyClaim
from indicators.selectors import months_available
from reports.dashboards import asking
from reports.dashboards.presenters import LEVEL_WORDS
from reports.free_year import presenters
from reports.free_year.asking import asked, choices
from reports.free_year.resources import free_year_table

ROWS_PER_PAGE = 50


@require_GET
@requires(Permission.READ_PROGRESS)
def free_year(request: SignedInRequest, code: str | None = None) -> HttpResponse:
    """Every kindergarten of a month or of a school year, and the sums of the places below."""
    region = asking.region_in_scope(request, code)
    offered = choices(months_available(region))
    when = asked(request.GET.get("when", ""), offered)
    found = months_of_region(request.user, region, when.months if when else ())
    of_one_month = when is not None and not when.is_year
    rows = presenters.rows(found, of_one_month=of_one_month)
    tabs = presenters.tabs(rows) if of_one_month else []
    state = request.GET.get("state", "")
    if state and of_one_month:
        if state not in presenters.STATES:
            raise Http404
        rows = [row for row in rows if state in presenters.states_of(row)]
    level = Region.Level(min(region.level + 1, Region.Level.TOWN))
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    home = home_region(request.user)
    context = {
        "region": region,
        "when": when,
        "months": [one for one in offered if not one.is_year],
        "years": [one for one in offered if one.is_year],
        "ways_up": asking.ways_up(request, region),
        "total": sums(found),
        "kindergartens": len({one.kindergarten.pk for one in found}),
        "places": presenters.places(found, level) if region.level < Region.Level.TOWN else [],
        "level_word": LEVEL_WORDS[level][1],
        "shows_county": region.level < Region.Level.COUNTY,
        "tabs": tabs,
        "state": state if of_one_month else "",
        "page_obj": page,
        "may_approve": of_one_month
        and request.user.can(Permission.MANAGE_REGISTRY)
        and home is not None
        and home.level == Region.Level.COUNTY
        and any(row.line is not None and row.line.is_plain for row in page),
        "can_export": bool(found) and request.user.can(Permission.EXPORT_FIGURES),
        "reads_registry": request.user.can(Permission.READ_REGISTRY),
    }
    return render(request, "reports/free_year/free_year.html", context)


@require_POST
@requires(Permission.MANAGE_REGISTRY)
def free_year_approve(request: SignedInRequest, code: str) -> HttpResponse:
    """Approve the ticked claims as they were filed; who was left out is named with the reason."""
    region = asking.region_in_scope(request, code)
    seen = _ticked(request.POST.getlist("claim"))
    if not seen:
        messages.error(request, "还没有勾选申报，没有核定。")
    else:
        done, refused = approve_as_filed(seen=seen, by=request.user, now=timezone.now())
        if done:
            messages.success(request, f"已按申报核定{len(done)}所。")
        if refused:
            names = dict(
                SubsidyClaim.objects.visible_to(request.user)
                .filter(pk__in=[pk for pk, _ in refused])
                .values_list("pk", "kindergarten__name")
            )
            said = "；".join(f"{names.get(pk, '一笔申报')}：{why}" for pk, why in refused)
            messages.error(request, f"{len(refused)}所没有核定。{said}")
    back = reverse("free-year-region", args=[region.code])
    query = request.GET.urlencode()
    return redirect(f"{back}?{query}" if query else back)


def _ticked(texts: list[str]) -> dict[int, str]:
    """`claim` 12:stamp, as many as a page has."""
    found = {}
    for text in texts[:ROWS_PER_PAGE]:
        key, _, stamp = text.partition(":")
        if key.isascii() and key.isdecimal() and len(key) < 10:
            found[int(key)] = stamp
    return found


@require_GET
@requires(Permission.EXPORT_FIGURES)
def free_year_export(request: SignedInRequest, code: str, ending: str) -> FileResponse:
    if ending not in CONTENT_TYPES:
        raise Http404
    region = asking.region_in_scope(request, code)
    when = asked(request.GET.get("when", ""), choices(months_available(region)))
    found = months_of_region(request.user, region, when.months if when else ())
    table = free_year_table(found, place=region.name, when=when.word if when else "")
    return download(table, ending, by=request.user, at=timezone.now(), target=region)
