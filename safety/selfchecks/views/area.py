"""Self-checks of an area: done of due by field and frequency, and who is behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from kindergartens.models import Kindergarten
from safety.selfchecks import presenters, selectors
from safety.selfchecks.resources import selfchecks_table
from safety.selfchecks.selectors import Place
from safety.selfchecks.views.reading import month_asked, months_offered

ROWS_PER_PAGE = 50
TABS = (
    ("", "全部"),
    ("overdue", "有逾期"),
    ("flagged", "有补录"),
    ("problems", "有没改好的问题"),
)


def _shows(tab: str, place: Place) -> bool:
    if tab == "overdue":
        return bool(place.overdue)
    if tab == "flagged":
        return bool(place.late)
    return tab != "problems" or place.to_mend > 0


def _counties(home: Region) -> list[Region]:
    """What a city or province chooses from; a county or town looks at itself."""
    if home.level >= Region.Level.COUNTY:
        return []
    within = Region.objects.within(home).active().filter(level=Region.Level.COUNTY)
    return list(within.order_by("code"))


def _asked(
    request: SignedInRequest,
) -> tuple[Region, list[Region], dt.date, list[Place]]:
    home, today = home_region(request.user), timezone.localdate()
    if home is None:
        raise Http404
    counties, code = _counties(home), request.GET.get("region", "")
    region = counties[0] if counties else home
    if code:
        inside = Region.objects.within(home).active().filter(level__gte=Region.Level.COUNTY)
        region = get_object_or_404(inside, code=code)
    month = month_asked(request, today)
    return region, counties, month, selectors.places(request.user, region, month, today)


@require_GET
@requires(Permission.READ_SAFETY)
def overview(request: SignedInRequest) -> HttpResponse:
    """A month of an area (`?month=`, `?region=`); whoever works in a kindergarten goes to its own."""
    acting = request.user.acting
    if acting is not None and acting.is_of_kindergarten:
        own = Kindergarten.objects.visible_to(request.user).get()
        return redirect("kindergarten-self-checks", code=own.code)
    region, counties, month, found = _asked(request)
    tab = request.GET.get("show", "")
    if tab not in dict(TABS):
        raise Http404
    shown = [one for one in found if _shows(tab, one)]
    page = Paginator(shown, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    here = f"month={month:%Y-%m}&region={region.code}"
    context: dict[str, Any] = {
        "region": region,
        "counties": counties,
        "month": month,
        "months": months_offered(timezone.localdate()),
        "fields": presenters.by_field(found),
        "towns": presenters.by_town(found) if region.level <= Region.Level.COUNTY else [],
        "total": selectors.total(one.total for one in found),
        "behind": sum(bool(one.overdue) for one in found),
        "places": len(found),
        "tabs": [
            {
                "label": label,
                "url": f"?{here}&show={code}",
                "count": sum(_shows(code, one) for one in found),
                "active": code == tab,
            }
            for code, label in TABS
        ],
        "tab": tab,
        "here": here,
        "page_obj": page,
        "rows": [presenters.place_line(one) for one in page],
        "shown": len(shown),
        "can_export": bool(shown) and request.user.can(Permission.EXPORT_FIGURES),
    }
    return render(request, "safety/selfchecks/overview.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def export(request: SignedInRequest, ending: str) -> FileResponse:
    if ending not in CONTENT_TYPES:
        raise Http404
    region, _, month, found = _asked(request)
    tab = request.GET.get("show", "")
    if tab not in dict(TABS):
        raise Http404
    table = selfchecks_table(
        [one for one in found if _shows(tab, one)], place=region.name, month=month
    )
    return download(table, ending, by=request.user, at=timezone.now(), target=region)
