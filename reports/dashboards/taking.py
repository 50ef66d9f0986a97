"""The files of the pages of figures: the table as xlsx or csv, the chart as SVG."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.history.recording import Action, record_access
from accounts.models import Region
from reports.dashboards import asking
from reports.dashboards.boards import all_sheet, documents_sheet
from reports.dashboards.cutting import cuts_sheet
from reports.dashboards.framing import Asked, period_asked
from reports.dashboards.heat import heat_sheet
from reports.dashboards.ranking import ranking_sheet
from reports.dashboards.sheets import Sheet
from reports.dashboards.trending import trend_sheet
from reports.documents.charts import picture

SHEETS: dict[str, Callable[[SignedInRequest, Region, Asked], Sheet]] = {
    "all": all_sheet,
    "documents": documents_sheet,
    "ranking": ranking_sheet,
    "trend": trend_sheet,
    "heat": heat_sheet,
    "cuts": cuts_sheet,
}
PICTURE = "svg"


@require_GET
@requires(Permission.EXPORT_FIGURES)
def figures_file(
    request: SignedInRequest, code: str, page: str, ending: str
) -> FileResponse | HttpResponse:
    """The page's table or chart with all its choices as a file, recorded like every export."""
    if page not in SHEETS or ending not in {*CONTENT_TYPES, PICTURE}:
        raise Http404
    region = asking.region_in_scope(request, code)
    sheet = SHEETS[page](request, region, period_asked(request, region))
    now = timezone.now()
    if ending != PICTURE:
        return download(sheet.table, ending, by=request.user, at=now, target=region)
    if sheet.drawing is None:
        raise Http404
    title = sheet.title.replace("_", "，")
    drawn = picture(sheet.drawing, title=title, foot=sheet.foot)
    with transaction.atomic():
        record_access(Action.EXPORT, by=request.user, at=now, target=region)
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{sheet.title}.svg") or ""
    return response
