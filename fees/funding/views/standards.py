"""What a place gives a child and year (生均标准), by scope and day."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.formatting import quantity, zhdate
from fees.funding.forms import StandardCorrectionForm, StandardForm
from fees.funding.standards import STANDARD
from fees.models import FundingStandard
from kindergartens.dated.pages import DatedPages, what_may_be_done


def _named(row: FundingStandard) -> str:
    return f"{row.get_scope_display()}标准"


PAGES = DatedPages(
    kind=STANDARD,
    title="生均经费和补助标准",
    route="funding-standards",
    above=(("经费和补助", "funding"),),
    form=StandardForm,
    correction=StandardCorrectionForm,
    named=_named,
    told=lambda row: (
        f"{quantity(row.yuan_per_year)}元/年，{zhdate(row.valid_from)}起，{row.document}。"
    ),
    registered=lambda row: (
        f"{row.get_scope_display()}{quantity(row.yuan_per_year)}元/年已登记，"
        f"{zhdate(row.valid_from)}起执行。"
    ),
    corrected="已更正，这条标准有效的年度都按更正后的算。",
    ended=lambda row: f"{_named(row)}已截止，有上级文件的按上级的算。",
    told_by=("scope", "document"),
)


@require_GET
@requires(Permission.READ_PROGRESS)
def listed(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above it, the newest of each scope first."""
    home = home_of(request)
    rows = PAGES.rows_read_in(home).order_by("-scope", "-region__level", "-valid_from")
    context = what_may_be_done(request, home) | {"rows": rows}
    return render(request, "fees/funding_standards.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def new(request: SignedInRequest) -> HttpResponse:
    return PAGES.new(request)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def correct(request: SignedInRequest, standard_id: int) -> HttpResponse:
    return PAGES.correct(request, standard_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def end(request: SignedInRequest, standard_id: int) -> HttpResponse:
    return PAGES.end(request, standard_id)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest) -> HttpResponse:
    return PAGES.history(request)
