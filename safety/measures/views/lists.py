"""What is asked of every kindergarten of a place against harm: the list and its dated rows."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import county_of, home_of
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from kindergartens.dated.pages import DatedPages, refuse, what_may_be_done
from kindergartens.dated.services import RowRefused
from safety.measures.forms import ListForm, MeasureCorrectionForm, MeasureForm
from safety.measures.selectors import MeasureLists
from safety.measures.services import MEASURE, begin_list, set_measure
from safety.models import SafetyMeasure


def _registered(row: SafetyMeasure) -> str:
    since: Any = row.valid_from
    return f"{row.label}已列入清单，{zhdate(since)}起适用。"


PAGES = DatedPages(
    kind=MEASURE,
    title="安全防范清单",
    route="safety-measure-list",
    above=(("安全防范", "safety-measures"),),
    form=MeasureForm,
    correction=MeasureCorrectionForm,
    named=lambda row: f"“{row.label}”",
    told=lambda row: row.basis,
    registered=_registered,
    corrected="已更正，这一项有效的日期都按更正后的算。",
    ended=lambda row: f"{row.label}已截止，以前的日期仍按它算；全部截止以后按上级的清单算。",
    told_by=("label", "document"),
)


@require_GET
@requires(Permission.READ_SAFETY)
def measure_list(request: SignedInRequest) -> HttpResponse:
    """The list that holds today; then the rows of places above, former ones and those to come."""
    home = home_of(request)
    used = MeasureLists(timezone.localdate()).in_region(home)
    rows: Any = SafetyMeasure.objects.holding_in(home).select_related("region")
    others = (
        rows.exclude(pk__in=[row.pk for row in used])
        .order_by("-region__level", "position", "-valid_from", "pk")
    )  # fmt: skip
    context = what_may_be_done(request, home) | {
        "used": used,
        "others": others,
        "has_own": bool(used) and used[0].region_id == home.pk,
    }
    return render(request, "safety/measures/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def list_begin(request: SignedInRequest) -> HttpResponse:
    county_of(request)
    form = ListForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            rows = begin_list(by=request.user, today=timezone.localdate(), **form.values())
        except RowRefused as refusal:
            refuse(form, refusal)
        else:
            return PAGES.done(request, f"本区县的清单已设，{len(rows)}项，可以逐项改、加和截止。")
    return PAGES.page(request, form, "另设本区县的清单")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def measure_new(request: SignedInRequest) -> HttpResponse:
    """A new one, or one in the place of another (`?for=`), whose evidence goes on."""
    home, today = county_of(request), timezone.localdate()
    form = MeasureForm(
        request.POST if request.method == "POST" else None,
        rows=MeasureLists(today).in_region(home),
        initial={"stands_for": request.GET.get("for", ""), "one_of_four": "0"},
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = set_measure(
                values=form.values(), stands_for=form.cleaned_data["stands_for"], by=request.user,
                today=today,
            )  # fmt: skip
        except RowRefused as refusal:
            refuse(form, refusal)
        else:
            return PAGES.done(request, PAGES.registered(row))
    return PAGES.page(request, form, "登记防范项目")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def measure_correct(request: SignedInRequest, row_id: int) -> HttpResponse:
    return PAGES.correct(request, row_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def measure_end(request: SignedInRequest, row_id: int) -> HttpResponse:
    return PAGES.end(request, row_id)


@require_GET
@requires(Permission.READ_HISTORY)
def list_history(request: SignedInRequest) -> HttpResponse:
    return PAGES.history(request, reads=Permission.READ_SAFETY)
