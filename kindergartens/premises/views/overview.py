"""Buildings and equipment of an area against the standards, on pages and as files."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
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
from kindergartens.groups.filtering import GroupFilter, group_filter
from kindergartens.models import Kindergarten
from kindergartens.premises import presenters, resources, selectors, words
from kindergartens.premises.figures import Overview, PremisesOf

ROWS_PER_PAGE = 50
VIEWS = ("areas", "equipment", "waiting")


def region_asked(request: SignedInRequest) -> Region:
    """The region asked for, within the person's own; 404 outside it."""
    home = home_region(request.user)
    if home is None:
        raise PermissionDenied("您现在的岗位没有这项权限。")
    code = request.GET.get("region", "")
    if not code:
        return home
    counties = Region.objects.within(home).active().filter(level__gte=Region.Level.COUNTY)
    return get_object_or_404(counties.select_related("county"), code=code)


@require_GET
@requires(Permission.READ_REGISTRY)
def premises(request: SignedInRequest) -> HttpResponse:
    """An area's kindergartens against the standards; a director is taken to the own one."""
    own = _own_kindergarten(request)
    if own is not None:
        return redirect("kindergarten-premises", code=own.code)
    day = timezone.localdate()
    region = region_asked(request)
    view = request.GET.get("view", "areas")
    view = view if view in VIEWS else "areas"
    groups = group_filter(request.GET, request.user, day)
    where = _where(groups)
    waiting = selectors.waiting_counts(request.user).filter(
        groups.of_kindergartens("site__kindergarten")
    )
    context: dict[str, Any] = {
        "region": region,
        "home": home_region(request.user),
        "day": day,
        "view": view,
        "can_export": request.user.can(Permission.EXPORT_REGISTRY),
        "can_keep": request.user.can(Permission.MANAGE_REGISTRY),
        "fire_states": words.FIRE_STATES,
        "reads_backlog": request.user.can(Permission.READ_PROGRESS),
        "groups": groups,
        "tabs": _tabs(request, view, waiting.count(), groups),
        "asked_region": request.GET.get("region", ""),
    }
    if view == "waiting":
        page = Paginator(waiting, ROWS_PER_PAGE).get_page(request.GET.get("page"))
        return render(request, "kindergartens/premises/waiting.html", {**context, "page_obj": page})
    if region.level < Region.Level.COUNTY:
        context["counties"] = [
            _county_row(county, shown)
            for county, shown in selectors.overviews(request.user, region, day, where)
        ]
        return render(request, "kindergartens/premises/counties.html", context)
    shown = selectors.overview(request.user, region, day, where)
    context["shown"] = shown
    if view == "equipment":
        context |= _equipment_context(request, shown)
        return render(request, "kindergartens/premises/equipment.html", context)
    rows = presenters.worst_first(shown.rows)
    if request.GET.get("show") == "short":
        rows = [row for row in rows if row.short_of]
    context["only_short"] = request.GET.get("show") == "short"
    context["page_obj"] = Paginator([_area_row(row) for row in rows], ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "kindergartens/premises/areas.html", context)


def _own_kindergarten(request: SignedInRequest) -> Kindergarten | None:
    visible = Kindergarten.objects.visible_to(request.user)
    return visible.filter(organisation=request.user.acting.organisation).first()  # type: ignore[union-attr]


def _where(groups: GroupFilter) -> Q:
    return groups.rows(kindergarten="pk", town="current__town")


def _tabs(
    request: SignedInRequest, view: str, waiting: int, groups: GroupFilter
) -> list[dict[str, Any]]:
    kept = request.GET.get("region", "")
    region = f"&region={kept}" if kept.isdecimal() else ""
    if groups.chosen:
        region += f"&{groups.address}"
    return [
        {
            "label": label,
            "url": f"{request.path}?view={name}{region}",
            "active": view == name,
            "count": waiting if name == "waiting" else None,
        }
        for name, label in (("areas", "达标情况"), ("equipment", "设备清单"), ("waiting", "待核对"))
    ]


def _county_row(county: Region, shown: Overview) -> dict[str, Any]:
    return {
        "county": county,
        "kindergartens": len(shown.rows),
        "short": sum(1 for row in shown.rows if row.short_of),
        "unknown": sum(1 for row in shown.rows if row.unknown),
        "measures": {str(one.standard.measure): one.every for one in shown.measures},
        "fire_open": sum(shown.fire[state] for state in ("failed", "not_applied", "rectifying")),
        "cost": shown.cost,
    }


def _area_row(row: PremisesOf) -> dict[str, Any]:
    return {
        "row": row,
        "lines": {str(line.measure): line for line in row.areas},
        "fire": words.FIRE_STATES[row.fire],
        "why": presenters.why_unknown(row),
    }


def _equipment_context(request: SignedInRequest, shown: Overview) -> dict[str, Any]:
    """The list of items, and, for one of them (`?item=`), the kindergartens that lack it."""
    chosen = next(
        (item for item, _ in shown.equipment if item.code == request.GET.get("item")), None
    )
    lacking: list[dict[str, Any]] = []
    if chosen is not None:
        lacking = [
            {"row": row, "line": line, "state": words.enough_state(line.supply)}
            for row in shown.rows
            for line in row.equipment
            if line.item.code == chosen.code and line.supply.gap != 0
        ]
        lacking.sort(key=lambda one: -(one["line"].supply.gap or 0))
    page = Paginator(lacking, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return {"chosen": chosen, "page_obj": page}


@require_GET
@requires(Permission.EXPORT_REGISTRY)
def premises_export(request: SignedInRequest, what: str, ending: str) -> FileResponse:
    """`what` is areas, equipment (a row a kindergarten and item) or totals.

    `?show=short` leaves the kindergartens that fall short, as on the page of areas.
    """
    if ending not in CONTENT_TYPES:
        raise Http404
    now = timezone.now()
    day, region = timezone.localdate(now), region_asked(request)
    groups = group_filter(request.GET, request.user, day)
    where, place = _where(groups), groups.place(region.name)
    if what == "totals":
        if region.level < Region.Level.COUNTY:
            raise Http404
        shown = selectors.overview(request.user, region, day, where)
        table = resources.totals_table(shown, place=place, day=day)
    elif what == "areas":
        only_short = request.GET.get("show") == "short"
        rows = selectors.premises_one_by_one(request.user, region, day, where)
        shown_rows = (row for row in rows if row.short_of or not only_short)
        table = resources.areas_table(shown_rows, place=place, day=day, only_short=only_short)
    elif what == "equipment":
        rows = selectors.premises_one_by_one(request.user, region, day, where)
        table = resources.equipment_table(rows, place=place, day=day)
    else:
        raise Http404
    return download(table, ending, by=request.user, at=now, target=region)
