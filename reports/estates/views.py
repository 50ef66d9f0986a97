"""How an estate kindergarten shall be run: asked by the bureau, decided by its leader.

The town's share of public enrolment is read here and handed down, for the registry cannot see
figures; the registry's own services refuse without it where a rule asks for it.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from indicators.selectors import months_available
from kindergartens.models import EstateOperator, EstateProject
from kindergartens.policies import NotAllowedNow
from kindergartens.projects.forms import OperatorForm
from kindergartens.projects.guard import operator_rule
from kindergartens.projects.services import estates
from reports.documents import estate_table
from reports.estates.forms import DecisionForm
from reports.estates.resources import estate_list
from reports.estates.selectors import town_public_share


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def operator_ask(request: SignedInRequest, estate_id: int) -> HttpResponse:
    visible = EstateProject.objects.visible_to(request.user).select_related("county", "town")
    estate = get_object_or_404(visible, pk=estate_id)
    now = timezone.now()
    today = timezone.localdate(now)
    share = town_public_share(estate.town, today)
    form = OperatorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            estates.ask_for_operator(
                estate=estate, **form.cleaned_data, share=share, by=request.user, now=now
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "申请已提出，等领导批准。")
            return redirect("estate", estate.pk)
    rule = operator_rule(estate.county, today)
    context = {"estate": estate, "form": form, "share": share, "rule": rule}
    return _page(request, context, "提出办园性质", status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def operator_found(request: SignedInRequest, estate_id: int) -> HttpResponse:
    """How one handed over long ago is already run."""
    visible = EstateProject.objects.visible_to(request.user).select_related("county", "town")
    estate = get_object_or_404(visible, pk=estate_id)
    form = OperatorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            estates.record_found_operator(
                estate=estate, **form.cleaned_data, by=request.user, now=timezone.now()
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "办园性质的现状已登记。")
            return redirect("estate", estate.pk)
    context = {"estate": estate, "form": form}
    return _page(request, context, "登记办园性质现状", status=422 if form.errors else 200)


def _page(
    request: SignedInRequest, context: dict[str, Any], title: str, status: int
) -> HttpResponse:
    estate = context["estate"]
    back = reverse("estate", args=[estate.pk])
    crumbs = [
        {"label": "小区配套园", "url": reverse("estates")},
        {"label": estate.name, "url": back},
        {"label": title},
    ]
    context |= {"title": title, "crumbs": crumbs, "back": back}
    return render(request, "reports/estates/operator.html", context, status=status)


@require_GET
@requires(Permission.EXPORT_REGISTRY)
def estate_table_export(request: SignedInRequest, ending: str) -> FileResponse:
    """The official list of the own county or city, of the newest month with figures."""
    region, now = home_region(request.user), timezone.now()
    if ending not in CONTENT_TYPES or region is None or region.level > Region.Level.COUNTY:
        raise Http404
    today = timezone.localdate(now)
    month = max((m for m in months_available(region) if m <= today), default=today.replace(day=1))
    table = estate_list(estate_table.collect(region, month, today), place=region.name, month=month)
    return download(table, ending, by=request.user, at=now, target=region)


@require_POST
@requires(Permission.DECIDE_ESTATES)
def operator_decide(request: SignedInRequest, operator_id: int) -> HttpResponse:
    asked = get_object_or_404(
        EstateOperator.objects.visible_to(request.user).select_related("estate__town"),
        pk=operator_id,
    )
    form = DecisionForm(request.POST)
    now = timezone.now()
    if not form.is_valid():
        messages.error(request, "没有办：请选择批准或不批准，意见最多300字。")
        return redirect("estate", asked.estate_id)
    approve = form.cleaned_data["act"] == "approve"
    try:
        estates.decide_operator(
            asked=asked,
            approve=approve,
            note=form.cleaned_data["note"],
            share=town_public_share(asked.estate.town, timezone.localdate(now)),
            by=request.user,
            now=now,
        )
    except NotAllowedNow as refusal:
        messages.error(request, str(refusal))
    else:
        done = "已批准" if approve else "未批准，原因已写明"
        messages.success(request, f"{asked.estate.name}办成{asked.get_run_as_display()}：{done}。")
    return redirect("estate", asked.estate_id)
