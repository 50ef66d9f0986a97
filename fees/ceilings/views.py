"""The most that may be charged for care and education (最高限价), by class and day."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.formatting import quantity, zhdate
from fees.ceilings.forms import CeilingCorrectionForm, CeilingForm
from fees.ceilings.standards import CEILING
from fees.models import FeeCeiling
from kindergartens.dated.pages import DatedPages, what_may_be_done


def _named(row: FeeCeiling) -> str:
    return f"{row.get_scope_display()}限价"


PAGES = DatedPages(
    kind=CEILING,
    title="保教费最高限价",
    route="fee-ceilings",
    above=(("超标收费核查", "overcharging"),),
    form=CeilingForm,
    correction=CeilingCorrectionForm,
    named=_named,
    told=lambda row: (
        f"{quantity(row.yuan_per_month)}元/月，{zhdate(row.valid_from)}起，{row.document}。"
    ),
    registered=lambda row: (
        f"{_named(row)}{quantity(row.yuan_per_month)}元/月已登记，{zhdate(row.valid_from)}起执行。"
    ),
    corrected="已更正，这条限价有效的月份都按更正后的核查。",
    ended=lambda row: f"{_named(row)}已截止，有上级文件的按上级的算。",
    told_by=("scope", "document"),
)


@require_GET
@requires(Permission.READ_PROGRESS)
def ceilings(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above it, the newest of each class first."""
    home = home_of(request)
    rows = PAGES.rows_read_in(home).order_by("-region__level", "scope", "-valid_from")
    context = what_may_be_done(request, home) | {"rows": rows}
    return render(request, "fees/ceilings.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def ceiling_new(request: SignedInRequest) -> HttpResponse:
    return PAGES.new(request)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def ceiling_correct(request: SignedInRequest, ceiling_id: int) -> HttpResponse:
    return PAGES.correct(request, ceiling_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def ceiling_end(request: SignedInRequest, ceiling_id: int) -> HttpResponse:
    return PAGES.end(request, ceiling_id)


@require_GET
@requires(Permission.READ_HISTORY)
def ceilings_history(request: SignedInRequest) -> HttpResponse:
    return PAGES.history(request)
