"""The public standard of a place (公办园标准) and the months it pays for, by day."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.formatting import quantity, zhdate
from fees.free_year.forms import StandardCorrectionForm, StandardForm
from fees.free_year.standards import STANDARD
from kindergartens.dated.pages import DatedPages, what_may_be_done

PAGES = DatedPages(
    kind=STANDARD,
    title="免保教费标准",
    route="free-year-standards",
    above=(("学前一年免保教费", "free-year"),),
    form=StandardForm,
    correction=StandardCorrectionForm,
    named=lambda row: "免保教费标准",
    told=lambda row: (
        f"{quantity(row.yuan_per_month)}元/月，{zhdate(row.valid_from)}起，{row.document}。"
    ),
    registered=lambda row: (
        f"公办园标准{quantity(row.yuan_per_month)}元/月已登记，{zhdate(row.valid_from)}起执行。"
    ),
    corrected="已更正，这条标准有效的月份都按更正后的算。",
    ended=lambda row: "这条标准已截止，上级有标准的按上级的算。",
    told_by=("hours", "document"),
)


@require_GET
@requires(Permission.READ_PROGRESS)
def standards(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above it, the newest of each first."""
    home = home_of(request)
    rows = PAGES.rows_read_in(home).order_by("-region__level", "hours", "-valid_from")
    context = what_may_be_done(request, home) | {"rows": rows}
    return render(request, "fees/free_year/standards.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_new(request: SignedInRequest) -> HttpResponse:
    return PAGES.new(request)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_correct(request: SignedInRequest, standard_id: int) -> HttpResponse:
    return PAGES.correct(request, standard_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def standard_end(request: SignedInRequest, standard_id: int) -> HttpResponse:
    return PAGES.end(request, standard_id)


@require_GET
@requires(Permission.READ_HISTORY)
def standards_history(request: SignedInRequest) -> HttpResponse:
    return PAGES.history(request)
