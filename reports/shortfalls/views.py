"""How far each region and kindergarten is from each target in force (达标差距)."""

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
from indicators.selectors import figures, filing_progress, months_available
from indicators.targets.gardens import Garden
from kindergartens.models import KindergartenStatus
from reports.dashboards import asking
from reports.dashboards.explaining import foot_text
from reports.dashboards.selectors import kindergarten_codes
from reports.shortfalls import presenters, selectors
from reports.shortfalls.resources import shortfalls_table
from reports.shortfalls.selectors import Asked

ROWS_PER_PAGE = 30


def _asked(request: SignedInRequest) -> Asked:
    """What of it is asked for; 404 for what no list offers."""
    chosen = {name: request.GET.get(name, "") for name in ("policy", "indicator", "level")}
    ownership = request.GET.get("ownership", "")
    if chosen["policy"] and not chosen["policy"].isdecimal():
        raise Http404
    if ownership and ownership not in KindergartenStatus.Ownership.values:
        raise Http404
    policy = int(chosen["policy"]) if chosen["policy"] else None
    return Asked(policy, chosen["indicator"], chosen["level"], ownership)


@require_GET
@requires(Permission.READ_FIGURES)
def shortfalls(request: SignedInRequest, code: str | None = None) -> HttpResponse:
    """Each target at each level; then who misses one, the least effort first; then who waits."""
    region = asking.region_in_scope(request, code)
    months = months_available(region)
    month = asking.month_asked(request, months)
    asked = _asked(request)
    reads_returns = request.user.can(Permission.READ_RETURNS)
    most_first = request.GET.get("sort") == "most"
    found = selectors.shortfalls(
        region, month, asked, kindergartens=reads_returns, most_first=most_first
    )
    page = Paginator(found.unmet, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    shown = [*page, *found.pending[:ROWS_PER_PAGE]]
    units = [row.judged.unit for row in shown]
    codes = kindergarten_codes(
        request.user, [u.kindergarten_id for u in units if isinstance(u, Garden)]
    )
    seats = selectors.seats_being_built(request.user, shown, found.scene.context.day)
    context = {
        "region": region,
        "month": month,
        "months": months,
        "ways_up": asking.ways_up(request, region),
        "progress": filing_progress(region, month),
        "sums": presenters.sum_lines(found),
        "all_met": sum(one.met == one.judged for one in found.sums),
        "choices": presenters.choices(found, asked),
        "is_narrowed": asked != Asked(),
        "most_first": most_first,
        "page_obj": page,
        "lines": presenters.lines(page, codes, seats),
        "pending": presenters.lines(found.pending[:ROWS_PER_PAGE], codes, seats),
        "pending_count": len(found.pending),
        "reads_returns": reads_returns,
        "can_export": reads_returns and request.user.can(Permission.EXPORT_FIGURES),
        "rows_count": len(found.unmet) + len(found.pending),
    }
    return render(request, "reports/shortfalls/shortfalls.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def shortfalls_export(request: SignedInRequest, code: str, ending: str) -> FileResponse:
    """What the page lists, all of it, with the same choices."""
    asking.must_read_returns(request)
    if ending not in CONTENT_TYPES:
        raise Http404
    region = asking.region_in_scope(request, code)
    month = asking.month_asked(request, months_available(region))
    now = timezone.now()
    found = selectors.shortfalls(
        region, month, _asked(request), kindergartens=True,
        most_first=request.GET.get("sort") == "most",
    )  # fmt: skip
    [figure] = figures(region, month, ["public_enrolment_share"])
    table = shortfalls_table(found, place=region.name, month=month, foot=foot_text(figure, now))
    return download(table, ending, by=request.user, at=now, target=region)
