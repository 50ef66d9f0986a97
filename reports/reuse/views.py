"""一表多用: which forms a month's returns and the registers fill, and one kindergarten's worksheet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from indicators.models import KindergartenFacts
from kindergartens.models import Kindergarten, ReportingPeriod
from reports.documents import overview_table
from reports.filings.months import MONTHS_OFFERED, county_month
from reports.reuse import presenters, rules, selectors

PAGE_SIZE = 50


@dataclass(frozen=True)
class Asked:
    """What an address asks for; `place` is the county, or the town of a town's officer."""

    place: Region
    counties: list[Region]
    months: list[dt.date]
    period: ReportingPeriod


def _asked(request: SignedInRequest) -> Asked | None:
    """None without any reporting period."""
    home = home_of(request)
    found = county_month(request.user, request.GET, timezone.now())
    period = found.period
    if period is None:
        return None
    is_town = home.level == Region.Level.TOWN
    return Asked(
        place=home if is_town else period.county,
        counties=found.counties,
        months=found.months,
        period=period,
    )


@require_GET
@requires(Permission.READ_PROGRESS)
def forms_filled(request: SignedInRequest) -> HttpResponse:
    """The forms with their cells filled from what is filed, and how many questions are spared."""
    asked = _asked(request)
    if asked is None:
        return render(request, "reports/reuse/none.html", {})
    period = asked.period
    sheets = selectors.worksheets(request.user, period.county, period.month)
    cells = [cell for sheet in sheets for cell in sheet.cells]
    coverage = selectors.coverage(asked.place, period.month)
    own = presenters.form_line(
        "worksheets", "事业统计基表", presenters.whose_worksheets(coverage), cells
    )
    context: dict[str, Any] = {"forms": [own]}
    if asked.place == period.county:
        context = _of_the_county(request, period)
        context["forms"].append(own)
    return render(
        request,
        "reports/reuse/page.html",
        context
        | {
            "asked": asked,
            "period": period,
            "page_obj": Paginator(sheets, PAGE_SIZE).get_page(request.GET.get("page")),
            "coverage": coverage,
            "coverage_words": presenters.coverage_words(coverage),
            "spared": sum(form.spared for form in context["forms"]),
            "not_kept": presenters.NOT_KEPT,
            "may_export": request.user.can(Permission.EXPORT_FIGURES),
            "may_print": request.user.can(Permission.PRINT_REPORTS),
        },
    )


def _of_the_county(request: SignedInRequest, period: ReportingPeriod) -> dict[str, Any]:
    """The two forms that a county fills in once."""
    county, month, day = period.county, period.month, period.reference_date
    row = selectors.overview(county, month, day)
    found = selectors.answers(request.user, county, month, day)
    return {
        "forms": [
            presenters.form_line("overview", overview_table.TITLE, "区县，一行", row),
            presenters.form_line(
                "evaluation", "自评表数据项", "区县", selectors.evaluation_cells(found)
            ),
        ],
        "overview": presenters.overview_lines(row, county, month),
        "evaluation": presenters.evaluation_lines(
            found,
            county=county,
            month=month,
            day=day,
            address=selectors.public_list_address(county, day),
            user=request.user,
        ),
        "papers_only": presenters.papers_only(),
    }


@require_GET
@requires(Permission.EXPORT_FIGURES)
def worksheets_export(request: SignedInRequest, ending: str) -> FileResponse:
    """The worksheets of the month, one row a kindergarten."""
    asked = _asked(request)
    if ending not in CONTENT_TYPES or asked is None:
        raise Http404
    now, period = timezone.now(), asked.period
    table = presenters.worksheet_table(
        selectors.worksheets(request.user, period.county, period.month),
        place=asked.place.name,
        month=period.month,
        day=period.reference_date,
        coverage=selectors.coverage(asked.place, period.month),
        now=now,
    )
    return download(table, ending, by=request.user, at=now, target=asked.place)


@require_GET
@requires(Permission.READ_RETURNS)
def worksheet(request: SignedInRequest, code: str) -> HttpResponse:
    """One kindergarten's worksheet of a month (else of its newest counted one)."""
    counted = (
        KindergartenFacts.objects.visible_to(request.user)
        .current()
        .filter(kindergarten__code=code)
        .select_related("kindergarten", "town", "county", "filing_version__filing__period")
        .order_by("-month")[:MONTHS_OFFERED]
    )
    facts = list(counted)
    # The months of before it moved away stay with those who had it then.
    kindergarten = (
        facts[0].kindergarten
        if facts
        else get_object_or_404(Kindergarten.objects.visible_to(request.user), code=code)
    )
    wanted = request.GET.get("month", "")
    chosen = next((row for row in facts if f"{row.month:%Y-%m}" == wanted), None)
    chosen = chosen or (facts[0] if facts else None)
    sheet = selectors.worksheet_of(chosen)
    return render(
        request,
        "reports/reuse/worksheet.html",
        {
            "kindergarten": kindergarten,
            "facts": chosen,
            "months": [row.month for row in facts],
            "sheet": sheet,
            "grades": presenters.grade_rows(sheet) if sheet else [],
            "columns": [presenters.COLUMN_LABELS[c] for c in rules.ALL_COLUMNS],
            "staff": presenters.staff_rows(sheet) if sheet else [],
            "not_kept": presenters.NOT_KEPT,
            "is_own": request.user.can(Permission.FILE_RETURN),
        },
    )
