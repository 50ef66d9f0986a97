"""The risk picture (安全风险): a list in order, one explained, by town and field, whom to visit first."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from kindergartens.models import Kindergarten
from reports.safety_risk import selectors
from reports.safety_risk.resources import visits_table
from reports.safety_risk.rules import GROUPS, fields, weighting_on
from safety.patrols.selectors import towns_watched

ROWS_PER_PAGE = 50
TITLE = "安全风险"
# How many kindergartens a suggestion of visits may hold.
SUGGESTED = (10, 20, 50)


def _region(request: SignedInRequest) -> Region:
    """Of those who supervise: a kindergarten sees each of its matters on their own pages."""
    home, acting = home_region(request.user), request.user.acting
    if home is None or acting is None or acting.is_of_kindergarten:
        raise PermissionDenied("您现在的岗位没有这项权限。")
    return home


def _town(request: SignedInRequest) -> str:
    code = request.GET.get("town", "")
    return code if code.isascii() and code.isalnum() else ""


@require_GET
@requires(Permission.READ_SAFETY)
def risk(request: SignedInRequest) -> HttpResponse:
    """`?town=` of one town, `?sort=` by a column; without it those with most points first."""
    region, today, town = _region(request), timezone.localdate(), _town(request)
    places = selectors.picture(request.user, today, town=town)
    ordered = selectors.in_order(places, request.GET.get("sort", ""))
    page = Paginator(ordered, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    towns = towns_watched(request.user, today)
    context = {
        "region": region,
        "tabs": _tabs("safety-risk"),
        "today": today,
        "page_obj": page,
        "rows": page.object_list,
        "groups": GROUPS.items(),
        "with_points": sum(one.points > 0 for one in places),
        "all": len(places),
        "towns": towns if len(towns) > 1 else [],
        "town": town,
        "shows_county": region.level < Region.Level.COUNTY,
        "weighting": weighting_on(today),
        "suggested": SUGGESTED,
        "can_export": request.user.can(Permission.EXPORT_FIGURES),
    }
    return render(request, "reports/safety_risk/risk.html", context)


@require_GET
@requires(Permission.READ_SAFETY)
def of_kindergarten(request: SignedInRequest, code: str) -> HttpResponse:
    """Each factor with the rows behind its points."""
    _region(request)
    today = timezone.localdate()
    visible = Kindergarten.objects.visible_to(request.user)
    kindergarten = get_object_or_404(visible, code=code)
    found = selectors.picture(request.user, today, kindergarten=kindergarten)
    context = {
        "kindergarten": kindergarten,
        "today": today,
        "place": found[0] if found else None,
        "fields": fields(),
        "weighting": weighting_on(today),
        "crumbs": [
            {"label": TITLE, "url": reverse("safety-risk")},
            {"label": kindergarten.name},
        ],
    }
    return render(request, "reports/safety_risk/kindergarten.html", context)


@require_GET
@requires(Permission.READ_SAFETY)
def heat(request: SignedInRequest) -> HttpResponse:
    """Open matters by town and field; above the county by county."""
    region, today = _region(request), timezone.localdate()
    by_county = region.level < Region.Level.COUNTY
    rows = selectors.heat_rows(selectors.picture(request.user, today), by_county=by_county)
    sums = [sum(row.cells[place][1] for row in rows) for place in range(len(fields()))]
    context = {
        "region": region,
        "tabs": _tabs("safety-risk-heat"),
        "today": today,
        "by_county": by_county,
        "rows": rows,
        "fields": fields().items(),
        "sums": sums,
        "total": sum(sums),
        "kindergartens": sum(row.kindergartens for row in rows),
    }
    return render(request, "reports/safety_risk/heat.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def visits(request: SignedInRequest, ending: str) -> FileResponse:
    """The `?n=` kindergartens with most points, of `?town=` where one is given."""
    if ending not in CONTENT_TYPES:
        raise Http404
    region, today = _region(request), timezone.localdate()
    asked = request.GET.get("n", "")
    number = int(asked) if asked in {str(one) for one in SUGGESTED} else SUGGESTED[0]
    places = selectors.picture(request.user, today, town=_town(request))
    chosen = [one for one in places if one.points][:number]
    table = visits_table(chosen, place=region.name, today=today, source=weighting_on(today).source)
    return download(table, ending, by=request.user, at=timezone.now(), target=region)


def _tabs(active: str) -> list[dict[str, object]]:
    pages = (("各园", "safety-risk"), ("按地区和领域", "safety-risk-heat"))
    return [
        {"label": label, "url": reverse(route), "count": None, "active": route == active}
        for label, route in pages
    ]
