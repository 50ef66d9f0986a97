"""四个100% of a region: rates, always with the list of those missing; what ends soon; guards."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from kindergartens.models import Kindergarten
from reports.dashboards import asking
from reports.dashboards.presenters import LEVEL_WORDS
from reports.safety_measures import figures, resources, selectors, words
from safety.measures.selectors import MeasureLists, waiting

ROWS_PER_PAGE = 50
WITHIN = (30, 60)
VIEWS = (
    ("rates", "达标率和名单"),
    ("expiring", "快到期"),
    ("guards", "保安人数"),
    ("waiting", "待核对"),
)


@require_GET
@requires(Permission.READ_SAFETY)
def measures(request: SignedInRequest) -> HttpResponse:
    """The own region's page; a kindergarten's people are taken to their own."""
    own = _own_kindergarten(request)
    if own is not None:
        return redirect("kindergarten-safety-measures", code=own.code)
    return _page(request, None)


@require_GET
@requires(Permission.READ_PROGRESS)
def measures_of(request: SignedInRequest, code: str) -> HttpResponse:
    return _page(request, code)


def _page(request: SignedInRequest, code: str | None) -> HttpResponse:
    region, day = asking.region_in_scope(request, code), timezone.localdate()
    view = request.GET.get("view", "")
    view = view if view in dict(VIEWS) else "rates"
    waits = waiting(request.user, region)
    context: dict[str, Any] = {
        "region": region,
        "day": day,
        "ways_up": asking.ways_up(request, region),
        "view": view,
        "tabs": _tabs(request, view, waits.count()),
        "can_export": request.user.can(Permission.EXPORT_FIGURES),
        "shows_county": region.level < Region.Level.COUNTY,
    }
    if view == "waiting":
        context["total"] = selectors.number_in(request.user, region, day)
        context["page_obj"] = _paged(request, waits)
    else:
        made = {"rates": _rates, "expiring": _expiring, "guards": _guards}[view]
        context |= made(request, region, day)
    return render(request, f"reports/safety_measures/{view}.html", context)


def _paged(request: SignedInRequest, rows: Any) -> Page[Any]:
    return Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))


def _below(region: Region) -> Region.Level:
    """The level that the sums of a region are by."""
    return Region.Level(min(region.level + 1, Region.Level.TOWN))


def _own_kindergarten(request: SignedInRequest) -> Kindergarten | None:
    visible = Kindergarten.objects.visible_to(request.user)
    return visible.filter(organisation=request.user.acting.organisation).first()  # type: ignore[union-attr]


def _tabs(request: SignedInRequest, view: str, waits: int) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"{request.path}?view={name}",
            "active": view == name,
            "count": waits if name == "waiting" else None,
        }
        for name, label in VIEWS
    ]


def _rates(request: SignedInRequest, region: Region, day: dt.date) -> dict[str, Any]:
    """Above the county rates by place alone: who is missing is read county by county."""
    rows = selectors.of_area(request.user, region, day)
    found = figures.rates(rows, MeasureLists(day).in_region(region))
    level = _below(region)
    context: dict[str, Any] = {
        "total": len(rows),
        "rates": found,
        "places": figures.places(rows, level, found) if region.level < Region.Level.TOWN else [],
        "level_word": LEVEL_WORDS[level][1],
    }
    if region.level < Region.Level.COUNTY:
        return context
    measure, town = _asked(request, found)
    missing = figures.missing(
        rows, measure=measure, town=town, sort=request.GET.get("sort", "")
    )  # fmt: skip
    return context | {
        "measure": measure,
        "town": town,
        "towns": {one.status.town.code: one.status.town.name for one in rows},
        "page_obj": _paged(request, missing),
        # A kindergarten that misses two measures has two rows, and is one that is missing.
        "missing_kindergartens": len({row.of.kindergarten.pk for row in missing}),
        "says_no": figures.says_no(rows),
    }


def _asked(request: SignedInRequest, found: list[figures.Rate]) -> tuple[str, str]:
    """The measure and the town asked for; neither, where there is no such."""
    measure, town = request.GET.get("measure", ""), request.GET.get("town", "")
    return (measure if measure in {rate.key for rate in found} else ""), (
        town if town.isdecimal() else ""
    )


def _expiring(request: SignedInRequest, region: Region, day: dt.date) -> dict[str, Any]:
    rows = selectors.evidence_in(request.user, region, day)
    if region.level < Region.Level.COUNTY:
        level = _below(region)
        return {
            "total": len(rows),
            "level_word": LEVEL_WORDS[level][1],
            "days": WITHIN,
            "places": figures.ends_by_place(rows, level, day, WITHIN),
        }
    within = WITHIN[0] if request.GET.get("within") == str(WITHIN[0]) else WITHIN[1]
    found = figures.expiring(rows, day, WITHIN[1])
    return {
        "total": len(rows),
        "within": within,
        "choices": [(days, sum(one.days_left <= days for one in found)) for days in WITHIN],
        "page_obj": _paged(request, [one for one in found if one.days_left <= within]),
    }


def _guards(request: SignedInRequest, region: Region, day: dt.date) -> dict[str, Any]:
    rows = selectors.guards_in(request.user, region, day)
    context: dict[str, Any] = {"total": len(rows), "sum": figures.guard_sum(rows)}
    if region.level < Region.Level.COUNTY:
        level = _below(region)
        return context | {
            "level_word": LEVEL_WORDS[level][1],
            "places": figures.guards_by_place(rows, level),
        }
    page = _paged(request, figures.by_gap(rows))
    return context | {
        "page_obj": page,
        "lines": [(one, words.guards_unknown(one)) for one in page],
    }


@require_GET
@requires(Permission.EXPORT_FIGURES)
def measures_export(request: SignedInRequest, code: str, what: str, ending: str) -> FileResponse:
    """`what`: missing, with the filters of the page, or guards."""
    if ending not in CONTENT_TYPES or what not in ("missing", "guards"):
        raise Http404
    region, now = asking.region_in_scope(request, code), timezone.now()
    day = timezone.localdate(now)
    if what == "guards":
        guards = selectors.guards_in(request.user, region, day)
        table = resources.guards_table(figures.by_gap(guards), place=region.name, day=day)
        return download(table, ending, by=request.user, at=now, target=region)
    rows = selectors.of_area(request.user, region, day)
    found = figures.rates(rows, MeasureLists(day).in_region(region))
    measure, town = _asked(request, found)
    label = next((f"_{rate.label}" for rate in found if rate.key == measure), "")
    table = resources.missing_table(
        figures.missing(rows, measure=measure, town=town, sort=request.GET.get("sort", "")),
        place=region.name, day=day, of=len(rows), label=label,
    )  # fmt: skip
    return download(table, ending, by=request.user, at=now, target=region)
