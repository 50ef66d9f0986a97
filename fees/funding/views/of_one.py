"""One kindergarten's public money, aid and audit of a year, and what is recorded of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import quantity
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from fees.funding import presenters, selectors, services
from fees.funding.forms import AidForm, PaymentForm, PaymentWithdrawalForm
from fees.funding.rules import FIRST_YEAR
from fees.models import AidCount, FundingPayment
from fees.services import FeeRefused
from kindergartens.models import Kindergarten

TITLE = "经费和补助"
YEARS_SHOWN = 5


def _kindergarten(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation__region__county"), code=code)


def year_asked(request: SignedInRequest, today: dt.date) -> int:
    """?year=2025, else this one; 404 for nonsense and years to come."""
    text = request.GET.get("year", "")
    if not text:
        return today.year
    if not (text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text) <= today.year):
        raise Http404
    return int(text)


def years_shown(today: dt.date) -> list[int]:
    return list(range(today.year, today.year - YEARS_SHOWN, -1))


@require_GET
@requires(Permission.READ_REGISTRY)
def page(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten, today = _kindergarten(request, code), timezone.localdate()
    year = year_asked(request, today)
    own = Kindergarten.objects.visible_to(request.user).filter(pk=kindergarten.pk)
    [entry] = selectors.entries(own, year, today)
    halves = {
        one.half: one for one in selectors.halves_of(request.user, kindergarten) if one.year == year
    }
    payments = (
        FundingPayment.objects.visible_to(request.user)
        .filter(kindergarten=kindergarten, year=year)
        .select_related("entered_as__user")
    )
    context = {
        "kindergarten": kindergarten,
        "year": year,
        "years": years_shown(today),
        "entry": entry,
        "standards": presenters.standard_words(entry),
        "why_not": presenters.why_not_due(entry),
        "computed": presenters.due_words(entry),
        "stands": presenters.state_words(entry.money),
        "payments": payments,
        "halves": [
            (half, label, halves.get(half), services.begins(year, half) <= today)
            for half, label in AidCount.Half.choices
        ],
        "aid_kinds": AidCount.Kind.choices,
        "audit": entry.audit,
        "audit_words": presenters.audit_words(entry.audit) if entry.audit else "",
        "opinion": presenters.opinion_words(entry.audit) if entry.audit else "",
        "may_pay": request.user.can(Permission.MANAGE_REGISTRY),
        "may_aid": request.user.can(Permission.EDIT_OWN_RECORD),
        "may_ask": request.user.can(Permission.ASK_PROCEDURES),
        "may_read_procedures": request.user.can(Permission.READ_PROCEDURES),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/funding.html", context)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code)
    mine = {"kindergarten": kindergarten}
    subjects = [
        Subject(
            FundingPayment,
            FundingPayment.objects.visible_to(request.user).filter(**mine).values("pk"),
            "经费拨付",
            told_by=("year", "kind", "document"),
        ),
        Subject(
            AidCount,
            AidCount.objects.visible_to(request.user).filter(**mine).values("pk"),
            "资助人数",
            told_by=("year", "half", "kind"),
        ),
    ]
    back = (reverse("kindergarten-funding", args=[code]), TITLE)
    return history_response(request, subjects, title=f"{kindergarten.name}{TITLE}", back=back)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def payment_new(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten, now = _kindergarten(request, code), timezone.now()
    form = PaymentForm(
        request.POST if request.method == "POST" else None, today=timezone.localdate(now)
    )
    if request.method == "POST" and form.is_valid():
        try:
            payment = services.record_payment(
                kindergarten=kindergarten,
                facts=form.facts(),
                another=form.cleaned_data.get("another", False),
                by=request.user,
                now=now,
            )
        except services.PaidTwice as refusal:
            form.ask_whether_another()
            form.add_error("another", str(refusal))
        except FeeRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(
                request, kindergarten, payment.year,
                f"{payment.get_kind_display()}{quantity(payment.yuan)}元已登记。",
            )  # fmt: skip
    return _form(request, form, "登记拨付", kindergarten)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def payment_withdraw(request: SignedInRequest, payment_id: int) -> HttpResponse:
    visible = FundingPayment.objects.visible_to(request.user).standing()
    payment = get_object_or_404(visible.select_related("kindergarten"), pk=payment_id)
    form = PaymentWithdrawalForm(request.POST if request.method == "POST" else None)
    said = f"{payment.year}年{payment.get_kind_display()}{quantity(payment.yuan)}元"
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_payment(
                payment=payment,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except FeeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(
                request, payment.kindergarten, payment.year, f"{said}已撤销，不再计入实拨。"
            )
    return _form(
        request, form, "撤销拨付", payment.kindergarten, submit="撤销",
        sub=f"{said}，{payment.document}。只用于登记错的；改动记录里留着。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_OWN_RECORD)
def aid_edit(request: SignedInRequest, code: str, year: int, half: str) -> HttpResponse:
    """A half-year's aid, every kind; a recorded one is corrected here."""
    now = timezone.now()
    if (
        half not in AidCount.Half.values
        or not FIRST_YEAR <= year <= timezone.localdate(now).year
        or services.begins(year, half) > timezone.localdate(now)
    ):
        raise Http404
    kindergarten = _kindergarten(request, code)
    found = selectors.halves_of(request.user, kindergarten)
    there = next((one for one in found if (one.year, one.half) == (year, half)), None)
    form = AidForm(
        request.POST if request.method == "POST" else None,
        there=there.lines if there else {},
        note=there.note if there else "",
    )
    label = f"{year}年{AidCount.Half(half).label}"
    if request.method == "POST" and form.is_valid():
        try:
            services.record_aid(
                kindergarten=kindergarten,
                year=year,
                half=half,
                lines=form.lines(),
                note=form.cleaned_data["note"],
                seen=form.cleaned_data["seen"],
                reason=form.cleaned_data.get("reason", ""),
                by=request.user,
                now=now,
            )
        except FeeRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return _done(request, kindergarten, year, f"{label}资助已保存。")
    title = f"{'更正' if there else '填报'}{label}资助"
    sub = "只填人数和金额，不填姓名。一名幼儿只计一类。"
    return _form(request, form, title, kindergarten, sub=sub)


def _done(
    request: SignedInRequest, kindergarten: Kindergarten, year: int, text: str
) -> HttpResponse:
    messages.success(request, text)
    return redirect(f"{reverse('kindergarten-funding', args=[kindergarten.code])}?year={year}")


def _form(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    kindergarten: Kindergarten,
    **more: str,
) -> HttpResponse:
    back = reverse("kindergarten-funding", args=[kindergarten.code])
    crumbs = [
        {
            "label": kindergarten.name,
            "url": reverse("kindergarten-detail", args=[kindergarten.code]),
        },
        {"label": TITLE, "url": back},
        {"label": title},
    ]
    context: dict[str, Any] = {"form": form, "title": title, "crumbs": crumbs, "back": back} | more
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
