"""The time a county allows for reporting an incident and for telling parents."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from kindergartens.dated.pages import DatedPages, what_may_be_done
from safety.incidents.forms import CorrectLimitForm, LimitForm
from safety.incidents.limits import LIMIT

PAGES = DatedPages(
    kind=LIMIT,
    title="事故上报时限",
    route="incident-limits",
    above=(("事故报告", "incidents"),),
    form=LimitForm,
    correction=CorrectLimitForm,
    named=lambda row: LIMIT.label,
    told=lambda row: f"{row}，{row.document}。",
    registered=lambda row: f"{row}已登记。",
    corrected="已更正上报时限。",
    ended=lambda row: "上报时限已截止。",
    told_by=("step", "kind"),
)


@require_GET
@requires(Permission.READ_PROGRESS)
def listed(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above it."""
    home = home_of(request)
    context = what_may_be_done(request, home) | {"limits": PAGES.rows_read_in(home)}
    return render(request, "safety/incidents/limits.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def new(request: SignedInRequest) -> HttpResponse:
    return PAGES.new(request)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    return PAGES.correct(request, pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    return PAGES.end(request, pk)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest) -> HttpResponse:
    return PAGES.history(request)
