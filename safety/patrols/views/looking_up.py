"""What the pages of patrols look up, and the one page their forms stand on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access.guards import SignedInRequest
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.models import Region
from kindergartens.models import Kindergarten
from safety.patrols.services.refusal import PatrolRefused

Crumb = dict[str, str]
TITLE = "视频巡查"


def kindergarten_of(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation__region__county"), code=code)


def county_asked(request: SignedInRequest) -> tuple[Region, list[Region]]:
    """Whose kindergartens a page lists, and the counties to choose from; none but above a county.

    Thresholds and rules are each county's own, and a province's kindergartens are not worked out to
    show fifty: who looks down from above sees the county of `?county=`, the first without one.
    """
    home = home_of(request)
    if home.level >= Region.Level.COUNTY:
        return home, []
    counties = list(
        Region.objects.within(home).active().filter(level=Region.Level.COUNTY).order_by("code")
    )
    code = request.GET.get("county", "")
    chosen = next((one for one in counties if one.code == code), None)
    if code and chosen is None:
        raise Http404
    return chosen or next(iter(counties), home), counties


def own_county_of(request: SignedInRequest) -> Region:
    """For what a county does as one. PermissionDenied for everybody else."""
    home = home_of(request)
    if home.level != Region.Level.COUNTY or is_of_kindergarten(request):
        raise PermissionDenied("周通报由区县教育局办理。")
    return home


def is_of_kindergarten(request: SignedInRequest) -> bool:
    return request.user.acting is not None and request.user.acting.is_of_kindergarten


def tabs_of(request: SignedInRequest, active: str) -> list[dict[str, Any]]:
    """The pages of an area's patrols; circulars only where they are issued or gathered."""
    home = home_of(request)
    pages = [
        ("巡查记录", "video-patrols"),
        ("视频设备", "video-devices"),
        ("月约谈", "patrol-talks"),
        ("年考核", "patrol-appraisals"),
    ]
    if home.level <= Region.Level.COUNTY:
        pages.insert(2, ("周通报", "patrol-circulars"))
    return [
        {"label": label, "url": reverse(route), "count": None, "active": route == active}
        for label, route in pages
    ]


def cameras_crumbs(kindergarten: Kindergarten) -> list[Crumb]:
    code = kindergarten.code
    return [
        {"label": kindergarten.name, "url": reverse("kindergarten-detail", args=[code])},
        {"label": TITLE, "url": reverse("kindergarten-cameras", args=[code])},
    ]


def refuse(form: forms.Form, refusal: PatrolRefused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def may_patrol(request: SignedInRequest) -> bool:
    return request.user.can(Permission.KEEP_SAFETY) and not is_of_kindergarten(request)


def form_page(
    request: SignedInRequest,
    form: forms.Form,
    *,
    title: str,
    crumbs: list[Crumb],
    sub: str = "",
    submit: str = "保存",
) -> HttpResponse:
    """Back leads to the last crumb."""
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "sub": sub,
        "submit": submit,
        "crumbs": [*crumbs, {"label": title}],
        "back": crumbs[-1]["url"],
    }
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
