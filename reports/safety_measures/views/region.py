"""四个100% of a region: rates, always with the list of those missing; what ends soon; guards."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
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
    rows = selectors.of_area(request.user, region, day)
    view = request.GET.get("view", "")
    view = view if view in dict(VIEWS) else "rates"
    waits = waiting(request.user, region)
    context: dict[str, Any] = {
        "region": region,
        "day": day,
        "ways_up": asking.ways_up(request, region),
        "total": len(rows),
        "view": view,
        "tabs": _tabs(request, view, waits.count()),
        "can_export": request.user.can(Permission.EXPORT_FIGURES),
        "shows_county": region.level < Region.Level.COUNTY,
    }
    made = {
        "rates": _rates, "expiring": _expiring, "guards": _guards,
    }.get(view)  # fmt: skip
    if made is None:
        page = Paginator(waits, ROWS_PER_PAGE).get_page(request.GET.get("page"))
        context |= {"page_obj": page}
    else:
        context |= made(request, region, rows)
    return render(request, f"reports/safety_measures/{view}.html", context)


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


def _rates(request: SignedInRequest, region: Region, rows: list[selectors.OfOne]) -> dict[str, Any]:
    listed = MeasureLists(timezone.localdate()).in_region(region)
    found = figures.rates(rows, listed)
    measure, town = _asked(request, found)
    level = Region.Level(min(region.level + 1, Region.Level.TOWN))
    missing = figures.missing(
        rows, measure=measure, town=town, sort=request.GET.get("sort", "")
    )  # fmt: skip
    return {
        "rates": found,
        "places": figures.places(rows, level, found) if region.level < Region.Level.TOWN else [],
        "level_word": LEVEL_WORDS[level][1],
        "measure": measure,
        "town": town,
        "towns": {one.status.town.code: one.status.town.name for one in rows},
        "all_missing": sum(len(one.lines) for one in rows)
        - sum(line.found.meets for one in rows for line in one.lines),
        "page_obj": Paginator(missing, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "says_no": figures.says_no(rows),
    }


def _asked(request: SignedInRequest, found: list[figures.Rate]) -> tuple[str, str]:
    """The measure and the town asked for; neither, where there is no such."""
    measure, town = request.GET.get("measure", ""), request.GET.get("town", "")
    return (measure if measure in {rate.key for rate in found} else ""), (
        town if town.isdecimal() else ""
    )


def _expiring(
    request: SignedInRequest, region: Region, rows: list[selectors.OfOne]
) -> dict[str, Any]:
    within = WITHIN[0] if request.GET.get("within") == str(WITHIN[0]) else WITHIN[1]
    day = timezone.localdate()
    found = figures.expiring(rows, day, WITHIN[1])
    shown = [one for one in found if one.days_left <= within]
    return {
        "within": within,
        "choices": [(days, sum(one.days_left <= days for one in found)) for days in WITHIN],
        "page_obj": Paginator(shown, ROWS_PER_PAGE).get_page(request.GET.get("page")),
    }


def _guards(
    request: SignedInRequest, region: Region, rows: list[selectors.OfOne]
) -> dict[str, Any]:
    known = [one.guards for one in rows if one.guards.short is not None]
    page = Paginator(figures.by_gap(rows), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return {
        "page_obj": page,
        "lines": [(one, words.guards_unknown(one)) for one in page],
        "required": sum(one.required or 0 for one in known),
        "present": sum(one.present or 0 for one in known),
        "short": sum(one.short or 0 for one in known),
        "lacking": sum(bool(one.short) for one in known),
        "unknown": len(rows) - len(known),
    }


@require_GET
@requires(Permission.EXPORT_FIGURES)
def measures_export(request: SignedInRequest, code: str, what: str, ending: str) -> FileResponse:
    """`what`: missing, with the filters of the page, or guards."""
    if ending not in CONTENT_TYPES or what not in ("missing", "guards"):
        raise Http404
    region, now = asking.region_in_scope(request, code), timezone.now()
    day = timezone.localdate(now)
    rows = selectors.of_area(request.user, region, day)
    if what == "guards":
        table = resources.guards_table(figures.by_gap(rows), place=region.name, day=day)
        return download(table, ending, by=request.user, at=now, target=region)
    found = figures.rates(rows, MeasureLists(day).in_region(region))
    measure, town = _asked(request, found)
    label = next((f"_{rate.label}" for rate in found if rate.key == measure), "")
    table = resources.missing_table(
        figures.missing(rows, measure=measure, town=town, sort=request.GET.get("sort", "")),
        place=region.name, day=day, of=len(rows), label=label,
    )  # fmt: skip
    return download(table, ending, by=request.user, at=now, target=region)
