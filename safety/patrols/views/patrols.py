"""Patrols: the list, one patrol, the form in which only exceptions are entered, taking one back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.formatting import zhdatetime
from kindergartens.calendar.forms import MomentField
from safety.hazards.services import HazardRefused
from safety.models import PatrolFinding, VideoPatrol
from safety.patrols import selectors
from safety.patrols.finding_kinds import finding_list
from safety.patrols.forms import HazardForm, PatrolForm, WithdrawalForm, looks_as_initial
from safety.patrols.services import recording as services
from safety.patrols.services.refusal import PatrolRefused
from safety.patrols.views.looking_up import (
    TITLE,
    form_page,
    is_of_kindergarten,
    may_patrol,
    refuse,
    tabs_of,
)

ROWS_PER_PAGE = 50
# More kindergartens than these are asked for by town.
MOST_ON_A_FORM = 60


@require_GET
@requires(Permission.READ_SAFETY)
def patrols(request: SignedInRequest) -> HttpResponse:
    """Those of the area; whoever works in a kindergarten is led to its own page."""
    if is_of_kindergarten(request):
        return redirect("video-devices")
    found = selectors.patrols_of(request.user)
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": home_of(request),
        "tabs": tabs_of(request, "video-patrols"),
        "page_obj": page,
        "rows": selectors.patrol_lines(request.user, list(page.object_list)),
        "may_patrol": may_patrol(request),
    }
    return render(request, "safety/patrols/patrols.html", context)


@require_GET
@requires(Permission.READ_SAFETY)
def patrol(request: SignedInRequest, patrol_id: int) -> HttpResponse:
    """What it saw of the kindergartens the person sees."""
    row = _patrol(request, patrol_id)
    acting = request.user.acting
    context = {
        "patrol": row,
        "looks": selectors.looks_of(request.user, row),
        "may_patrol": may_patrol(request) and row.withdrawn_at is None,
        "of_kindergarten": is_of_kindergarten(request),
        "may_withdraw": may_patrol(request)
        and row.withdrawn_at is None
        and acting is not None
        and row.patrolled_as.organisation_id == acting.organisation_id,
    }
    return render(request, "safety/patrols/patrol.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def patrol_new(request: SignedInRequest) -> HttpResponse:
    """`?town=` chooses whose; `?from=` begins with what a withdrawn patrol said.

    Listed are kindergartens that ran and cameras in service on the day of the patrol.
    """
    services.check_may_patrol(request.user)
    now, code = timezone.now(), request.GET.get("town", "")
    initial: dict[str, Any] = {"at": timezone.localtime(now).replace(second=0, microsecond=0)}
    if again := request.GET.get("from", ""):
        visible = VideoPatrol.objects.visible_to(request.user)
        former = get_object_or_404(visible, pk=int(again) if again.isdecimal() else 0)
        initial |= looks_as_initial(selectors.looks_of(request.user, former))
        initial["at"] = timezone.localtime(former.patrolled_at)
    day = _day_of(request, initial["at"], now)
    places = selectors.watched(request.user, day)
    towns = selectors.towns_watched(request.user, day)
    if len(towns) > 1:
        places = places.filter(organisation__region__code=code) if code else places
    chosen = list(places[: MOST_ON_A_FORM + 1])
    if not code and len(chosen) > MOST_ON_A_FORM:
        context = {"towns": towns, "crumbs": _crumbs("登记视频巡查")}
        return render(request, "safety/patrols/towns.html", context)
    chosen = list(places)
    form = PatrolForm(
        request.POST if request.method == "POST" else None,
        kindergartens=chosen,
        devices=selectors.devices_in_service([one.pk for one in chosen], day),
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.record_patrol(
                at=form.cleaned_data["at"], looks=form.looks(), by=request.user, now=now
            )
        except PatrolRefused as refusal:
            form.say(str(refusal), refusal.field)
        else:
            messages.success(request, f"巡查已登记：看了{len(form.looks())}所，没有勾的不算看过。")
            return redirect("video-patrol", patrol_id=made.pk)
    context = {
        "form": form,
        "towns": towns if len(towns) > 1 else [],
        "town": code,
        "list": finding_list(),
        "crumbs": _crumbs("登记视频巡查"),
    }
    status = 422 if form.errors else 200
    return render(request, "safety/patrols/patrol_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def patrol_withdraw(request: SignedInRequest, patrol_id: int) -> HttpResponse:
    services.check_may_patrol(request.user)
    row = _patrol(request, patrol_id)
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_patrol(
                patrol_id=row.pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except PatrolRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "这次巡查已撤销。可以按原来的内容改好再登记。")
            return redirect("video-patrol", patrol_id=row.pk)
    return form_page(
        request, form, title="撤销巡查", crumbs=_crumbs()[:1], submit="撤销",
        sub=f"{zhdatetime(row.patrolled_at)}的巡查。已签发的通报不变，要更正的请另发更正通报；"
        "登记为隐患、还没有别人办理的一并撤销。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def finding_hazard(request: SignedInRequest, finding_id: int) -> HttpResponse:
    """Make a hazard of what was found; where one was made, lead to it."""
    services.check_may_patrol(request.user)
    rows = PatrolFinding.objects.visible_to(request.user).standing()
    finding = get_object_or_404(
        rows.select_related("hazard", "look__patrol", "look__kindergarten"), pk=finding_id
    )
    if finding.hazard is not None:
        return redirect("hazard", number=finding.hazard.number)
    said = f"视频巡查看到：{finding}"
    form = HazardForm(
        request.POST if request.method == "POST" else None,
        initial={"description": f"{said}，{finding.note}" if finding.note else said},
    )
    if request.method == "POST" and form.is_valid():
        try:
            hazard = services.open_hazard(
                finding_id=finding.pk, values=form.cleaned_data, by=request.user,
                now=timezone.now(),
            )  # fmt: skip
        except (PatrolRefused, HazardRefused) as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"已登记为隐患，编号{hazard.number}。")
            return redirect("hazard", number=hazard.number)
    at = zhdatetime(finding.look.patrol.patrolled_at)
    return form_page(
        request, form, title="登记为隐患", submit="登记为隐患",
        crumbs=[*_crumbs(), {"label": at, "url": reverse("video-patrol", args=[finding.look.patrol_id])}],
        sub=f"{finding.look.kindergarten.name}，{at}巡查看到。",
    )  # fmt: skip


def _day_of(request: SignedInRequest, otherwise: dt.datetime, now: dt.datetime) -> dt.date:
    """The day of the time that was typed; `otherwise`, while none was that a patrol can have."""
    try:
        at = MomentField("").clean(request.POST.get("at"))
    except ValidationError:
        at = otherwise
    return timezone.localdate(at if now - services.LATEST <= at <= now else otherwise)


def _patrol(request: SignedInRequest, patrol_id: int) -> VideoPatrol:
    rows = VideoPatrol.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("patrolled_as__organisation", "patrolled_as__user"), pk=patrol_id
    )


def _crumbs(title: str = "") -> list[dict[str, str]]:
    crumbs = [{"label": TITLE, "url": reverse("video-patrols")}]
    return [*crumbs, {"label": title}] if title else crumbs
