"""服务性收费和代收费目录清单: a county's own, by class, name and day."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.models import Region
from fees.local_list.forms import LocalCorrectionForm, LocalEndForm, LocalItemForm
from fees.local_list.standards import LOCAL_ITEM
from fees.models import LocalFeeItem
from fees.models.local_item import LocalFeeItemQuerySet
from kindergartens.dated.pages import DatedPages, what_may_be_done
from kindergartens.models.demand import ancestors

ROWS_PER_PAGE = 50
PAGES = DatedPages(
    kind=LOCAL_ITEM,
    title="目录清单",
    route="local-fees",
    above=(("收费项目和定价方式", "fee-items"),),
    form=LocalItemForm,
    correction=LocalCorrectionForm,
    ending=LocalEndForm,
    named=lambda row: f"“{row.name}”",
    told=lambda row: f"{row.get_item_display()}，{zhdate(row.valid_from)}起，{row.document}。",
    registered=lambda row: f"{row.name}已列入清单，{zhdate(row.valid_from)}起执行。",
    corrected="已更正，这一条有效的月份都按更正后的核查。",
    ended=lambda row: f"{row.name}自{zhdate(row.valid_to)}起不在清单里，收它的园要截止标准。",
    told_by=("item", "name"),
)


def _read_here(home: Region) -> LocalFeeItemQuerySet:
    """The lists of the counties in a place, and that of the county it lies in."""
    return LocalFeeItem.objects.filter(
        Q(region__in=Region.objects.within(home)) | Q(region__in=ancestors(home))
    )


@require_GET
@requires(Permission.READ_REGISTRY)
def local_list(request: SignedInRequest) -> HttpResponse:
    """By county, class and name, the newest row of each first."""
    home = home_of(request)
    rows = (
        _read_here(home)
        .select_related("region")
        .order_by("region__code", "-item", "name", "-valid_from")
    )
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = what_may_be_done(request, home) | {
        "page_obj": page,
        "shows_county": home.level < Region.Level.COUNTY,
    }
    return render(request, "fees/local_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def local_new(request: SignedInRequest) -> HttpResponse:
    return PAGES.new(request)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def local_correct(request: SignedInRequest, row_id: int) -> HttpResponse:
    return PAGES.correct(request, row_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def local_end(request: SignedInRequest, row_id: int) -> HttpResponse:
    return PAGES.end(request, row_id)


@require_GET
@requires(Permission.READ_HISTORY)
def local_history(request: SignedInRequest) -> HttpResponse:
    rows = _read_here(home_of(request))
    return PAGES.history(request, reads=Permission.READ_REGISTRY, rows=rows)
