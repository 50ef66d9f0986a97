"""A kindergarten's fee schedule: as on a day, a new line, its end, correction, withdrawal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from fees import selectors, services
from fees.forms import FeeCorrectionForm, FeeEndForm, FeeWithdrawalForm, NewFeeForm
from fees.models import FeeItem, ScheduledFee
from fees.services import FeeRefused
from kindergartens.models import Kindergarten
from kindergartens.selectors import licensed_and_running
from kindergartens.stamps import stamp_of


def _kindergarten(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation__region__county"), code=code)


def _fee(request: SignedInRequest, fee_id: int) -> ScheduledFee:
    return get_object_or_404(
        ScheduledFee.objects.visible_to(request.user).standing().select_related("kindergarten"),
        pk=fee_id,
    )


def _refuse(form: forms.Form, refusal: FeeRefused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def asked_day(text: str, today: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return today


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_fees(request: SignedInRequest, code: str) -> HttpResponse:
    """The schedule as on a day (`?day=2026-09-30`, today without it)."""
    kindergarten = _kindergarten(request, code)
    today = timezone.localdate()
    day = asked_day(request.GET.get("day", ""), today)
    found = selectors.schedule(request.user, kindergarten, day)
    context = {
        "kindergarten": kindergarten,
        "day": day,
        "today": today,
        "schedule": found,
        "items": FeeItem,
        "is_published": Kindergarten.objects.visible_to(request.user)
        .filter(licensed_and_running(today), pk=kindergarten.pk)
        .exists(),
        "may_keep": request.user.can(Permission.MANAGE_REGISTRY),
        "reads_filings": request.user.can(Permission.READ_PROCEDURES),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/schedule.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def fee_new(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code)
    now = timezone.now()
    form = NewFeeForm(request.POST or None, initial={"valid_from": timezone.localdate(now)})
    if request.method == "POST" and form.is_valid():
        try:
            fee = services.record_fee(
                kindergarten=kindergarten,
                facts=form.facts(),
                replaces=form.cleaned_data["replaces"],
                by=request.user,
                now=now,
            )
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(
                request, f"{fee.label}{fee.price}已登记，{zhdate(fee.valid_from)}起执行。"
            )
            return redirect("kindergarten-fees", code=code)
    return _form_page(request, form, "登记收费标准", kindergarten)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def fee_correct(request: SignedInRequest, fee_id: int) -> HttpResponse:
    fee = _fee(request, fee_id)
    names = services.FEE_FACTS
    initial = {name: getattr(fee, name) for name in names} | {"seen": stamp_of(fee, names)}
    form = FeeCorrectionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_fee(
                fee_id=fee.pk,
                facts=form.facts(),
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                by=request.user,
            )
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, "已更正。已提交的月报仍按提交时的标准。")
            return redirect("kindergarten-fees", code=fee.kindergarten.code)
    return _form_page(request, form, f"更正{fee.label}标准", fee.kindergarten)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def fee_end(request: SignedInRequest, fee_id: int) -> HttpResponse:
    fee = _fee(request, fee_id)
    form = FeeEndForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_fee(fee_id=fee.pk, by=request.user, **form.cleaned_data)
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{fee.label}自{zhdate(form.cleaned_data['on'])}起不再收。")
            return redirect("kindergarten-fees", code=fee.kindergarten.code)
    return _form_page(
        request, form, f"截止{fee.label}", fee.kindergarten,
        sub=f"{fee.get_scope_display()}，{fee.price}，{zhdate(fee.valid_from)}起。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def fee_withdraw(request: SignedInRequest, fee_id: int) -> HttpResponse:
    fee = _fee(request, fee_id)
    form = FeeWithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _, restored = services.withdraw_fee(
                fee_id=fee.pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            said = f"{fee.label}{fee.price}已撤销。"
            if restored is not None:
                until = f"到{zhdate(restored.valid_to)}前" if restored.valid_to else "，没有截止"
                said += f"原来的{restored.price}接着执行{until}。"
            elif fee.replaced_id is not None:
                said += "原来的标准已另行改过，没有恢复，请核对。"
            elif (before := selectors.over_before(request.user, fee)) is not None:
                said += f"原来的{before.price}没有恢复；现在仍按它收的，请登记一条。"
            messages.success(request, said)
            return redirect("kindergarten-fees", code=fee.kindergarten.code)
    return _form_page(
        request, form, f"撤销{fee.label}标准", fee.kindergarten,
        sub=f"{fee.get_scope_display()}，{fee.price}，{zhdate(fee.valid_from)}起。"
        "只用于登记错了、不该有的一条；撤销后哪一天都不算，改动记录里留着。",
    )  # fmt: skip


@require_GET
@requires(Permission.READ_HISTORY)
def fees_history(request: SignedInRequest, code: str) -> HttpResponse:
    """Who recorded, ended and corrected which line."""
    kindergarten = _kindergarten(request, code)
    rows = ScheduledFee.objects.visible_to(request.user).filter(kindergarten=kindergarten)
    return history_response(
        request,
        [Subject(ScheduledFee, rows.order_by().values("pk"), "收费标准")],
        title=f"{kindergarten.name}收费标准",
        back=(reverse("kindergarten-fees", args=[code]), f"{kindergarten.name}收费标准"),
    )


def _form_page(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    kindergarten: Kindergarten,
    sub: str = "",
) -> HttpResponse:
    back = reverse("kindergarten-fees", args=[kindergarten.code])
    crumbs = [
        {
            "label": kindergarten.name,
            "url": reverse("kindergarten-detail", args=[kindergarten.code]),
        },
        {"label": "收费标准", "url": back},
        {"label": title},
    ]
    context: dict[str, Any] = {"form": form, "title": title, "crumbs": crumbs, "back": back}
    return render(
        request,
        "kindergartens/form.html",
        context | {"sub": sub or kindergarten.name},
        status=422 if form.errors else 200,
    )
