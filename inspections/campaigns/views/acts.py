"""What is done about a campaign: set it up, give departments their lines, check, issue its circular."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import county_of
from accounts.access.permissions import Permission
from inspections.campaigns import services
from inspections.campaigns.forms import (
    ChangePartForm,
    CheckForm,
    CircularForm,
    CorrectForm,
    HazardForm,
    PartForm,
    PlaceForm,
    ReasonForm,
    SetUpForm,
)
from inspections.campaigns.services import CHECKED, SAID, CampaignRefused
from inspections.campaigns.views.pages import TITLE, campaign_of
from inspections.models import Campaign, CampaignPart, CampaignPlace
from kindergartens.stamps import stamp_of


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def new(request: SignedInRequest) -> HttpResponse:
    county = county_of(request)
    form = SetUpForm(request.POST or None, county=county)
    made: list[Campaign] = []

    def act() -> None:
        made.append(
            services.set_up(
                values=form.values(), towns=form.cleaned_data["towns"], by=request.user,
                now=timezone.now(),
            )
        )  # fmt: skip

    if _done(request, form, act):
        messages.success(request, f"{made[0]}已登记，请增加部门和检查内容。")
        return redirect("campaign", campaign_id=made[0].pk)
    return _form(request, form, "组织集中整治", submit="登记")


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def correct(request: SignedInRequest, campaign_id: int) -> HttpResponse:
    found = campaign_of(request, campaign_id)
    initial = {name: getattr(found, name) for name in SAID} | {"seen": stamp_of(found, SAID)}
    form = CorrectForm(request.POST or None, initial=initial)

    def act() -> None:
        services.correct(
            campaign_id=found.pk, values=form.cleaned_data, seen=form.cleaned_data["seen"],
            reason=form.cleaned_data["reason"], by=request.user,
        )  # fmt: skip

    if _done(request, form, act):
        return _back(request, found, "已更正。")
    return _form(request, form, "更正", found)


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def withdraw(request: SignedInRequest, campaign_id: int) -> HttpResponse:
    found = campaign_of(request, campaign_id)
    form = ReasonForm(request.POST or None)

    def act() -> None:
        services.withdraw(
            campaign_id=found.pk, reason=form.cleaned_data["reason"], by=request.user,
            now=timezone.now(),
        )  # fmt: skip

    if _done(request, form, act):
        messages.success(request, f"{found}已撤销。")
        return redirect("campaigns")
    return _form(
        request,
        form,
        "撤销",
        found,
        submit="撤销",
        sub="只用于登记错了、还没有检查的；改动记录里留着。",
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def part_new(request: SignedInRequest, campaign_id: int) -> HttpResponse:
    found = campaign_of(request, campaign_id)
    form = PartForm(request.POST or None, campaign=found)

    def act() -> None:
        services.add_part(campaign_id=found.pk, by=request.user, **form.cleaned_data)

    if _done(request, form, act):
        return _back(request, found, "已增加部门。")
    return _form(request, form, "增加部门", found)


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def part_change(request: SignedInRequest, campaign_id: int, part_id: int) -> HttpResponse:
    found = campaign_of(request, campaign_id)
    part = _part(request, found, part_id)
    form = ChangePartForm(
        request.POST or None, initial={"items": part.items, "seen": stamp_of(part, ("items",))}
    )

    def act() -> None:
        services.change_part(part_id=part.pk, by=request.user, **form.cleaned_data)

    if _done(request, form, act):
        return _back(request, found, "检查内容已更正。")
    return _form(request, form, f"{part.department}检查内容", found)


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def place_new(request: SignedInRequest, campaign_id: int) -> HttpResponse:
    found = campaign_of(request, campaign_id)
    form = PlaceForm(request.POST or None, by=request.user)

    def act() -> None:
        services.add_place(campaign_id=found.pk, by=request.user, **form.cleaned_data)

    if _done(request, form, act):
        return _back(request, found, "已增加幼儿园。")
    return _form(request, form, "增加幼儿园", found)


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def place_remove(request: SignedInRequest, campaign_id: int, place_id: int) -> HttpResponse:
    found = campaign_of(request, campaign_id)
    place = _place(request, found, place_id)
    form = ReasonForm(request.POST or None)

    def act() -> None:
        services.remove_place(
            place_id=place.pk, reason=form.cleaned_data["reason"], by=request.user,
            now=timezone.now(),
        )  # fmt: skip

    if _done(request, form, act):
        return _back(request, found, f"{place}已移出。")
    return _form(request, form, "移出幼儿园", found, submit="移出", sub=f"{place}。")


@require_http_methods(["GET", "POST"])
@requires(Permission.CHECK_CAMPAIGNS)
def check(request: SignedInRequest, campaign_id: int, part_id: int, place_id: int) -> HttpResponse:
    """A department's check of a place: recorded, or put right with a reason."""
    found = campaign_of(request, campaign_id)
    part, place = _part(request, found, part_id), _place(request, found, place_id)
    made = place.checks.filter(part=part).first()
    initial: dict[str, Any] = {"checked_on": timezone.localdate()}
    if made is not None:
        initial = {name: getattr(made, name) for name in CHECKED} | {
            "seen": stamp_of(made, CHECKED)
        }
    form = CheckForm(request.POST or None, initial=initial)

    def act() -> None:
        services.record_check(
            part=part, place=place, facts=form.facts(), by=request.user, now=timezone.now(),
            seen=form.cleaned_data["seen"], reason=form.cleaned_data["reason"],
        )  # fmt: skip

    if _done(request, form, act):
        return _back(request, found, f"{place}已登记。")
    return _form(
        request, form, f"{part.department}检查", found,
        sub=f"{place}。检查内容：{'；'.join(part.lines)}。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.CHECK_CAMPAIGNS)
def hazard(request: SignedInRequest, campaign_id: int, part_id: int, place_id: int) -> HttpResponse:
    """Which hazard of the register a check opened."""
    if not request.user.can(Permission.KEEP_SAFETY):
        raise PermissionDenied("隐患由教育局和督学登记。")
    found = campaign_of(request, campaign_id)
    part, place = _part(request, found, part_id), _place(request, found, place_id)
    made = place.checks.filter(part=part).first()
    if made is None:
        raise Http404
    form = HazardForm(request.POST or None)

    def act() -> None:
        services.link_hazard(
            check=made, number=form.cleaned_data["number"], by=request.user, now=timezone.now()
        )

    if _done(request, form, act):
        return _back(request, found, "已关联隐患。")
    return _form(
        request, form, "关联隐患", found,
        sub=f"{place}，{part.department}，{made}。先在“安全隐患”里登记，发现途径选集中整治，再填编号。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def issue(request: SignedInRequest, campaign_id: int) -> HttpResponse:
    """The result circular; its figures stay as they are now."""
    found = campaign_of(request, campaign_id)
    form = CircularForm(request.POST or None)

    def act() -> None:
        services.issue(
            campaign_id=found.pk, by=request.user, now=timezone.now(), **form.cleaned_data
        )

    if _done(request, form, act):
        return _back(request, found, "通报已签发，数据不再变动。")
    return _form(
        request, form, "签发通报", found, submit="签发",
        sub="按现在的检查结果生成，签发以后数据不变；有错的另发一期更正。",
    )  # fmt: skip


def _part(request: SignedInRequest, found: Campaign, part_id: int) -> CampaignPart:
    rows = CampaignPart.objects.visible_to(request.user).filter(campaign=found)
    return get_object_or_404(rows.select_related("department", "campaign"), pk=part_id)


def _place(request: SignedInRequest, found: Campaign, place_id: int) -> CampaignPlace:
    rows = CampaignPlace.objects.visible_to(request.user).standing().filter(campaign=found)
    return get_object_or_404(rows.select_related("kindergarten"), pk=place_id)


def _done(request: SignedInRequest, form: forms.Form, act: Callable[[], None]) -> bool:
    """Whether the act was done; not when the form is not sent, is wrong, or the act is refused."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except CampaignRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def _back(request: SignedInRequest, found: Campaign, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("campaign", campaign_id=found.pk)


def _form(
    request: SignedInRequest, form: forms.Form, title: str, found: Campaign | None = None,
    **more: str,
) -> HttpResponse:  # fmt: skip
    crumbs = [{"label": TITLE, "url": reverse("campaigns")}]
    back = crumbs[0]["url"]
    if found is not None:
        back = reverse("campaign", args=[found.pk])
        crumbs.append({"label": found.name, "url": back})
    context = {"form": form, "title": title, "crumbs": [*crumbs, {"label": title}], "back": back}
    status = 422 if form.errors else 200
    return render(request, "kindergartens/form.html", context | more, status=status)
