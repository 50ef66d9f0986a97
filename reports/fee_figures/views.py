"""收费情况: how far fees are published in a region, and what care and education costs there."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from fees.views import asked_day
from reports.dashboards import asking
from reports.dashboards.presenters import LEVEL_WORDS
from reports.fee_figures.resources import OWNERSHIPS, figures_table
from reports.fee_figures.selectors import overview


@require_GET
@requires(Permission.READ_PROGRESS)
def fee_figures(request: SignedInRequest, code: str | None = None) -> HttpResponse:
    """As on a day (`?day=`, today without it), whole and by place."""
    region = asking.region_in_scope(request, code)
    today = timezone.localdate()
    day = asked_day(request.GET.get("day", ""), today)
    level = Region.Level(min(region.level + 1, Region.Level.TOWN))
    context = {
        "region": region,
        "ways_up": asking.ways_up(request, region),
        "day": day,
        "today": today,
        "found": overview(request.user, region, day),
        "ownerships": OWNERSHIPS,
        "level_word": LEVEL_WORDS[level][1],
        "opens_places": level < Region.Level.TOWN,
        "can_export": request.user.can(Permission.EXPORT_FIGURES),
    }
    return render(request, "reports/fee_figures/figures.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def fee_figures_export(request: SignedInRequest, code: str, ending: str) -> FileResponse:
    if ending not in CONTENT_TYPES:
        raise Http404
    region = asking.region_in_scope(request, code)
    now = timezone.now()
    day = asked_day(request.GET.get("day", ""), timezone.localdate(now))
    table = figures_table(overview(request.user, region, day), place=region.name, day=day)
    return download(table, ending, by=request.user, at=now, target=region)
